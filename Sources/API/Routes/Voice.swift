import Accounts
import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Store
import Work
import Workspace

extension Routes {
    /// `/integrations/voice/transcribe` and `/api/voice/process`: recordings, written down or obeyed.
    enum Spoken {
        static let transcripts = Resource(.transcripts, at: "/api/voice/transcripts")

        static let routes: [Route] =
            [
                intake(
                    "/integrations/voice/transcribe", "Have a recording written down by a job."
                ) { try await take($0, for: .transcript) },
                intake(
                    "/api/voice/process",
                    "Have a recording written down by a job, and the command in it done."
                ) { try await take($0, for: .command) },
                transcripts.listed, transcripts.shown, deleted, transcripts.told,
            ] + VoiceRuns.routes

        static let schemas =
            transcripts.schemas + VoiceRuns.schemas + [
                .init(
                    "TranscriptReceipt",
                    Schema.object(
                        ["transcript": Schema.named("Transcript"), "job_id": Schema.id],
                        required: ["transcript", "job_id"]))
            ]

        private static func intake(
            _ path: String, _ about: String, _ run: @escaping @Sendable (Call) async throws -> Answer
        ) -> Route {
            let texts = [
                ("language", "What is spoken, as BCP 47; found out unless told.", language),
                (
                    "model", "The transcriber's model; commands hears nothing but commands.",
                    Schema.text(1...100)
                ),
                ("prompt", "Words that are likely to be heard.", Schema.text(1...Voice.Limits.prompt)),
                ("connection_id", "Which connection hears it; the usual one unless told.", Schema.id),
            ]
            let fields = texts.map { JSON.Member($0.0, $0.2) } + [.init("file", sound)]
            let body = Route.Body(
                type: "multipart/form-data", schema: Schema.object(.object(fields), required: ["file"]))
            let route = Route(
                .post, path,
                "\(about) A form, or the recording itself as audio/*; up to \(Voice.Limits.bytes) bytes.",
                run
            ).taking(body).idempotent().answering(202, "Kept, and its job accepted.", "TranscriptReceipt")
            return texts.reduce(route) { $0.query($1.0, $1.1, $1.2) }
        }

        private static let language: JSON = [
            "type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", "minLength": 2,
            "maxLength": 35,
        ]

        private static let sound: JSON = [
            "type": "string", "format": "binary",
            "description": "WAV, MP3, Ogg, WebM, FLAC or M4A, whatever it is called.",
        ]

        private static let deleted = Route(
            .delete, "\(transcripts.path)/{id}", "Delete a transcript, and the recording with it.", delete
        ).guarded().answering(204, "Deleted.")
    }
}

extension Routes.Spoken {
    private static func take(_ call: Call, for purpose: Recording.Purpose) async throws -> Answer {
        let intake = try await RecordingIntake(call)
        do {
            let answer = try await keep(intake, purpose, call)
            if answer.headers[.idempotentReplay] != nil { try await drop(intake.upload.id, call) }
            return answer
        } catch {
            try await drop(intake.upload.id, call)
            throw error
        }
    }

    private static func keep(
        _ intake: RecordingIntake, _ purpose: Recording.Purpose, _ call: Call
    ) async throws -> Answer {
        let recording = try await recording(intake, purpose, call)
        let limit = try await limit(recording.connection, call)
        let request: JSON = [
            "name": .string(Recording.job), "arguments": ["transcript_id": JSON(recording.id)],
            "limits": [["key": .string(limit)]],
            // Of the same sound, the second finds what was heard in the first.
            "exclusive": .string("voice:\(recording.sha256.prefix(32))"),
        ]
        let order = try request.decode(JobRequest.self).order(for: call)
        let content = [recording.sha256] + RecordingIntake.names.map { intake.text($0, call) ?? "" }
        return try await call.keep([order], try Repeatable(call, content.joined(separator: "\u{1F}"))) {
            store in
            let item = try await judging { try await recording.file(job: order.envelope.id, through: store) }
            return Answer(
                .accepted, ["transcript": transcripts.noun.json(item), "job_id": JSON(order.envelope.id)]
            ).with(.location, "\(transcripts.path)/\(item.id)")
        }
    }

    private static func recording(
        _ intake: RecordingIntake, _ purpose: Recording.Purpose, _ call: Call
    ) async throws -> Recording {
        var recording = Recording(
            purpose, intake.audio, id: intake.upload.id, bytes: intake.upload.bytes,
            sha256: intake.upload.sha256)
        recording.language = intake.text("language", call)
        recording.model = intake.text("model", call)
        recording.prompt = intake.text("prompt", call)
        recording.scopes = call.principal?.scopes.column ?? ""
        try judging {
            if let tag = recording.language, Voice.Language.isTag(tag) == false {
                throw Failure(.invalid, "language is no tag of BCP 47, such as en or pt-BR.", at: "/language")
            }
            guard let text = intake.text("connection_id", call) else { return }
            guard let id = ID(text) else {
                throw Failure(.invalid, "connection_id is no id.", at: "/connection_id")
            }
            recording.connection = id
        }
        return recording
    }

    /// What hearing counts against: the connection that is going to hear it.
    private static func limit(_ connection: ID?, _ call: Call) async throws -> String {
        let provider = Provider.transcription.name
        if let connection { return Connection.limit(provider, connection) }
        let usual = try await call.store.connections.usual(provider)
        return usual.map { Connection.limit(provider, $0.id) } ?? Listener.limit
    }

    private static func delete(_ call: Call) async throws -> Answer {
        let answer = try await transcripts.delete(call)
        try await drop(try call.id(of: "transcript"), call)
        return answer
    }

    /// Removes the recording, if it is there still.
    private static func drop(_ id: ID, _ call: Call) async throws {
        let workspace = try call.workspace
        guard try await call.office.receiver.exists(workspace, id) else { return }
        try await call.office.receiver.discard(workspace, id)
    }
}
