import Calendar
import Core
import HTTPTypes
import Hummingbird
import Queue
import Scheduler

extension Routes {
    /// `/api/schedules`: jobs that are enqueued at their times.
    enum Scheduled {
        static let routes = [
            Route(.get, "/api/schedules", "List the schedules by name.", list).paged()
                .answering(200, "A page.", "SchedulePage"),
            Route(.post, "/api/schedules", "Make a schedule.", create).taking("ScheduleRequest")
                .answering(201, "Made.", "Schedule"),
            Route(.post, "/api/schedules/preview", "Show when a timing would fire.", tryOut)
                .taking("TimingRequest").answering(200, "The firings.", "Firings"),
            Route(.get, "/api/schedules/{id}", "Show a schedule and its last firings.", show)
                .answering(200, "The schedule.", "Schedule"),
            Route(.put, "/api/schedules/{id}", "Make or replace a schedule; a pause stays.", replace)
                .taking("ScheduleSpec").answering(200, "The schedule as it is now.", "Schedule"),
            Route(.delete, "/api/schedules/{id}", "Remove a schedule; its jobs stay.", delete)
                .answering(204, "Removed."),
            Route(.post, "/api/schedules/{id}/pause", "Let a schedule rest.", pause)
                .taking(
                    Route.Body(
                        type: "application/json", schema: Schema.named("SchedulePause"), isRequired: false)
                )
                .answering(200, "The schedule.", "Schedule"),
            Route(
                .post, "/api/schedules/{id}/resume", "Let a schedule fire again, from now on.", resume
            ).answering(200, "The schedule.", "Schedule"),
            Route(.post, "/api/schedules/{id}/trigger", "Enqueue its job now.", trigger)
                .answering(202, "What became of it.", "ScheduleTrigger"),
            Route(
                .post, "/api/schedules/{id}/backfill", "Enqueue the jobs of all its times in a range.",
                backfill
            ).taking("BackfillRequest").answering(202, "The jobs enqueued.", "Backfill"),
            Route(.get, "/api/schedules/{id}/preview", "Show when it fires next.", preview)
                .query("count", "How many firings, 10 unless told.", Schema.whole(1...most))
                .answering(200, "The firings.", "Firings"),
        ]

        static let schemas = ScheduleSchemas.all
        static let most = Schedule.Limits.preview

        static func list(_ call: Call) async throws -> Answer {
            let limit = try call.limit
            let cursor = try call.query("cursor", "a next_cursor") { Schedule.isName($0) ? $0 : nil }
            let plans = try await call.schedules.list(call.workspace.text, after: cursor, limit: limit)
            let next = plans.count == limit ? plans.last?.schedule.name : nil
            return call.page("schedules", plans.map { ShownSchedule($0).json }, next: next)
        }

        static func create(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            guard let name = json["name"]?.string else {
                throw Failure(.invalid, "/name is missing or no text.", at: "/name")
            }
            let plan = try await call.put(json.without("name"), name: name, mayReplace: false)
            return Answer(.created, ShownSchedule(plan).json)
                .with(.location, "/api/schedules/\(plan.schedule.name)")
        }

        static func show(_ call: Call) async throws -> Answer {
            let plan = try await call.schedules.get(call.workspace.text, call.name)
            let (last, missed) = try await call.schedules.book.firings(plan.schedule.id)
            return Answer(ShownSchedule(plan, firings: last, missed: missed).json)
        }

        static func replace(_ call: Call) async throws -> Answer {
            Answer(ShownSchedule(try await call.put(try await call.json(), name: call.name)).json)
        }

        static func delete(_ call: Call) async throws -> Answer {
            guard try await call.schedules.remove(call.workspace.text, call.name) else {
                throw Failure(.missing, "There is no such schedule.")
            }
            return .empty
        }

        static func pause(_ call: Call) async throws -> Answer {
            let request = try await call.optionalJSON().decode(PauseRequest.self)
            let plan = try await call.schedules.pause(
                call.workspace.text, call.name, reason: try judging { try request.text }, by: call.actor)
            return Answer(ShownSchedule(plan).json)
        }

        static func resume(_ call: Call) async throws -> Answer {
            try await call.allowStart()
            return Answer(
                ShownSchedule(try await call.schedules.resume(call.workspace.text, call.name)).json)
        }

        static func trigger(_ call: Call) async throws -> Answer {
            try await call.allowStart()
            let job = try await call.schedules.trigger(call.workspace.text, call.name, by: call.actor)
            return Answer(.accepted, ["job": JSON(job?.text)])
        }

        static func backfill(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(BackfillRequest.self)
            try await call.allowStart()
            let (range, overlap) = try judging { (try request.range, try request.rule) }
            let ids = try await call.schedules.backfill(
                call.workspace.text, call.name, range, overlap: overlap)
            return Answer(.accepted, ["jobs": .array(ids.map { .string($0.text) })])
        }

        static func preview(_ call: Call) async throws -> Answer {
            let count = try call.query("count", "a number from 1 to \(most)") { text in
                Int(text).flatMap { (1...most).contains($0) ? $0 : nil }
            }
            let plan = try await call.schedules.get(call.workspace.text, call.name)
            let now = try await call.schedules.book.now()
            return firings(plan.schedule.preview(count ?? 10, after: now, until: plan.last))
        }

        static func tryOut(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(TimingRequest.self)
            let timing = try judging { try Timing(request.timing, at: "/timing") }
            return firings(timing.preview(try judging { try request.amount }, after: request.from ?? .now))
        }

        private static func firings(_ moments: [Moment]) -> Answer {
            Answer(["firings": .array(moments.map { .string($0.text) })])
        }
    }
}

extension Call {
    fileprivate var schedules: Schedules {
        Schedules(on: office.house.redis, settings: office.house.queueSettings)
    }

    /// The name in the path.
    fileprivate var name: String { parameters.get("id") ?? "" }

    /// Throws `forbidden` for a caller who may not have the job of the schedule in the path started.
    fileprivate func allowStart() async throws {
        let schedule = try await schedules.get(workspace.text, name).schedule
        try allow(job: schedule.job["name"]?.string ?? "")
    }

    fileprivate func put(_ json: JSON, name: String, mayReplace: Bool = true) async throws -> Standing {
        let schedule = try judging {
            try Schedule(json, name: name, workspace: try workspace.text) {
                try allow(job: $0)
                try office.house.jobs.check($0, $1)
            }
        }
        return try await schedules.put(schedule, mayReplace: mayReplace)
    }
}

extension JSON {
    /// The object without one of its members.
    fileprivate func without(_ name: String) -> JSON {
        members.map { .object($0.filter { $0.name != name }) } ?? self
    }
}
