import Core
import Crypto
import Foundation
import Integrations
import Store
import Workspace

/// Hears recordings: each once, however often the same sound comes.
package struct Listener: Sendable {
    private let tools: Tools
    private let store: Store
    private let workspace: ID

    /// - Parameter store: scoped to the workspace.
    package init(_ tools: Tools, through store: Store) throws {
        self.tools = tools
        self.store = store
        workspace = try store.voice.workspace
    }

    /// The limit that hearing counts against where no connection is named.
    package static let limit = "provider:\(Provider.transcription.name):default"

    private var rows: Rows { store.rows(.transcripts) }

    /// The row with what was heard. Throws `invalid` for a recording that the transcriber refuses and where
    /// there is no transcriber, and what may pass.
    package func hear(_ id: ID) async throws -> Item {
        let row = try await rows.require(id)
        guard row["status"].string != Voice.Status.done.rawValue else {
            // The attempt before may have died between writing that down and this.
            try forget(id)
            return row
        }
        try await rows.update(id, Values(["status": JSON(Voice.Status.running), "error": .null]))
        let ear = try await ear(for: row)
        let order = try await order(for: row, ear)
        let fingerprint = fingerprint(row, order, ear)
        let known = try await store.voice.known(fingerprint)
        let heard =
            if let known { Transcription.Heard(known) } else {
                try await ear.transcription.hear(order)
            }
        let after = try await rows.update(
            id,
            Values([
                "status": JSON(Voice.Status.done), "text": .string(String(heard.text.prefix(200_000))),
                "language": JSON(Self.tag(heard.language) ?? row["language"].string),
                "duration_s": JSON(heard.duration_s ?? row["duration_s"].double),
                "model": .string(order.model),
                "transcriber": .string(ear.name), "fingerprint": .string(fingerprint),
                "reused": .bool(known != nil),
                "error": heard.text.isEmpty ? "No words were heard in the recording." : .null,
            ]))
        // What was heard is written down; the sound is kept no longer than that.
        try forget(id)
        return after
    }

    /// Notes that a recording was not heard, and will not be. The sound stays for another try of the job.
    package func giveUp(_ id: ID, _ failure: Failure) async throws {
        guard try await rows.find(id) != nil else { return }
        try await rows.update(
            id,
            Values([
                "status": JSON(Voice.Status.failed), "error": .string(String(failure.message.prefix(2_000))),
            ]))
    }

    private func forget(_ id: ID) throws {
        guard FileManager.default.fileExists(atPath: tools.uploads.path(workspace, id)) else { return }
        try tools.uploads.discard(workspace, id)
    }

    /// Some servers write `english` for `en`.
    private static func tag(_ language: String?) -> String? {
        guard let language, !language.isEmpty else { return nil }
        return Voice.Language(tag: language)?.rawValue ?? String(language.prefix(35))
    }
}

extension Listener {
    /// What hears.
    private struct Ear {
        let name: String
        /// Tells it from others.
        let id: String
        let transcription: Transcription
        let model: String
    }

    private func ear(for row: Item) async throws -> Ear {
        let named = row.values.id("connection_id")
        let connection =
            if let named { try await tools.connections.open(named, in: workspace) } else {
                try await tools.connections.usual(.transcription, in: workspace)
            }
        let asked = row["model"].string
        guard let connection else {
            return Ear(
                name: "default", id: "default", transcription: Transcription(line: try line()),
                model: asked ?? Transcription.usualModel)
        }
        guard connection.provider.name == Provider.transcription.name else {
            throw Failure(
                .invalid, "\(connection.provider.title) does not turn speech into text.", at: "/connection_id"
            )
        }
        return Ear(
            name: connection.name, id: connection.id.text,
            transcription: Transcription(line: connection.line),
            model: asked ?? connection.settings["model"]?.string ?? Transcription.usualModel)
    }

    /// The line to the operator's own transcriber.
    private func line() throws -> Line {
        do throws(Failure) {
            return try tools.integrations.line(to: .transcription, Credentials([:]))
        } catch {
            throw Failure(
                .invalid,
                "No transcriber is set. Connect one with POST /api/integrations/transcription/connect, or "
                    + "have the operator set ATOM_TRANSCRIBER_URL.")
        }
    }

    private func order(for row: Item, _ ear: Ear) async throws -> Transcription.Order {
        let file = try tools.uploads.open(workspace, row.id)
        defer { try? file.close() }
        let bytes = Array(try file.read(upToCount: Voice.Limits.bytes) ?? Data())
        let audio = try Recording.judge(bytes)
        var order = Transcription.Order(
            bytes, name: "recording.\(audio.kind.rawValue)", mediaType: audio.kind.mediaType)
        order.model = ear.model
        order.language = row["language"].string
        order.prompt = row["prompt"].string
        let isClosed = ear.model == Transcription.commands
        guard isClosed || row["purpose"].string == Recording.Purpose.command.rawValue else { return order }
        let commands = try await store.voice.commands()
        let language = order.language.map { Voice.Language(tag: $0) } ?? .english
        if isClosed { order.grammar = try await grammar(commands, language ?? .english) }
        // English words would have those of another language heard as English ones.
        if order.prompt == nil { order.prompt = language.flatMap { Self.prompt(commands, $0) } }
        return order
    }

    private func grammar(_ commands: [Voice.Command], _ language: Voice.Language) async throws -> String {
        Voice.Grammar(
            commands, in: language, people: try await store.voice.people().map(\.name),
            texts: try await store.voice.openTasks().compactMap { $0["title"].string }
        ).text
    }

    /// The words that commands begin with, each as a sentence of its own: what a recognizer expects it hears
    /// better. Whole examples would have their titles heard where others were said.
    private static func prompt(_ commands: [Voice.Command], _ language: Voice.Language) -> String? {
        var sentences: [String] = []
        for command in commands where Voice.Language(tag: command.language) == language {
            let words = command.phrase.opening
            guard let first = words.first else { continue }
            let sentence = ([first.capitalized] + words.dropFirst()).joined(separator: " ") + "."
            if !sentences.contains(sentence) { sentences.append(sentence) }
        }
        var prompt = ""
        for sentence in sentences where prompt.count + sentence.count < mostOfPrompt {
            prompt += prompt.isEmpty ? sentence : " \(sentence)"
        }
        return prompt.isEmpty ? nil : prompt
    }

    /// Characters of a prompt of our own; Whisper looks at the last 224 tokens.
    private static let mostOfPrompt = 400

    /// Stands for the sound and all that decides what is heard in it.
    private func fingerprint(_ row: Item, _ order: Transcription.Order, _ ear: Ear) -> String {
        let parts = [
            row["sha256"].string, ear.id, order.model, order.language, order.prompt, order.grammar,
        ]
        let text = JSON.array(parts.map { JSON($0) }).text
        return Hex.text(SHA256.hash(data: Array(text.utf8)))
    }
}

extension Transcription.Heard {
    /// What was heard in the same recording before.
    fileprivate init(_ item: Item) {
        self.init(
            text: item["text"].string ?? "", language: item["language"].string,
            duration_s: item["duration_s"].double)
    }
}
