import Core
import Store

extension Store.Journal.Entry {
    /// The change as the API shows it.
    func json() throws -> JSON {
        [
            "id": JSON(id), "event": .string(event), "action": JSON(action), "version": JSON(version),
            "actor": .string(actor), "request_id": JSON(request), "changes": try changes, "at": JSON(at),
        ]
    }

    static let schemas: [JSON.Member] = [
        .init(
            "Change",
            Schema.object(
                [
                    "id": Schema.id, "event": Schema.string,
                    "action": Schema.choice(Store.Journal.Action.self),
                    "version": Schema.count, "actor": Schema.string,
                    "request_id": Schema.optional(Schema.string),
                    "changes": [
                        "type": "object",
                        "description": "Each field that differs, with what it held before and after.",
                        "additionalProperties": ["type": "array", "minItems": 2, "maxItems": 2],
                    ],
                    "at": Schema.time,
                ], required: ["id", "event", "action", "version", "actor", "request_id", "changes", "at"])),
        .init("ChangePage", Schema.page("changes", of: "Change")),
    ]
}
