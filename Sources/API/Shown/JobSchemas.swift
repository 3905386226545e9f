import Core
import Queue
import Work

/// The schemas of jobs in the OpenAPI document.
enum JobSchemas {
    private typealias Most = JobRequest.Limits

    static let request = Schema.request(
        [
            "name": Schema.text(1...Most.name), "arguments": Schema.object,
            "queue": ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "default": "default"],
            "priority": Schema.choice(Envelope.Level.self), "run_at": Schema.time,
            "delay_seconds": Schema.number(Most.delay_s), "max_attempts": Schema.whole(Most.attempts),
            "timeout_seconds": Schema.number(Most.timeout_s), "expires_at": Schema.time,
            "tags": Schema.list(Schema.text(1...Most.tag), most: Most.tags),
            "callback_url": [
                "type": "string", "format": "uri", "maxLength": .integer(Int64(Most.callback)),
                "description": "Is told when the job has ended, signed as Standard Webhooks has it.",
            ],
            "share": [
                "type": "string", "maxLength": .integer(Int64(Flow.keyLimit)),
                "description": "Jobs take turns by share; the workspace unless told, none when empty.",
            ],
            "limits": Schema.list(
                Schema.request(
                    ["key": key, "cost": Schema.whole(Most.cost)], required: ["key"]),
                most: Flow.chargeLimit),
            "exclusive": key, "overflow": Schema.choice(Overflow.self), "unique": unique,
            "deadline_at": Schema.time, "retry_until": Schema.time, "parent_id": Schema.id,
            "durable": [
                "type": "boolean", "default": false,
                "description": "Commit the job to the database before answering; works while Redis is down.",
            ],
        ], required: ["name"])

    private static let key: JSON = [
        "type": "string", "minLength": 1, "maxLength": .integer(Int64(Flow.keyLimit)),
        "pattern": #"^[^\s"\\;,*|]+$"#,
    ]

    private static let unique = Schema.request([
        "key": key, "by": Schema.list(Schema.string), "until": Schema.choice(Unique.Until.self),
        "lifetime_seconds": Schema.number(Most.lifetime_s),
        "on_conflict": Schema.choice(Unique.Conflict.self),
        "maximum_wait_seconds": Schema.number(Most.lifetime_s),
    ])

    private static let identity: [JSON.Member] = [
        .init("id", Schema.id), .init("name", Schema.string), .init("queue", Schema.string),
        .init("state", Schema.choice(State.self)), .init("priority", Schema.choice(Envelope.Level.self)),
    ]

    static let receipt = Schema.object(
        .object(
            identity + [
                .init("acceptance", Schema.choice(Acceptance.self)), .init("created_at", Schema.time),
                .init("run_at", Schema.optional(Schema.time)),
            ]), required: ["id", "name", "queue", "state", "acceptance", "created_at"])

    static let job = Schema.object(
        .object(
            identity + [
                .init("attempts", Schema.count), .init("max_attempts", Schema.optional(Schema.count)),
                .init("errors", Schema.list(Schema.object)), .init("crashes", Schema.count),
                .init("progress", Schema.any), .init("result", Schema.any),
                .init("reason", Schema.optional(Schema.string)), .init("tags", Schema.list(Schema.string)),
                .init("arguments", Schema.any), .init("created_at", Schema.time),
                .init("run_at", Schema.optional(Schema.time)),
                .init("expires_at", Schema.optional(Schema.time)),
                .init("started_at", Schema.optional(Schema.time)),
                .init("finished_at", Schema.optional(Schema.time)),
                .init("worker", Schema.optional(Schema.string)),
                .init("acceptance", Schema.choice(Acceptance.self)),
            ]), required: ["id", "name", "queue", "state", "attempts", "errors", "crashes", "created_at"])

    static let cancel = Schema.request([
        "reason": Schema.text(0...Limits.reason),
        "cascade": ["type": "boolean", "default": false, "description": "Cancel its children too."],
    ])
}
