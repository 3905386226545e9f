import Core
import Queue

/// What a caller asks to be done to dead jobs, and to which.
struct DeadRequest: Decodable, Sendable {
    let filter: Filter
    let dryRun: Bool?
    let expected: Int?

    enum CodingKeys: String, CodingKey {
        case filter, expected
        case dryRun = "dry_run"
    }

    /// Which dead jobs are meant; an empty one means all of the workspace.
    struct Filter: Decodable, Sendable {
        let queue: String?
        let name: String?
        let tag: String?
        let fingerprint: String?
        let from: Moment?
        let to: Moment?
        let ids: [ID]?

        /// Throws `Failure(.invalid)` for a filter that makes no sense.
        func filter(for workspace: ID) throws -> Queue.DeadFilter {
            guard queue.map(Queue.isName) ?? true else {
                throw Failure(
                    .invalid, "queue must have 1 to 64 of a-z, 0-9, _ and -.", at: "/filter/queue")
            }
            guard ids.map({ $0.count <= Queue.batchLimit }) ?? true else {
                throw Failure(.invalid, "ids may be \(Queue.batchLimit) at most.", at: "/filter/ids")
            }
            return Queue.DeadFilter(
                name: name, tag: tag, workspace: workspace.text, fingerprint: fingerprint, from: from, to: to,
                ids: ids)
        }

        /// The names of the queues to look into.
        func queues(_ call: Call) async throws -> [String] {
            if let queue { return [queue] }
            return try await call.office.queues.names()
        }
    }
}
