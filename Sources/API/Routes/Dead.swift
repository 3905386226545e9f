import Core
import HTTPTypes
import Queue

extension Routes {
    /// `/api/dead`: jobs that failed for the last time, by what they died of.
    enum Dead {
        static let routes = [
            Route(.get, "/api/dead", "List what jobs died of, the most frequent first.", list)
                .query("queue", "Only jobs of this queue.").query("name", "Only jobs with this name.")
                .query("tag", "Only jobs with this tag.")
                .query("fingerprint", "Only jobs that died of this.")
                .query("from", "Only jobs that died at this time or later.", Schema.time)
                .query("to", "Only jobs that died before this time.", Schema.time)
                .query("limit", "How many groups to show, 50 unless told.", Schema.whole(1...Limits.page))
                .answering(200, "The groups.", "DeadGroups"),
            Route(.post, "/api/dead/retry", "Put dead jobs back on their queues.", retry)
                .taking("DeadOrder").answering(200, "What was done, or would be.", "DeadOutcome"),
            Route(.post, "/api/dead/delete", "Let dead jobs go for good.", delete)
                .taking("DeadOrder").answering(200, "What was done, or would be.", "DeadOutcome"),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let filter = DeadRequest.Filter(
                queue: try call.query("queue", "the name of a queue") { Queue.isName($0) ? $0 : nil },
                name: call.query("name"), tag: call.query("tag"), fingerprint: call.query("fingerprint"),
                from: try call.query("from", "a time such as 2026-03-29T01:30:00Z") { Moment($0) },
                to: try call.query("to", "a time such as 2026-03-29T01:30:00Z") { Moment($0) }, ids: nil)
            let (limit, groups) = (try call.limit, try await groups(filter, call))
            return Answer([
                "groups": .array(groups.prefix(limit).map(show)),
                "total": JSON(groups.count), "jobs": JSON(groups.reduce(0) { $0 + $1.count }),
            ])
        }

        /// The groups of all queues as one list.
        private static func groups(_ filter: DeadRequest.Filter, _ call: Call) async throws -> [DeadGroup] {
            let wanted = try filter.filter(for: call.workspace)
            var joined: [String: DeadGroup] = [:]
            for name in try await filter.queues(call) {
                for group in try await call.office.queues[name].deadGroups(matching: wanted) {
                    joined[group.fingerprint] =
                        joined[group.fingerprint].map { $0.joined(with: group) } ?? group
                }
            }
            return joined.values.sorted(by: DeadGroup.isBefore)
        }

        private static func show(_ group: DeadGroup) -> JSON {
            [
                "fingerprint": .string(group.fingerprint), "name": .string(group.name),
                "kind": .string(group.kind), "count": JSON(group.count), "first_at": JSON(group.first),
                "last_at": JSON(group.last), "sample": JSON(group.sample), "message": .string(group.message),
            ]
        }

        static func retry(_ call: Call) async throws -> Answer {
            try await act(call, "retried", allow: { try call.allow(job: $0) }) { try await $0.revive($1) }
        }

        static func delete(_ call: Call) async throws -> Answer {
            try await act(call, "deleted") { try await $0.discard($1) }
        }

        /// Counts what the filter finds, and does it unless it is a dry run or not what was expected.
        private static func act(
            _ call: Call, _ done: String, allow: (_ job: String) throws -> Void = { _ in },
            _ verb: (Queue, [ID]) async throws -> Int
        ) async throws -> Answer {
            let request = try await call.json().decode(DeadRequest.self)
            let filter = try judging { try request.filter.filter(for: try call.workspace) }
            var found: [(queue: Queue, ids: [ID])] = []
            for name in try await request.filter.queues(call) {
                let queue = call.office.queues[name]
                var (ids, names): ([ID], Set<String>) = ([], [])
                try await queue.visitDead(matching: filter) {
                    ids.append($0.envelope.id)
                    names.insert($0.envelope.name)
                }
                try names.sorted().forEach(allow)
                found.append((queue, ids))
            }
            let matched = found.reduce(0) { $0 + $1.ids.count }
            if request.dryRun == true { return Answer(["matched": JSON(matched), "dry_run": true]) }
            guard request.expected ?? matched == matched else {
                throw Failure(
                    .conflict, "The filter finds \(matched) jobs now. Count again before you go on.",
                    at: "/expected")
            }
            var count = 0
            for (queue, ids) in found where !ids.isEmpty { count += try await verb(queue, ids) }
            return Answer(.object([.init("matched", JSON(matched)), .init(done, JSON(count))]))
        }
    }
}
