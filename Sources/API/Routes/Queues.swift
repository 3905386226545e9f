import Core
import HTTPTypes
import Queue

extension Routes {
    /// `/api/queues`: what waits where.
    enum Queues {
        static let routes = [
            Route(.get, "/api/queues", "List the queues with their depths.", list)
                .answering(200, "All queues.", "QueueList")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "QueueList",
                Schema.object(["queues": Schema.list(Schema.named("Queue"))], required: ["queues"])),
            .init(
                "Queue",
                Schema.object(
                    [
                        "name": Schema.string, "backlog": Schema.count,
                        "waiting": Schema.object([
                            "high": Schema.count, "normal": Schema.count, "low": Schema.count,
                            "redelivered": Schema.count,
                        ]),
                        "running": Schema.count, "scheduled": Schema.count, "dead": Schema.count,
                        "parked": Schema.count, "oldest_waiting_seconds": Schema.optional(Schema.amount),
                        "totals": ["type": "object", "additionalProperties": Schema.count],
                    ], required: ["name", "backlog"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let now = Moment.now
            let queues = try await call.office.depths().map { show($0, now) }
            return Answer(["queues": .array(queues)])
        }

        private static func show(_ depths: Depths, _ now: Moment) -> JSON {
            let waiting = Envelope.Level.allCases.map { level in
                JSON.Member(level.rawValue, JSON(depths.waiting[level] ?? 0))
            }
            let totals = depths.totals.sorted { $0.key < $1.key }.map {
                JSON.Member($0.key, .integer($0.value))
            }
            return [
                "name": .string(depths.queue), "backlog": JSON(depths.backlog),
                "waiting": .object(waiting + [.init("redelivered", JSON(depths.suspects))]),
                "running": JSON(depths.running), "scheduled": JSON(depths.scheduled),
                "dead": JSON(depths.dead),
                "parked": JSON(depths.parked), "oldest_waiting_seconds": JSON(depths.age_s(now)),
                "totals": .object(totals),
            ]
        }
    }
}

extension Depths {
    /// How long the oldest waiting job has waited, nil when none does.
    func age_s(_ now: Moment) -> Double? { oldest.map { max(0, (now - $0).seconds) } }
}

extension Office {
    /// The depths of every queue.
    func depths() async throws -> [Depths] {
        var depths: [Depths] = []
        for name in try await queues.names() { depths.append(try await queues[name].depths()) }
        return depths
    }
}
