import Core
import HTTPTypes
import Queue
import Store

extension Routes {
    /// `/api/health`: whether this process lives, can serve, and finds everything it needs.
    enum Health {
        static let routes = [
            Route(.get, "/api/health/live", "Say that the process answers.", live).open()
                .answering(200, "It does.", "HealthLight"),
            Route(
                .get, "/api/health/ready",
                "Say whether requests can be served: with the database alone, durable jobs are accepted.",
                ready
            ).open().answering(200, "They can.", "HealthLight").answering(503, "They cannot.", "HealthLight"),
            Route(
                .get, "/api/health/status", "Check every part: Redis by a script, the database, workers.",
                status
            )
            .glance().answering(200, "All is well, or degraded.", "Health")
            .answering(503, "A part that is needed is down.", "Health"),
            Route(.get, "/api/health/metrics", "Show the numbers of every part.", metrics).asMetrics()
                .answering(200, "The numbers; of a part that is down there are none.", "HealthMetrics"),
            Route(.get, "/api/health/alerts", "List what somebody should look after.", alerts).asMetrics()
                .answering(200, "The alerts, the critical ones first.", "HealthAlerts"),
        ]

        static func live(_ call: Call) async throws -> Answer { Answer(["status": "ok"]) }

        static func ready(_ call: Call) async throws -> Answer {
            let database = await Checkup(call.office).database()
            return Answer(
                database.isUp ? .ok : .down, ["status": database.isUp ? "ok" : "down"])
        }

        static func status(_ call: Call) async throws -> Answer {
            let office = call.office
            let parts = await Checkup(office).all()
            let seesDetails = call.principal != nil || office.settings.metricsAreOpen
            let isUp = parts.allSatisfy { $0.isUp }
            let word = !isUp ? "down" : parts.allSatisfy { !$0.isDegraded } ? "ok" : "degraded"
            let json: JSON = [
                "status": .string(word), "version": .string(office.settings.version),
                "uptime_seconds": .double((Moment.now - office.began).seconds),
                "checks": .object(parts.map { .init($0.name, $0.json(seesDetails)) }),
            ]
            return Answer(isUp ? .ok : .down, json)
        }

        static func metrics(_ call: Call) async throws -> Answer {
            let parts = await Checkup(call.office).all()
            return Answer(
                .object(
                    parts.map { part in
                        let numbers = part.details.filter { part.number($0.name) != nil || $0.value == .null }
                        return .init(part.name, .object(numbers))
                    }))
        }

        static func alerts(_ call: Call) async throws -> Answer {
            let parts = await Checkup(call.office).all()
            let alarms = Alarm.all(call.office.settings.thresholds)
            return Answer(["alerts": .array(call.office.alarms.raised(alarms, by: parts))])
        }
    }
}

extension Routes.Health {
    static let schemas: [JSON.Member] = [
        .init("HealthLight", Schema.object(["status": Schema.string], required: ["status"])),
        .init(
            "Health",
            Schema.object(
                [
                    "status": ["type": "string", "enum": ["ok", "degraded", "down"]],
                    "version": Schema.string, "uptime_seconds": Schema.amount, "checks": Schema.object,
                ], required: ["status", "version", "uptime_seconds", "checks"])),
        .init(
            "HealthMetrics",
            [
                "type": "object",
                "additionalProperties": [
                    "type": "object", "additionalProperties": ["type": ["number", "boolean", "null"]],
                ],
            ]),
        .init(
            "HealthAlerts",
            Schema.object(["alerts": Schema.list(Schema.named("HealthAlert"))], required: ["alerts"])),
        .init(
            "HealthAlert",
            Schema.object(
                [
                    "name": Schema.string, "severity": Schema.choice(Alarm.Severity.self),
                    "since": Schema.time, "value": ["type": "number"], "threshold": ["type": "number"],
                    "advice": Schema.string,
                ], required: ["name", "severity", "since", "value", "threshold", "advice"])),
    ]
}
