import Core
import Workspace

extension Shelf {
    /// The ways into services outside.
    package static let connections = Shelf(.connection)
}
