import Core
import HTTPTypes
import Hummingbird
import Queue
import Work

extension Routes {
    /// `/api/jobs`: work to be done, one job at a time.
    enum Jobs {
        static let routes = [
            Route(.post, "/api/jobs", "Enqueue a job.", create).taking("JobRequest").idempotent()
                .query(
                    "wait", "Answer when the job has ended, at most so many seconds later.",
                    Schema.number(Waits.patience_s)
                )
                .answering(200, "It has ended.", "Job")
                .answering(202, "Accepted; Location names the job.", "JobReceipt"),
            Route(.get, "/api/jobs", "List jobs: those that wait and run first, then those that ended.", list)
                .query("state", "Only jobs in this state.", Schema.choice(State.self))
                .query("queue", "Only jobs of this queue.").query("name", "Only jobs with this name.")
                .query("tag", "Only jobs with this tag.").paged().answering(200, "A page.", "JobPage"),
            Route(.get, "/api/jobs/{id}", "Show a job.", show).query("queue", queueHint)
                .answering(200, "The job.", "Job"),
            Route(.post, "/api/jobs/{id}/cancel", "Cancel a job.", cancel).query("queue", queueHint)
                .taking(
                    Route.Body(type: "application/json", schema: Schema.named("JobCancel"), isRequired: false)
                )
                .answering(200, "Cancelled.", "Job")
                .answering(202, "It runs, and its worker was asked to stop it.", "Job"),
            Route(.post, "/api/jobs/{id}/retry", "Put a dead job back on its queue.", retry)
                .query("queue", queueHint).answering(202, "It waits again.", "Job"),
        ]

        static let schemas: [JSON.Member] = [
            .init("JobRequest", JobSchemas.request), .init("JobReceipt", JobSchemas.receipt),
            .init("Job", JobSchemas.job), .init("JobPage", Schema.page("jobs", of: "Job")),
            .init("JobCancel", JobSchemas.cancel),
        ]

        private static let queueHint =
            "The job's queue, where it is known; it saves looking into all of them."

        static func create(_ call: Call) async throws -> Answer {
            let patience = try call.query("wait", "a number of seconds from 1 to 60") { text in
                Double(text).flatMap { Waits.patience_s.contains($0) ? Duration.seconds($0) : nil }
            }
            let json = try await call.json(upTo: call.office.settings.bounds.job)
            let request = try json.decode(JobRequest.self)
            let workspace = try call.workspace
            let order = try judging { try request.order(askedBy: call) }
            let repeatable = try Repeatable(call, json.canonical.text)
            let accept = {
                if request.durable == true {
                    return try await call.keep([order], repeatable, answer: accepted(order, .durable))
                }
                return try await admit(order, repeatable, call)
            }
            guard let patience else { return try await accept() }
            return try await call.office.waits.with(call.office.queues[order.queue]) { wait in
                try await ended(wait, accept: accept, within: patience, call)
            }
        }

        /// The answer of a job that has ended within the time, else its receipt.
        private static func ended(
            _ wait: Wait, accept: () async throws -> Answer, within patience: Duration, _ call: Call
        ) async throws -> Answer {
            let receipt = try await accept()
            guard let location = receipt.headers[.location], let id = location.split(separator: "/").last,
                let job = ID(id), let sight = try await wait.end(of: job, within: patience)
            else { return receipt }
            var answer = Answer(ShownJob(sight, call.office.house.jobs).json).with(.location, location)
            answer.headers[.idempotentReplay] = receipt.headers[.idempotentReplay]
            return answer
        }

