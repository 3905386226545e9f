import Core
import Foundation
import Integrations
import Store
import Workspace

/// E-mail, through the operator's mail server or into the sandbox.
struct MailCourier: Courier {
    let parcel: Parcel
    let tools: Tools

    /// Bytes of all files of a mail together.
    static let filesLimit = 20 << 20

    let provider = "smtp"

    func parts() -> [Parcel.Part] { parcel.whole }

    func digest(of part: Parcel.Part) async throws -> String {
        try tools.integrations.mail.digest(of: try await letter())
    }

    func send(_ part: Parcel.Part) async throws -> Ledger.Call {
        switch try await tools.integrations.mail.send(try await letter()) {
        case .sent(let sent): return .made(receipt: receipt(sent))
        case .unknown(let failure): return .unclear(failure)
        }
    }

    private func receipt(_ sent: Mail.Receipt) -> JSON {
        let refused = sent.refused.map { refusal -> JSON in
            ["recipient": .string(refusal.recipient), "reply": .string(refusal.reply)]
        }
        return [
            "provider": .string(sent.isSandbox ? "sandbox" : provider), "sandbox": .bool(sent.isSandbox),
            "reply": .string(sent.reply), "id": .string(parcel.message.id.text), "refused": .array(refused),
        ]
    }

    /// The same bytes on every attempt: the identity and the date are the message's.
    private func letter() async throws -> Mail.Message {
        let (message, values) = (parcel.message, parcel.values)
        let isHTML = values.text("format") == "html"
        var letter = Mail.Message(
            id: message.id.text, to: values.texts("to").map { Mail.Address($0) },
            subject: values.text("subject") ?? "",
            text: isHTML ? PlainText.of(html: parcel.text) : parcel.text, html: isHTML ? parcel.text : nil,
            date: values.time("occurred_at") ?? message.createdAt)
        letter.replyTo = values.text("from_address").map { Mail.Address($0) }
        letter.headers = try await thread()
        letter.attachments = try await files()
        return letter
    }

    /// An answer stands below what it answers, where that was a mail with a Message-ID.
    private func thread() async throws -> [(name: String, value: String)] {
        guard let earlier = parcel.values.id("in_reply_to"),
            let id = try await store.rows(.messages).find(earlier)?.values.text("external_id"),
            id.contains("@"), !id.contains(where: \.isWhitespace)
        else { return [] }
        let name = id.hasPrefix("<") ? id : "<\(id)>"
        return [("In-Reply-To", name), ("References", name)]
    }

    private func files() async throws -> [Mail.Attachment] {
        var (files, room) = ([Mail.Attachment](), Self.filesLimit)
        for (index, id) in parcel.values.ids("files").enumerated() {
            let item = try await store.rows(.attachments).find(id)
            let content = try read(id, item == nil ? tools.uploads : attachments, upTo: room)
            room -= content.count
            let name = item?["name"].string ?? "file-\(index + 1)"
            let type = item?["type"].string ?? FileType.of(Array(content.prefix(FileType.headBytes)))
            files.append(Mail.Attachment(name: name, type: type, content: content))
        }
        return files
    }

    private func read(_ id: ID, _ folder: Uploads, upTo room: Int) throws -> [UInt8] {
        let handle = try folder.open(parcel.workspace, id)
        defer { try? handle.close() }
        do {
            let content = try handle.read(upToCount: room + 1) ?? Data()
            guard content.count <= room else {
                throw Failure(
                    .invalid, "The files of a mail may have \(Self.filesLimit >> 20) MB together.",
                    at: "/files")
            }
            return Array(content)
        } catch let failure as Failure { throw failure } catch {
            throw Failure(.unavailable, "The file \(id) cannot be read.", cause: error)
        }
    }

    /// Where the files of tasks lie.
    private var attachments: Uploads { Uploads(folder: "\(tools.uploads.folder)/attachments") }

    private var store: Store { tools.store.scoped(Scope(workspace: parcel.workspace)) }
}
