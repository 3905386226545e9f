import Automation
import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Workspace

/// A recording as a caller sent it: kept on disk, known by its content, with what they said of it.
struct RecordingIntake: Sendable {
    let upload: Receiver.Upload
    let audio: Voice.Audio
    private let said: [String: String]

    /// What a caller may say of a recording, in the form or in the query.
    static let names = ["language", "model", "prompt", "connection_id"]
    /// Fields of OpenAI's form that change nothing here.
    private static let ignored: Set<String> = ["response_format", "temperature"]

    /// Takes the recording in. Throws 413 for a longer one than may be, 415 for what does not say that it is
    /// one, and 422 for what is none.
    init(_ call: Call) async throws {
        let limit = Voice.Limits.bytes
        try call.refuseLonger(than: limit + Multipart.headLimit * Multipart.partLimit, "A recording")
        let (desk, workspace) = (call.office.receiver, try call.workspace)
        let part = try Self.part(call)
        do {
            upload = try await desk.receive(
                part.map { RequestBody(asyncSequence: $0) } ?? call.request.body, workspace, limit: limit)
        } catch {
            throw part?.failure ?? error
        }
        do {
            said = try part?.said() ?? [:]
            if let stranger = said.keys.first(where: {
                !Self.names.contains($0) && !Self.ignored.contains($0)
            }) {
                throw Failure(
                    .invalid, "A recording has no field \"\(stranger.prefix(60))\".",
                    at: "/\(stranger.prefix(60))")
            }
            let bytes = try await desk.read(workspace, upload.id, upTo: limit)
            audio = try judging { try Recording.judge(bytes) }
        } catch {
            try await desk.discard(workspace, upload.id)
            throw error
        }
    }

    /// What was said under a name, in the form before the query.
    func text(_ name: String, _ call: Call) -> String? {
        let text = said[name] ?? call.query(name)
        return text?.isEmpty == true ? nil : text
    }

    private static func part(_ call: Call) throws -> FilePart? {
        let type = call.request.headers[.contentType] ?? ""
        if let form = Multipart(contentType: type) { return FilePart(form, call.request.body) }
        let plain = type.prefix { $0 != ";" }.lowercased()
        let isSound =
            plain.hasPrefix("audio/") || ["video/webm", "video/mp4", "application/ogg"].contains(plain)
        guard isSound || plain == "application/octet-stream" else {
            throw Problem.wrongType("multipart/form-data, audio/* or application/octet-stream")
        }
        return nil
    }
}

/// By another name, for an asynchronous sequence has a `Failure` of its own.
private typealias Refusal = Failure

/// The bytes of the file in a form, while they come in.
private final class FilePart: AsyncSequence, Sendable {
    private struct State {
        var form: Multipart
        var failure: Refusal?
    }

    private let state: Mutex<State>
    private let body: RequestBody

    init(_ form: Multipart, _ body: RequestBody) {
        state = Mutex(State(form: form))
        self.body = body
    }

    /// What is wrong with the form, which ends the bytes.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// The fields, once all was read. Throws `Failure(.invalid)` for a form that is none.
    func said() throws -> [String: String] {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard state.form.isWhole else {
                throw Refusal(.invalid, "The form ends before its last boundary.")
            }
            return state.form.fields
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(part: self, chunks: body.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let part: FilePart
        fileprivate var chunks: RequestBody.AsyncIterator

        mutating func next() async throws -> ByteBuffer? {
            while let chunk = try await chunks.next() {
                let bytes = part.take(chunk)
                if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
            }
            return nil
        }
    }

    private func take(_ chunk: ByteBuffer) -> [UInt8] {
        state.withLock { state in
            guard state.failure == nil else { return [] }
            do throws(Refusal) {
                return try state.form.feed(chunk.readableBytesView)
            } catch {
                state.failure = error
                return []
            }
        }
    }
}
