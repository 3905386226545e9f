import Core
import Crypto
import SQL
import Workspace

// Where a new message belongs.
extension Store.Messages {
    /// SHA-256 in hex: what stands for these texts in this order.
    package static func digest(_ parts: [String]) -> String {
        Hex.text(SHA256.hash(data: JSON.array(parts.map(JSON.string)).bytes))
    }

    /// Throws `invalid` at the recipient within Atom who is no user of the workspace.
    func requireUsers(_ values: Values) async throws {
        let (channel, workspace) = (values.text("channel"), try store.rows(.messages).scope.workspace)
        guard channel == Channel.inApp.rawValue, values.text("direction") == "out" else { return }
        for (index, id) in values.ids("to").enumerated()
        where try await store.users.find(workspace, id) == nil {
            throw Failure(.invalid, "to names no user of this workspace.", at: "/to/\(index)")
        }
    }

    /// Finds the contact and the thread of a new message.
    func file(_ draft: inout Shelf.Draft) async throws {
        guard let channel = draft.values.text("channel").flatMap({ Channel(rawValue: $0) }) else { return }
        let others = draft.values.others
        if draft.values.id("contact_id") == nil, others.count == 1 {
            draft.values["contact_id"] = JSON(
                try await store.rows(.contacts).contact(at: others[0], by: channel))
        }
        draft.values["thread_id"] = JSON(try await thread(of: draft, on: channel))
    }

    private func thread(of draft: Shelf.Draft, on channel: Channel) async throws -> ID {
        if let earlier = draft.values.id("in_reply_to"),
            let thread = try await store.rows(.messages).find(earlier)?.values.id("thread_id")
        {
            return thread
        }
        let at = draft.values.time("occurred_at") ?? draft.now
        let key = draft.values.threadKey(on: channel) ?? draft.id.text
        return try await store.threads.join(key, draft.id, channel, at: at)
    }
}

extension Values {
    /// The addresses at the other end.
    fileprivate var others: [String] {
        text("direction") == "in" ? [text("from_address")].compactMap { $0 } : texts("to")
    }

    /// A digest of what the messages of one thread have in common; nil where the other end is not known.
    fileprivate func threadKey(on channel: Channel) -> String? {
        let people = id("contact_id").map { [$0.text] } ?? others.map(channel.canonical).sorted()
        guard !people.isEmpty else { return nil }
        let subject = channel == .email ? (text("subject") ?? "").threadSubject : ""
        return Store.Messages.digest([channel.rawValue, subject] + people)
    }
}

extension String {
    /// The subject without what answering and forwarding put before it.
    fileprivate var threadSubject: String {
        var rest = lowercased().drop(while: \.isWhitespace)
        let prefixes = ["re:", "aw:", "fwd:", "fw:", "wg:"]
        while let prefix = prefixes.first(where: rest.hasPrefix) {
            rest = rest.dropFirst(prefix.count).drop(while: \.isWhitespace)
        }
        return rest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
