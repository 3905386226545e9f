import Core

extension Noun {
    /// What a workspace wants of language models.
    package static let modelSettings = Noun(
        "ai_setting", "ai_settings",
        fields: [
            Field("models", .json(schema: ModelSettings.choices)).or([])
                .about("The models to ask, the first first; where it fails, the next."),
            Field("prices", .json(schema: ModelSettings.priceTable)).or([:])
                .about("What a million tokens cost, in millionths of the unit of money, by model."),
            Field("day_budget_micro", .whole(ModelSettings.amounts)).optional()
                .about("The most that one day (UTC) may cost, in millionths of the unit of money."),
            Field("month_budget_micro", .whole(ModelSettings.amounts)).optional(),
            Field("most_tokens", .whole(16...100_000)).or(1_024)
                .about("The most tokens that one answer may have."),
        ], laws: [{ values in _ = try ModelSettings(values) }])
}

/// The settings of a workspace for language models, read.
package struct ModelSettings: Sendable, Hashable {
    package struct Choice: Sendable, Hashable {
        package let provider: String
        package let model: String
        /// The provider's usual connection where nil.
        package let connection: ID?
    }

    static let amounts = 0...1_000_000_000_000_000
    static let mostChoices = 10
    static let mostPrices = 200

    package var choices: [Choice] = []
    package var prices: [String: Price] = [:]
    package var dayBudget_micro: Int?
    package var monthBudget_micro: Int?
    package var mostTokens = 1_024

    /// What holds where nothing was said.
    package init() {}

    /// Throws `invalid` at what cannot be read.
    package init(_ values: Values) throws {
        choices = try Self.list(values["models"], "/models", most: Self.mostChoices).enumerated()
            .map { try Self.choice($0.element, at: "/models/\($0.offset)") }
        let table = values["prices"] ?? [:]
        guard let members = table.members, members.count <= Self.mostPrices else {
            throw Failure(
                .invalid, "prices must be an object of at most \(Self.mostPrices) models.", at: "/prices")
        }
        for member in members { prices[member.name] = try Price(member.value, at: "/prices/\(member.name)") }
        dayBudget_micro = values.whole("day_budget_micro")
        monthBudget_micro = values.whole("month_budget_micro")
        mostTokens = values.whole("most_tokens") ?? mostTokens
    }

    package var hasBudget: Bool { dayBudget_micro != nil || monthBudget_micro != nil }

    private static func list(_ json: JSON?, _ pointer: String, most: Int) throws(Failure) -> [JSON] {
        guard let items = (json ?? []).array, items.count <= most else {
            throw Failure(.invalid, "It must be a list of at most \(most).", at: pointer)
        }
        return items
    }

    private static func choice(_ json: JSON, at pointer: String) throws(Failure) -> Choice {
        let known = ["provider", "model", "connection_id"]
        guard let members = json.members, members.allSatisfy({ known.contains($0.name) }),
            let provider = json["provider"]?.string, (1...40).contains(provider.count),
            let model = json["model"]?.string, (1...200).contains(model.count)
        else {
            throw Failure(
                .invalid, "A model is an object with provider, model and perhaps connection_id.", at: pointer)
        }
        let given = json["connection_id"] ?? .null
        let connection = given.string.flatMap { ID($0) }
        guard given == .null || connection != nil else {
            throw Failure(.invalid, "connection_id must be an id.", at: "\(pointer)/connection_id")
        }
        return Choice(provider: provider, model: model, connection: connection)
    }

    static let choices: JSON = [
        "type": "array", "maxItems": .integer(Int64(mostChoices)),
        "items": [
            "type": "object", "required": ["provider", "model"], "additionalProperties": false,
            "properties": [
                "provider": ["type": "string", "minLength": 1, "maxLength": 40],
                "model": ["type": "string", "minLength": 1, "maxLength": 200],
                "connection_id": [
                    "oneOf": [
                        ["type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"], ["type": "null"],
                    ]
                ],
            ],
        ],
    ]

    static let priceTable: JSON = [
        "type": "object", "maxProperties": .integer(Int64(mostPrices)),
        "additionalProperties": [
            "type": "object", "required": ["input", "output"], "additionalProperties": false,
            "properties": ["input": Price.schema, "output": Price.schema, "cached": Price.schema],
        ],
    ]
}
