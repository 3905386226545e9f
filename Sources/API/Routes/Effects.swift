import Automation
import Core
import Foundation
import HTTPTypes
import Hummingbird
import Store

extension Routes {
    /// `/api/effects`: the ledger of outward calls, and what people decide about those of unknown end.
    enum Effects {
        static let routes = [
            Route(.get, "/api/effects", "List outward calls in one state, longest untouched first.", list)
                .query("state", "Their state; unknown unless told.", Schema.choice(Store.Effects.State.self))
                .query("limit", "How many to show, 50 unless told.", Schema.whole(1...Limits.page))
                .operating().answering(200, "The calls.", "EffectList"),
            Route(.post, "/api/effects/{key}/resolve", "Say how an unknown call turned out.", resolve)
                .operating().taking("EffectResolution").answering(200, "The call as it is now.", "Effect"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Effect",
                Schema.object(
                    [
                        "key": Schema.string, "provider": Schema.string,
                        "state": Schema.choice(Store.Effects.State.self),
                        "detail": Schema.optional(Schema.string), "job_id": Schema.id,
                        "attempt": Schema.count, "begun_at": Schema.time, "created_at": Schema.time,
                        "updated_at": Schema.time, "advice": Schema.optional(Schema.string),
                    ],
                    required: [
                        "key", "provider", "state", "detail", "job_id", "attempt", "begun_at", "created_at",
                        "updated_at", "advice",
                    ])),
            .init("EffectList", Schema.object(["effects": list], required: ["effects"])),
            .init(
                "EffectResolution",
                Schema.object(
                    [
                        "outcome": ["type": "string", "enum": ["sent", "not_sent"]],
                        "receipt": [
                            "type": ["object", "null"],
                            "description": "What the provider says of it; for sent alone.",
                        ],
                        "reason": Schema.optional(Schema.text(1...reasonLimit)),
                    ], required: ["outcome"])),
        ]

        private static let list = Schema.list(Schema.named("Effect"))
        private static let reasonLimit = 500
        private static let receiptLimit = 10_000

        private struct Request: Decodable {
            let outcome: String
            let receipt: JSON?
            let reason: String?
        }

        private static func list(_ call: Call) async throws -> Answer {
            let state: Store.Effects.State = try call.choice("state") ?? .unknown
            let entries = try await call.store.effects.list(call.workspace, state, limit: call.limit)
            return Answer(["effects": .array(entries.map(show))])
        }

        private static func resolve(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            if let stranger = json.members?.first(where: {
                !["outcome", "receipt", "reason"].contains($0.name)
            }) {
                let name = stranger.name.prefix(60)
                throw Failure(.invalid, "There is no field \"\(name)\" here.", at: "/\(name)")
            }
            let request = try json.decode(Request.self)
            let resolution = try resolution(request, by: call.actor)
            let workspace = try call.workspace
            // A key holds colons, which many callers encode.
            let key = call.parameters.get("key")?.removingPercentEncoding ?? ""
            let entry = try await call.store.transaction { store in
                guard try await store.effects.find(workspace, key: key) != nil else {
                    throw Failure(.missing, "There is no such outward call.")
                }
                try await store.effects.resolve(workspace, key: key, as: resolution)
                guard let entry = try await store.effects.find(workspace, key: key) else {
                    throw Failure(.missing, "There is no such outward call.")
                }
                return entry
            }
            return Answer(show(entry))
        }

        private static func resolution(
            _ request: Request, by actor: String
        ) throws -> Store.Effects.Resolution {
            try judging {
                if let reason = request.reason { try Rule.text(reason, 1...reasonLimit, at: "/reason") }
                switch request.outcome {
                case "sent":
                    let given = request.receipt == .null ? nil : request.receipt
                    guard given == nil || given?.members != nil else {
                        throw Failure(.invalid, "receipt must be an object.", at: "/receipt")
                    }
                    let members = (given?.members ?? []) + [.init("resolved_by", .string(actor))]
                    let text = JSON.object(members).text
                    guard text.utf8.count <= receiptLimit else {
                        throw Failure(
                            .invalid, "receipt may have \(receiptLimit) bytes at most.", at: "/receipt")
                    }
                    return .sent(receipt: text)
                case "not_sent":
                    guard request.receipt == nil || request.receipt == .null else {
                        throw Failure(.invalid, "What was not sent has no receipt.", at: "/receipt")
                    }
                    return .notSent(reason: "\(request.reason ?? "resolved") (\(actor))")
                default:
                    throw Failure(.invalid, "outcome must be sent or not_sent.", at: "/outcome")
                }
            }
        }

        private static func show(_ entry: Store.Effects.Entry) -> JSON {
            [
                "key": .string(entry.key), "provider": .string(entry.provider), "state": JSON(entry.state),
                "detail": JSON(entry.detail), "job_id": JSON(entry.job), "attempt": JSON(entry.attempt),
                "begun_at": JSON(entry.begunAt), "created_at": JSON(entry.createdAt),
                "updated_at": JSON(entry.updatedAt), "advice": JSON(Advice.of(entry)),
            ]
        }
    }
}
