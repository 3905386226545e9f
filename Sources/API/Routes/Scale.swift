import Core
import HTTPTypes
import Queue

extension Routes {
    /// `/api/scale`: how many workers the work that could run now wants.
    ///
    /// It counts only what a worker could start: what is paused or stands before a limit wants none. Shaped
    /// for KEDA's metrics-api scaler (`valueLocation: wanted_workers`).
    enum Scale {
        /// The time within which the backlog is to be drained, unless the caller names another.
        static let target_s = 1.0...86_400.0
        static let usualTarget_s = 60.0
        static let mostWorkers = 1_000.0

        static let routes = [
            Route(.get, "/api/scale", "Show how many workers the runnable work wants.", show).asMetrics()
                .query("queue", "Only this queue.")
                .query("target_seconds", "How soon the backlog is to be gone; 60.", Schema.number(target_s))
                .answering(200, "The demand.", "Scale")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Scale",
                Schema.object(
                    [
                        "wanted_workers": Schema.count, "workers": Schema.count,
                        "runnable_jobs": Schema.count, "blocked_jobs": Schema.count,
                        "running_jobs": Schema.count,
                        "time_to_drain_seconds": Schema.optional(Schema.amount),
                        "oldest_eligible_age_seconds": Schema.amount,
                        "jobs_per_second": Schema.optional(Schema.amount),
                    ],
                    required: [
                        "wanted_workers", "workers", "runnable_jobs", "blocked_jobs", "running_jobs",
                        "time_to_drain_seconds", "oldest_eligible_age_seconds",
                    ]))
        ]

        static func show(_ call: Call) async throws -> Answer {
            let target = try call.query("target_seconds", "a number of seconds from 1 to 86400") { text in
                Double(text).flatMap { target_s.contains($0) ? $0 : nil }
            }
            var sum = Sum()
            for name in try await call.queueNames() {
                let demand = try await call.office.queues[name].demand()
                sum.add(demand, pace: call.office.paces.note(demand))
            }
            sum.workers = try await call.office.queues.workers.list().count
            return Answer(sum.json(within: target ?? usualTarget_s))
        }

        /// The demand of some queues together.
        struct Sum {
            var (runnable, blocked, running, workers) = (0, 0, 0, 0)
            var oldest: Moment?
            var pace: Double?

            mutating func add(_ demand: Demand, pace: Double?) {
                runnable += demand.runnable
                blocked += demand.blocked
                running += demand.running
                oldest = [oldest, demand.oldest].compactMap { $0 }.min()
                if let pace { self.pace = (self.pace ?? 0) + pace }
            }

            /// What one worker does at this pace says how many would be done in time. While nothing is known
            /// of the pace, one worker more than there are is asked for when jobs wait.
            func wanted(within target_s: Double) -> Int {
                guard runnable > 0 else { return min(workers, running > 0 ? 1 : 0) }
                guard let pace, pace > 0, workers > 0 else { return workers + 1 }
                let each = pace / Double(workers)
                return max(1, Int(min((Double(runnable) / target_s / each).rounded(.up), mostWorkers)))
            }

            func json(within target_s: Double) -> JSON {
                let drain = runnable == 0 ? 0 : pace.flatMap { $0 > 0 ? Double(runnable) / $0 : nil }
                return [
                    "wanted_workers": JSON(wanted(within: target_s)), "workers": JSON(workers),
                    "runnable_jobs": JSON(runnable), "blocked_jobs": JSON(blocked),
                    "running_jobs": JSON(running), "time_to_drain_seconds": JSON(drain),
                    "oldest_eligible_age_seconds": .double(
                        oldest.map { max(0, (Moment.now - $0).seconds) } ?? 0),
                    "jobs_per_second": JSON(pace),
                ]
            }
        }
    }
}
