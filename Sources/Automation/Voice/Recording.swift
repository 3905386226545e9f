import Core
import Crypto
import Foundation
import Store
import Workspace

/// A recording that came in and lies among the uploads, to be heard by the job `transcribe_voice`.
package struct Recording: Sendable {
    package enum Purpose: String, Sendable, Hashable {
        /// It is written down.
        case transcript
        /// What it says is done, too.
        case command
    }

    /// The row's id, and the upload's.
    package let id: ID
    package let purpose: Purpose
    package let audio: Voice.Audio
    package let bytes: Int
    package let sha256: String
    /// BCP 47; found out by the transcriber where it is nil.
    package var language: String?
    package var model: String?
    /// Words that are likely to be heard.
    package var prompt: String?
    /// The connection that is to hear it; the usual one where it is nil.
    package var connection: ID?
    /// What the key that sent it may do.
    package var scopes = "*"

    package init(_ purpose: Purpose, _ audio: Voice.Audio, id: ID, bytes: Int, sha256: String) {
        self.purpose = purpose
        self.audio = audio
        self.id = id
        self.bytes = bytes
        self.sha256 = sha256
    }

    /// The job that hears it.
    package static let job = "transcribe_voice"

    /// Writes the row; the person of the store's scope is the one who speaks.
    package func file(job: ID, through store: Store) async throws -> Item {
        try await store.rows(.transcripts).create(
            Values([
                "purpose": JSON(purpose), "language": JSON(language), "duration_s": JSON(audio.duration_s),
                "media_type": .string(audio.kind.mediaType), "bytes": JSON(bytes), "sha256": .string(sha256),
                "model": JSON(model), "prompt": JSON(prompt), "connection_id": JSON(connection),
                "job_id": JSON(job), "scopes": .string(scopes),
            ]), id: id)
    }
}

extension Tools {
    /// Takes a recording that came in by another way than the API, such as a voice message: keeps it, writes
    /// its row, and promises the job. Throws `Failure(.invalid)` for what is no recording.
    ///
    /// - Parameter store: scoped to the workspace and to the person who speaks, who may do in it what they
    ///   may do with a key of theirs.
    package func take(
        _ bytes: [UInt8], for purpose: Recording.Purpose, language: String? = nil, through store: Store
    ) async throws -> Item {
        let audio = try Recording.judge(bytes)
        let (workspace, id) = (try store.voice.workspace, ID())
        let file = try uploads.create(workspace, id)
        defer { try? file.close() }
        do {
            try file.write(contentsOf: Data(bytes))
            var recording = Recording(
                purpose, audio, id: id, bytes: bytes.count, sha256: Hex.text(SHA256.hash(data: bytes)))
            recording.language = language
            let envelope = Envelope(
                name: Recording.job, arguments: JSON.object([.init("transcript_id", JSON(id))]).bytes,
                workspace: workspace.text)
            return try await recording.promise(envelope, through: store)
        } catch {
            try uploads.discard(workspace, id)
            throw error
        }
    }
}

extension Recording {
    fileprivate func promise(_ envelope: Envelope, through store: Store) async throws -> Item {
        try await store.transaction { store in
            let workspace = try store.voice.workspace
            let item = try await file(job: envelope.id, through: store)
            try await store.outbox.add(
                .init(id: envelope.id, workspace: workspace, queue: "default", envelope: envelope.bytes))
            return item
        }
    }

    /// Throws `Failure(.invalid)` for what is no recording, a broken, an empty or a too long one.
    package static func judge(_ bytes: [UInt8]) throws(Failure) -> Voice.Audio {
        try Voice.Audio(
            head: Array(bytes.prefix(Voice.Audio.lookBytes)),
            tail: Array(bytes.suffix(Voice.Audio.lookBytes)),
            size: bytes.count)
    }
}
