import Core
import Queue

extension Sight {
    /// The job as callers see it, without its arguments.
    package func members(attempts most: Int?) -> [JSON.Member] {
        envelope.members(queue, state, self, attempts: most)
    }
}

extension Envelope {
    /// The job as callers see it, without its arguments.
    ///
    /// - Parameters:
    ///   - sight: what its queue knows of it; nil while it has not reached it.
    ///   - most: how many attempts the job promises, where the request set no limit of its own.
    package func members(
        _ queue: String, _ state: State, _ sight: Sight?, attempts most: Int?
    ) -> [JSON.Member] {
        identity(queue, state) + fate(sight, attempts ?? most) + [
            .init("created_at", JSON(created)), .init("run_at", JSON(sight?.due ?? due)),
            .init("expires_at", JSON(expires)), .init("started_at", JSON(sight?.started)),
            .init("finished_at", JSON(sight?.finished)), .init("worker", JSON(sight?.worker)),
        ]
    }

    /// What names a job wherever it is shown.
    package func identity(_ queue: String, _ state: State) -> [JSON.Member] {
        [
            .init("id", JSON(id)), .init("name", .string(name)), .init("queue", .string(queue)),
            .init("state", JSON(state)), .init("priority", JSON(level)),
        ]
    }

    private func fate(_ sight: Sight?, _ most: Int?) -> [JSON.Member] {
        [
            .init("attempts", JSON(sight?.attempts ?? 0)), .init("max_attempts", JSON(most)),
            .init("errors", .array(sight?.errors ?? [])), .init("crashes", JSON(sight?.crashes ?? 0)),
            .init("progress", sight?.progress ?? .null), .init("result", sight?.result ?? .null),
            .init("reason", JSON(sight?.reason)), .init("tags", .array(tags.map(JSON.string))),
        ]
    }
}
