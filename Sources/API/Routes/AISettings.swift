import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/ai/settings` and `/ai/usage`: which models are asked, what they cost and may cost.
    enum AISettings {
        static let noun = Noun.modelSettings

        static let routes = [
            Route(.get, "/ai/settings", "Show which models are asked, and the budgets.", show)
                .answering(200, "The settings.", "AiSettings"),
            Route(.put, "/ai/settings", "Change the settings sent; null empties one.", change)
                .operating().taking("AiSettingChange").answering(200, "The settings now.", "AiSettings"),
            Route(.get, "/ai/usage", "Show what models cost today and this month (UTC).", usage)
                .answering(200, "What was spent, and what calls on their way may cost.", "AiUsage"),
        ]

        static let schemas =
            noun.schemas.filter { $0.name == "AiSettingChange" } + [
                .init(
                    "AiSettings",
                    Schema.object(
                        .object(
                            noun.fields.map { .init($0.name, $0.schema) } + [.init("version", Schema.count)]),
                        required: noun.fields.map(\.name) + ["version"])),
                .init(
                    "AiUsage",
                    Schema.object(["day": period, "month": period], required: ["day", "month"])),
            ]

        private static let period = Schema.object(
            [
                "period": Schema.string, "spent_micro": Schema.count, "reserved_micro": Schema.count,
                "estimated_micro": Schema.count, "budget_micro": Schema.optional(Schema.count),
            ], required: ["period", "spent_micro", "reserved_micro", "estimated_micro", "budget_micro"])
    }
}

extension Routes.AISettings {
    private static func show(_ call: Call) async throws -> Answer {
        shown(try await call.store.rows(.modelSettings).find(try call.workspace))
    }

    private static func change(_ call: Call) async throws -> Answer {
        let given = try noun.read(try await call.json())
        let workspace = try call.workspace
        return shown(
            try await judging {
                try await call.store.transaction { store in
                    let rows = store.rows(.modelSettings)
                    guard try await rows.find(workspace) != nil else {
                        return try await rows.create(given, id: workspace)
                    }
                    return try await rows.update(workspace, given)
                }
            })
    }

    private static func shown(_ item: Item?) -> Answer {
        let members = noun.fields.map { JSON.Member($0.name, item?[$0.name] ?? $0.initial) }
        return Answer(.object(members + [.init("version", JSON(item?.version ?? 0))]))
    }

    private static func usage(_ call: Call) async throws -> Answer {
        let settings = try await call.store.modelSettings()
        let day = String(Moment.now.text.prefix(10))
        return Answer([
            "day": try await period(day, settings.dayBudget_micro, call),
            "month": try await period(String(day.prefix(7)), settings.monthBudget_micro, call),
        ])
    }

    private static func period(_ name: String, _ budget: Int?, _ call: Call) async throws -> JSON {
        let balance = try await call.store.spending.balance(of: name)
        return [
            "period": .string(name), "spent_micro": .integer(balance.spent_micro),
            "reserved_micro": .integer(balance.reserved_micro),
            "estimated_micro": .integer(balance.estimated_micro), "budget_micro": JSON(budget),
        ]
    }
}
