import Core
import Workspace

extension Shelf {
    /// The talks with language models, each its person's.
    package static let conversations = Shelf(.conversation)

    package static let chatMessages = Shelf(.chatMessage)

    /// What models and rules propose.
    package static let actions = Shelf(.action)

    /// One row a workspace, under the id of the workspace.
    package static let modelSettings = Shelf(.modelSettings)
}

extension Store {
    /// What the workspace of the scope wants of language models.
    package func modelSettings() async throws -> ModelSettings {
        let rows = rows(.modelSettings)
        guard let row = try await rows.find(rows.scope.workspace) else { return ModelSettings() }
        return try ModelSettings(row.values)
    }
}
