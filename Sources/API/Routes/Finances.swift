import Core
import Store
import Workspace

extension Routes {
    /// `/api/finances`: money that moved, what it was for, and how much of it there may be.
    enum Finances {
        static let transactions: Resource = {
            var resource = Resource(.transactions, at: "/api/finances/transactions")
            resource.narrowings = [from, to, category, least, most]
            return resource
        }()

        static let categories = Resource(.categories, at: "/api/finances/categories")
        static let rules = Resource(.categoryRules, at: "/api/finances/rules")
        static let budgets = Resource(.budgets, at: "/api/finances/budgets")
        static let alerts = Resource(.budgetAlerts, at: "/api/finances/alerts")
        static let resources = [transactions, categories, rules, budgets]

        static let routes =
            resources.flatMap(\.routes) + [alerts.listed, alerts.shown] + FinancesImport.routes
            + FinancesReports.routes

        static let schemas =
            resources.flatMap(\.schemas)
            + alerts.schemas.filter { !$0.name.hasSuffix("Request") }
            .filter { !$0.name.hasSuffix("Change") } + FinancesImport.schemas + FinancesReports.schemas
    }
}

// What transactions can be narrowed to.
extension Routes.Finances {
    private static let from = Resource.Narrowing(
        parameter: Route.Parameter(name: "from", about: "From this day on.", schema: Schema.date)
    ) { text, query in query.booked(from: try day(text, "from")) }

    private static let to = Resource.Narrowing(
        parameter: Route.Parameter(name: "to", about: "Up to this day.", schema: Schema.date)
    ) { text, query in query.booked(to: try day(text, "to")) }

    private static let category = Resource.Narrowing(
        parameter: Route.Parameter(
            name: "category", about: "Only those of the category with this name.",
            schema: Schema.text(1...Booking.Limits.category.upperBound))
    ) { text, query in query.filed(under: text) }

    private static let least = Resource.Narrowing(
        parameter: Route.Parameter(
            name: "min", about: "Only those whose amount, with its sign, is this or more.",
            schema: Schema.decimal)
    ) { text, query in query.amount(atLeast: try decimal(text, "min")) }

    private static let most = Resource.Narrowing(
        parameter: Route.Parameter(
            name: "max", about: "Only those whose amount, with its sign, is this or less.",
            schema: Schema.decimal)
    ) { text, query in query.amount(atMost: try decimal(text, "max")) }

    private static func day(_ text: String, _ name: String) throws -> CivilDay {
        if let day = CivilDay(text) { return day }
        throw wrong(name, text, "a day such as 2026-03-01")
    }

    private static func decimal(_ text: String, _ name: String) throws -> Decimal4 {
        if let number = Decimal4(text) { return number }
        throw wrong(name, text, "a decimal number such as -12.34")
    }

    private static func wrong(_ name: String, _ text: String, _ wanted: String) -> Failure {
        Failure(.invalid, "The query parameter \(name) is \"\(text.prefix(40))\"; it must be \(wanted).")
    }
}
