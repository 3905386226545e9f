import Core

/// The job that brings the rows of one connection here: who wants one makes it this way.
package enum SyncOrder {
    package static let job = "sync_connection"

    /// One at a time for each connection, and one waiting behind it at most: who asks while one waits gets
    /// that one.
    ///
    /// - Parameter full: has all there is read again.
    package static func envelope(
        _ connection: ID, of provider: String, in workspace: ID, full: Bool = false
    ) -> Envelope {
        let arguments: JSON = ["connection_id": JSON(connection), "full": .bool(full)]
        var envelope = Envelope(
            name: job, arguments: arguments.bytes, workspace: workspace.text)
        let key = "\(workspace)/sync:\(connection)"
        envelope.flow = Flow(
            share: workspace.text, charges: [.init(Connection.limit(provider, connection))], exclusive: key)
        // A full reading does not wait behind a short one as the same.
        envelope.unique = Unique(full ? "\(key):full" : key, until: .start, conflict: .returnExisting)
        return envelope
    }
}
