import Core
import Foundation
import HTTPTypes
import Hummingbird
import Queue

extension Routes {
    /// `/api/limits` and `/api/pauses`: what keeps jobs from starting, for all queues and workers at once.
    enum FlowRules {
        static let routes = [
            Route(.get, "/api/limits", "List the limits.", limits).operating()
                .answering(200, "All limits, by key.", "LimitList"),
            Route(.put, "/api/limits/{key}", "Set what holds for a key or a family of keys.", set).operating()
                .taking("LimitRequest").answering(200, "It holds from now on.", "LimitRequest"),
            Route(.delete, "/api/limits/{key}", "Lift a limit.", lift).operating()
                .answering(204, "It is lifted."),
            Route(.get, "/api/pauses", "List what is paused.", pauses).operating()
                .answering(200, "All pauses, by key.", "PauseList"),
            Route(.put, "/api/pauses/{key}", "Keep the jobs of a key from starting.", pause).operating()
                .taking(
                    Route.Body(
                        type: "application/json", schema: Schema.named("PauseRequest"), isRequired: false)
                )
                .answering(200, "It is paused.", "Pause"),
            Route(.delete, "/api/pauses/{key}", "Let the jobs of a key start again.", resume).operating()
                .answering(204, "It is resumed."),
            Route(.get, "/api/queues/{name}/shares", "Show the weights of a queue's shares.", shares)
                .operating().answering(200, "The weights that are not 1.", "ShareList"),
            Route(.put, "/api/queues/{name}/shares/{key}", "Set how much of a queue a share gets.", weigh)
                .operating().taking("ShareRequest").answering(200, "The weight.", "ShareRequest"),
        ]

        static let schemas: [JSON.Member] = [
            .init("LimitRequest", LimitRequest.schema),
            .init("LimitList", list(of: "limits", "LimitRequest")),
            .init(
                "PauseRequest",
                Schema.request(["reason": Schema.text(0...Limits.reason), "until": Schema.time])),
            .init(
                "Pause",
                Schema.object(
                    [
                        "by": Schema.string, "reason": Schema.string, "since": Schema.time,
                        "until": Schema.optional(Schema.time),
                    ], required: ["by", "reason", "since", "until"])),
            .init("PauseList", list(of: "pauses", "Pause")),
            .init(
                "ShareRequest",
                Schema.object(["weight": Schema.number(0.01...1_000)], required: ["weight"])),
            .init(
                "ShareList",
                Schema.object(
                    ["shares": ["type": "object", "additionalProperties": Schema.number(0.01...1_000)]],
                    required: ["shares"])),
        ]

        private static func list(of name: String, _ schema: String) -> JSON {
            let entries: JSON = ["type": "object", "additionalProperties": Schema.named(schema)]
            return Schema.object(.object([.init(name, entries)]), required: [name])
        }

        static func limits(_ call: Call) async throws -> Answer {
            let limits = try await call.rules.limits().sorted { $0.key < $1.key }
            return Answer(["limits": .object(limits.map { .init($0.key, $0.value.json) })])
        }

        static func set(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(LimitRequest.self)
            let limit = try judging { try request.limit() }
            try await call.rules.set(limit, for: try call.key)
            return Answer(limit.json)
        }

        static func lift(_ call: Call) async throws -> Answer {
            guard try await call.rules.lift(try call.key) else {
                throw Failure(.missing, "There is no such limit.")
            }
            return Answer.empty
        }

        static func pauses(_ call: Call) async throws -> Answer {
            let pauses = try await call.rules.pauses().sorted { $0.key < $1.key }
            return Answer(["pauses": .object(pauses.map { .init($0.key, $0.value.json) })])
        }

        private struct PauseRequest: Decodable {
            let reason: String?
            let until: Moment?
        }

        static func pause(_ call: Call) async throws -> Answer {
            let request = try await call.optionalJSON().decode(PauseRequest.self)
            try judging {
                try Rule.text(request.reason ?? "", 0...Limits.reason, at: "/reason")
                if let until = request.until, until <= .now {
                    throw Failure(
                        .invalid, "until is in the past: it is \(Moment.now.text) now.", at: "/until")
                }
            }
            let pause = Pause(by: try call.actor, reason: request.reason ?? "", until: request.until)
            try await call.rules.pause(try call.key, pause)
            return Answer(pause.json)
        }

        static func resume(_ call: Call) async throws -> Answer {
            guard try await call.rules.resume(try call.key) else {
                throw Failure(.missing, "It is not paused.")
            }
            return Answer.empty
        }

        private struct ShareRequest: Decodable {
            let weight: Double
        }

        static func shares(_ call: Call) async throws -> Answer {
            let weights = try await call.namedQueue().weights().sorted { $0.key < $1.key }
            return Answer(["shares": .object(weights.map { .init($0.key, .double($0.value)) })])
        }

        static func weigh(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(ShareRequest.self)
            try await call.namedQueue().weigh(try call.key, request.weight)
            return Answer(["weight": .double(request.weight)])
        }
    }
}

extension Pause {
    fileprivate var json: JSON {
        ["by": .string(by), "reason": .string(reason), "since": JSON(since), "until": JSON(until)]
    }
}

extension Call {
    fileprivate var rules: Rules { Rules(on: office.house.redis, settings: office.house.queueSettings) }

    /// The key in the path.
    fileprivate var key: String {
        get throws {
            guard let text = parameters.get("key"), let key = text.removingPercentEncoding else {
                throw Failure(.missing, "There is no such key.")
            }
            return key
        }
    }

    /// The queue in the path.
    func namedQueue() async throws -> Queue {
        guard let name = parameters.get("name"), Queue.isName(name) else {
            throw Failure(.missing, "There is no such queue.")
        }
        return try await office.queues.open(name)
    }
}
