import Core
import HTTPTypes
import Queue

extension Routes {
    /// `/api/jobs/{id}/…`: what happened to one job, what keeps it, what it said.
    enum Insight {
        static let routes = [
            Route(.get, "/api/jobs/{id}/timeline", "Show what happened to a job, oldest first.", timeline)
                .query("queue", hint).answering(200, "Its timeline.", "Timeline"),
            Route(.get, "/api/jobs/{id}/explain", "Show everything that keeps a job from starting.", explain)
                .query("queue", hint).answering(200, "What keeps it.", "Explanation"),
            Route(.get, "/api/jobs/{id}/logs", "Show the lines a job has noted, the last of them.", logs)
                .query("queue", hint).answering(200, "Its lines.", "JobLog"),
        ]

        private static let hint = "The job's queue, where it is known; it saves looking into all of them."

        static let schemas: [JSON.Member] = [
            .init("Timeline", Schema.object(["entries": Schema.list(Schema.named("TimelineEntry"))])),
            .init(
                "TimelineEntry",
                Schema.object(
                    [
                        "at": Schema.time, "event": Schema.string, "actor": Schema.optional(Schema.string),
                        "detail": Schema.any, "queue": Schema.string, "version": Schema.count,
                        "run_at": Schema.time, "trace": Schema.string, "parent_id": Schema.id,
                        "reason": Schema.string,
                    ], required: ["at", "event", "actor"])),
            .init(
                "Explanation",
                Schema.object(
                    [
                        "state": Schema.string, "ahead": Schema.optional(Schema.count),
                        "blockers": Schema.list(
                            Schema.object(
                                [
                                    "kind": Schema.choice(Explanation.Blocker.Kind.self),
                                    "key": Schema.string, "until": Schema.optional(Schema.time),
                                ], required: ["kind", "key", "until"])),
                        "earliest_start": Schema.optional(Schema.time),
                        "estimated_start": Schema.optional(Schema.time),
                    ], required: ["state", "blockers"])),
            .init(
                "JobLog",
                Schema.object([
                    "lines": Schema.list(
                        Schema.object(["at": Schema.time, "line": Schema.string], required: ["at", "line"]))
                ])),
        ]

        static func timeline(_ call: Call) async throws -> Answer {
            let (sight, _) = try await call.queuedJob()
            return Answer(["entries": .array(sight.timeline)])
        }

        static func explain(_ call: Call) async throws -> Answer {
            let (sight, queue) = try await call.queuedJob()
            var explanation = try await queue.explain(sight.envelope.id)
            if explanation.state == "missing" { explanation = explanation.ended(as: sight.state) }
            if explanation.state == "waiting", try await !isOffered(sight, call) {
                explanation = explanation.adding(.noWorker, sight.envelope.name)
            }
            let pace = await call.office.paces.per_s(of: queue.name)
            return Answer(explanation.json(drain_per_s: pace))
        }

        /// True when a live worker serves the job's queue and knows its name and version.
        private static func isOffered(_ sight: Sight, _ call: Call) async throws -> Bool {
            try await call.office.queues.workers.list().contains { worker in
                let queues = worker.about["queues"]?.array?.compactMap(\.string) ?? []
                let offers = worker.about["jobs"]?.array?.compactMap(\.string) ?? []
                return queues.contains(sight.queue) && offers.contains { sight.envelope.fits($0) }
            }
        }

        static func logs(_ call: Call) async throws -> Answer {
            let (sight, _) = try await call.queuedJob()
            return Answer(["lines": sight.progress?["log"] ?? .array([])])
        }
    }
}

extension Envelope {
    /// True when a worker that offers `name@version` can run the job.
    fileprivate func fits(_ offer: String) -> Bool {
        let parts = offer.split(separator: "@")
        return parts.first.map(String.init) == name
            && version <= parts.dropFirst().first.flatMap { Int($0) } ?? 1
    }
}
