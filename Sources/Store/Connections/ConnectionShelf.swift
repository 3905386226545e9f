import Core
import Workspace

extension Shelf {
    /// The ways into services outside.
    package static let connections: Shelf = {
        var shelf = Shelf(.connection)
        shelf.settle = { change, store in try await store.zendesk.hear(ofConnection: change) }
        return shelf
    }()
}
