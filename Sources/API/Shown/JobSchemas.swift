import Core
import Queue

/// The schemas of jobs in the OpenAPI document.
enum JobSchemas {
    static let request = Schema.object(
        [
            "name": Schema.text(1...Limits.name), "arguments": Schema.object,
            "queue": ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$", "default": "default"],
            "priority": Schema.choice(Envelope.Level.self), "run_at": Schema.time,
            "delay_seconds": Schema.number(Limits.delay_s), "max_attempts": Schema.whole(Limits.attempts),
            "timeout_seconds": Schema.number(Limits.timeout_s), "expires_at": Schema.time,
            "tags": Schema.list(Schema.text(1...Limits.tag), most: Limits.tags),
            "durable": [
                "type": "boolean", "default": false,
                "description": "Commit the job to the database before answering; works while Redis is down.",
            ],
        ], required: ["name"])

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

    static let cancel = Schema.object(["reason": Schema.text(0...Limits.reason)])
}
