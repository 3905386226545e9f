import Core
import HTTPTypes
import Hummingbird
import Queue
import Work

extension Routes {
    /// `/api/jobs/batch`: many jobs at once, all or none.
    enum Batch {
        static let routes = [
            Route(
                .post, "/api/jobs/batch",
                "Enqueue \(Limits.jobsInBatch) jobs at most, all or none; durable with an Idempotency-Key.",
                create
            ).taking("BatchRequest").idempotent().answering(
                202, "All accepted, in their order.", "BatchReceipt")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "BatchRequest",
                Schema.request(
                    [
                        "jobs": Schema.list(Schema.named("JobRequest"), most: Limits.jobsInBatch),
                        "durable": Schema.bool,
                    ], required: ["jobs"])),
            .init(
                "BatchReceipt",
                Schema.object(["jobs": Schema.list(Schema.named("JobReceipt"))], required: ["jobs"])),
        ]

        private struct Request: Decodable {
            let jobs: [JSON]
            let durable: Bool?
        }

        static func create(_ call: Call) async throws -> Answer {
            let json = try await call.json(upTo: call.office.settings.bounds.batch)
            let request = try json.decode(Request.self)
            let repeatable = try Repeatable(call, json.canonical.text)
            let orders = try read(request.jobs, call)
            // Many jobs and their key are remembered together only in the database.
            if request.durable == true || repeatable != nil {
                return try await call.keep(orders, repeatable, answer: accepted(orders, .durable))
            }
            let queue = try oneQueue(orders)
            try await call.office.admit(orders.map(\.envelope), to: queue)
            return accepted(orders, .accepted)
        }

        private static func read(_ jobs: [JSON], _ call: Call) throws -> [Order] {
            guard (1...Limits.jobsInBatch).contains(jobs.count) else {
                throw Problem.senseless(
                    Failure(
                        .invalid, "A batch has 1 to \(Limits.jobsInBatch) jobs; this has \(jobs.count).",
                        at: "/jobs"))
            }
            let (workspace, now) = (try call.workspace, Moment.now)
            return try jobs.enumerated().map { index, json in
                let place = "/jobs/\(index)"
                let request = try json.decode(JobRequest.self, at: place)
                guard request.durable == nil else {
                    throw Problem.senseless(
                        Failure(.invalid, "durable is said once, beside jobs.", at: "\(place)/durable"))
                }
                return try judging {
                    try placing(place) { try request.order(askedBy: call, now: now) }
                }
            }
        }

        /// Lets refusals speak of the field where it stands in the whole request.
        private static func placing<Value>(_ place: String, _ body: () throws -> Value) throws -> Value {
            do { return try body() } catch let failure as Failure {
                guard let pointer = failure.pointer else { throw failure }
                let isNamed = failure.message.hasPrefix(pointer)
                throw Failure(
                    failure.kind, isNamed ? place + failure.message : failure.message, at: place + pointer,
                    retryAfter: failure.retryAfter)
            } catch var problem as Problem {
                problem.pointer = problem.pointer.map { place + $0 }
                throw problem
            }
        }

        /// One script moves jobs of one queue only, so all or none holds for one queue.
        private static func oneQueue(_ orders: [Order]) throws -> String {
            guard let stray = orders.firstIndex(where: { $0.queue != orders[0].queue }) else {
                return orders[0].queue
            }
            throw Problem.senseless(
                Failure(
                    .invalid, "A batch goes to one queue unless it is durable.", at: "/jobs/\(stray)/queue"))
        }

        private static func accepted(_ orders: [Order], _ how: Acceptance) -> Answer {
            Answer(.accepted, ["jobs": .array(orders.map { ShownJob.receipt($0, how) })])
        }
    }
}
