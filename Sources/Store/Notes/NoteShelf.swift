import Core
import SQL
import Workspace

extension Shelf {
    /// The notes, each its author's.
    package static let notes = Shelf(.note)

    /// The pieces of software that are worked on.
    package static let devProjects = Shelf(.devProject)

    /// What may be said, and what is done then.
    package static let voiceCommands: Shelf = {
        var shelf = Shelf(.voiceCommand)
        shelf.prepare = { draft, store in
            guard let phrase = draft.values.text("phrase"), let language = draft.values.text("language"),
                let holder = try await store.voiceCommand(phrase, in: language), holder != draft.id
            else { return }
            throw Failure(.conflict, "There is a command with this phrase already.", at: "/phrase")
        }
        return shelf
    }()
}

extension Store {
    /// The command of this phrase, whatever the case of its letters.
    fileprivate func voiceCommand(_ phrase: String, in language: String) async throws -> ID? {
        try await access.query(
            """
            select id from voice_commands
            where workspace_id = $1 and language = $2 and lower(phrase) = lower($3)
            """, [Value(access.scope?.workspace), .text(language), .text(phrase)]
        ) { try $0.get("id", as: ID.self) }.first
    }
}
