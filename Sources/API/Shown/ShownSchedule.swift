import Calendar
import Core
import Scheduler

/// A schedule as the API shows it.
struct ShownSchedule {
    let json: JSON

    init(_ plan: Standing, firings: [JSON]? = nil, missed: Int64? = nil) {
        let state: [JSON.Member] = [
            .init("name", .string(plan.schedule.name)), .init("revision", .integer(plan.revision)),
            .init("source", .string(plan.source.rawValue)),
            .init("created_at", .string(plan.created.text)), .init("updated_at", .string(plan.updated.text)),
            .init("next_at", JSON(plan.next?.text)), .init("paused", plan.pause?.json ?? .null),
        ]
        let past: [JSON.Member] =
            (firings.map { [.init("last_firings", .array($0))] } ?? [])
            + (missed.map { [.init("missed", .integer($0))] } ?? [])
        json = .object(state + (plan.schedule.json.withoutSecrets.members ?? []) + past)
    }
}

/// The schemas of schedules in the OpenAPI document.
enum ScheduleSchemas {
    private static let zone: [JSON.Member] = [
        .init("zone", ["type": "string", "description": "An IANA time zone.", "default": "UTC"]),
        .init("gap", Schema.choice(Crossing.Gap.self)),
        .init("overlap", Schema.choice(Crossing.Overlap.self)),
    ]
    private static let locals = Schema.list(Schema.string, most: 1_000)

    private static let timing: JSON = [
        "oneOf": [
            Schema.object(.object([.init("cron", Schema.string)] + zone), required: ["cron"]),
            Schema.object(
                .object([
                    .init("every_seconds", Schema.number(1...315_576_000)), .init("anchor", Schema.time),
                ]), required: ["every_seconds"]),
            Schema.object(.object([.init("at", Schema.time)]), required: ["at"]),
            Schema.object(
                .object(
                    [
                        .init("rrule", Schema.string), .init("dtstart", Schema.string),
                        .init("exdates", locals), .init("rdates", locals),
                    ] + zone), required: ["rrule", "dtstart"]),
        ]
    ]

    private static let spec: [JSON.Member] = [
        .init("timing", Schema.named("Timing")),
        .init("job", ["type": "object", "description": "A job as POST /api/jobs takes it."]),
        .init("overlap", Schema.choice(Schedule.Overlap.self)),
        .init("catch_up_seconds", Schema.number(Schedule.Limits.catchUp_s)),
        .init("jitter_seconds", Schema.number(Schedule.Limits.jitter_s)),
        .init("start", Schema.optional(Schema.time)), .init("end", Schema.optional(Schema.time)),
        .init("limit", Schema.optional(Schema.whole(Schedule.Limits.count))),
        .init("about", Schema.optional(Schema.text(0...Schedule.Limits.about))),
    ]

    private static let name: JSON.Member = .init(
        "name", ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$"])

    private static let shown: [JSON.Member] = [
        name, .init("revision", Schema.count), .init("source", ["type": "string", "enum": ["api", "file"]]),
        .init("created_at", Schema.time), .init("updated_at", Schema.time),
        .init("next_at", Schema.optional(Schema.time)), .init("paused", Schema.optional(Schema.object)),
        .init("last_firings", Schema.list(Schema.object)), .init("missed", Schema.count),
    ]

    static let all: [JSON.Member] = [
        .init("Timing", timing),
        .init("ScheduleSpec", Schema.object(.object(spec), required: ["timing", "job"])),
        .init("ScheduleRequest", Schema.object(.object([name] + spec), required: ["name", "timing", "job"])),
        .init(
            "Schedule",
            Schema.object(.object(shown + spec), required: ["name", "revision", "timing", "job", "next_at"])),
        .init("SchedulePage", Schema.page("schedules", of: "Schedule")),
        .init("SchedulePause", Schema.request(["reason": Schema.text(0...PauseRequest.reasonLimit)])),
        .init("ScheduleTrigger", Schema.object(["job": Schema.optional(Schema.id)], required: ["job"])),
        .init(
            "BackfillRequest",
            Schema.request(
                [
                    "from": Schema.time, "until": Schema.time,
                    "overlap": Schema.choice(Schedule.Overlap.self),
                ], required: ["from", "until"])),
        .init("Backfill", Schema.object(["jobs": Schema.list(Schema.id)], required: ["jobs"])),
        .init(
            "TimingRequest",
            Schema.request(
                [
                    "timing": Schema.named("Timing"), "from": Schema.time,
                    "count": Schema.whole(1...Schedule.Limits.preview),
                ], required: ["timing"])),
        .init("Firings", Schema.object(["firings": Schema.list(Schema.time)], required: ["firings"])),
    ]
}