        private static func admit(_ order: Order, _ key: Repeatable?, _ call: Call) async throws -> Answer {
            let once = key.map { Queue.Once(key: $0.global, fingerprint: $0.fingerprint) }
            switch try await call.office.admit(order, once: once) {
            case .accepted, .known: return accepted(order, .accepted)
            case .mismatched: throw Problem.keyMismatch
            case .repeated(let id):
                return try await earlier(order, id, call).with(.idempotentReplay, "true")
            case .existing(let id): return try await earlier(order, id, call)
            case .held(let id):
                throw Failure(.conflict, "Job \(id) holds the lock of this one.", at: "/unique")
            case .dropped(let limit):
                throw Failure(.conflict, "The job was left out, because the limit \(limit) is full.")
            case .full(let limit):
                throw Failure(.limited, "The limit \(limit) is full.", at: "/limits", retryAfter: .seconds(1))
            case .stale: throw Failure(.broken, "A job without a ticket cannot be stale.")
            }
        }

        /// The answer for a job that was made before and stands for this one.
        private static func earlier(_ order: Order, _ id: ID, _ call: Call) async throws -> Answer {
            let sight = try await call.office.queues[order.queue].look([id]).first ?? nil
            let before = Order(envelope: order.envelope.renamed(id), queue: order.queue)
            return accepted(before, .accepted, state: sight?.state)
        }

        private static func accepted(_ order: Order, _ how: Acceptance, state: State? = nil) -> Answer {
            Answer(.accepted, ShownJob.receipt(order, how, state: state))
                .with(.location, "/api/jobs/\(order.envelope.id)")
        }

        static func list(_ call: Call) async throws -> Answer {
            let workspace = try call.workspace
            let filter = Queue.Filter(
                state: try call.choice("state"), workspace: workspace.text, name: call.query("name"),
                tag: call.query("tag"))
            let pages = JobPages(office: call.office, filter: filter, limit: try call.limit)
            let cursor = try call.query("cursor", "a next_cursor") { JobPages.Cursor($0) }
            let page = try await pages.page(call.queueNames(), after: cursor)
            let jobs = page.jobs.map { ShownJob($0, call.office.house.jobs).json }
            return call.page("jobs", jobs, next: page.next?.text)
        }

        static func show(_ call: Call) async throws -> Answer {
            switch try await call.job() {
            case .queued(let sight, _): Answer(ShownJob(sight, call.office.house.jobs).json)
            case .promised(let entry): Answer(try ShownJob(entry, call.office.house.jobs).json)
            }
        }

        private struct CancelRequest: Decodable {
            let reason: String?
            let cascade: Bool?
        }

        static func cancel(_ call: Call) async throws -> Answer {
            let request = try await call.optionalJSON().decode(CancelRequest.self)
            let reason = request.reason ?? "cancelled through the API"
            guard reason.unicodeScalars.count <= Limits.reason else {
                throw Problem.senseless(
                    Failure(.invalid, "reason may have \(Limits.reason) characters at most.", at: "/reason"))
            }
            let (sight, queue) = try await call.queuedJob()
            let status: HTTPResponse.Status =
                switch try await queue.cancel(sight.envelope.id, reason: reason) {
                case .cancelled: .ok
                case .running: .accepted
                case .dead: throw Failure(.conflict, "The job is dead and will not run again by itself.")
                case .missing: throw Failure(.conflict, "The job has ended; it is too late to cancel it.")
                }
            if request.cascade == true {
                _ = try await queue.cancelChildren(of: sight.envelope.id, reason: reason)
            }
            return Answer(status, try await look(sight, queue, call))
        }

        static func retry(_ call: Call) async throws -> Answer {
            let (sight, queue) = try await call.queuedJob()
            try call.allow(job: sight.envelope.name)
            guard try await queue.retry(sight.envelope.id) else {
                throw Failure(
                    .conflict, "Only a dead job can be put back; this one is \(sight.state.rawValue).")
            }
            return Answer(.accepted, try await look(sight, queue, call))
        }

        /// The job as it is now, after a change.
        private static func look(_ sight: Sight, _ queue: Queue, _ call: Call) async throws -> JSON {
            let now = try await queue.look([sight.envelope.id]).first ?? nil
            return ShownJob(now ?? sight, call.office.house.jobs).json
        }
    }
}
