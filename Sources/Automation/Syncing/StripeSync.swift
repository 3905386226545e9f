import Core
import Integrations
import Store
import Workspace

/// Brings what moved on Stripe's balance into finances: the amount as one transaction, its fee as another.
///
/// Pages come newest first, so that a reading goes down to what the one before began with. Transactions of
/// the same second may still come, so the last minutes are read again.
struct StripeSync: Sync {
    /// Seconds that are read again.
    private static let overlap: Int64 = 300

    func streams(of connection: Connection) async throws -> [String] { ["balance"] }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let since = cursor["since"]?.integer
        let answer = try await Stripe(connection.line).transactions(
            before: cursor["before"]?.string, since: since)
        let entries = answer["data"]?.array ?? []
        let newest = max(
            cursor["newest"]?.integer ?? 0, entries.compactMap { $0["created"]?.integer }.max() ?? 0)
        let last = answer["has_more"]?.bool == true ? entries.last?["id"]?.string : nil
        return SyncPage(
            next: Self.cursor(since: since, newest: newest, before: last), end: last == nil ? .now : .more
        ) { desk in
            for entry in entries.reversed() { try await Self.put(entry, &desk) }
        }
    }

    private static func cursor(since: Int64?, newest: Int64, before: String?) -> JSON {
        guard let before else {
            let next = newest == 0 ? since : max(since ?? 0, newest - overlap)
            return ["since": next.map { .integer($0) } ?? .null]
        }
        return [
            "since": since.map { .integer($0) } ?? .null, "newest": .integer(newest),
            "before": .string(before),
        ]
    }

    private static func put(_ entry: JSON, _ desk: inout SyncDesk) async throws {
        guard let id = entry["id"]?.string, let gross = entry["amount"]?.integer,
            let currency = entry["currency"]?.string.flatMap({ Currency($0.uppercased()) })
        else { return desk.tally.refuse("A balance transaction without an id, an amount or a currency.") }
        let type = entry["type"]?.string ?? "other"
        let text = entry["description"]?.string ?? type
        let movement = Movement(entry, currency)
        let isTransfer = ["payout", "transfer", "payout_cancel", "payout_failure"].contains(type)
        try await put("balance", id, movement.values(gross, text, isTransfer), &desk)
        guard let fee = entry["fee"]?.integer, fee != 0 else { return }
        try await put("fee", id, movement.values(-fee, "Fee: \(text)", false), &desk)
    }

    private static func put(
        _ kind: String, _ id: String, _ values: Values, _ desk: inout SyncDesk
    ) async throws {
        // An amount of zero moves nothing, and is no transaction here.
        guard values.decimal("amount").map({ $0.tenThousandths != 0 }) ?? false else { return }
        var values = values
        let external = kind == "fee" ? "\(id)/fee" : id
        values["external_id"] = .string(external)
        let thing = SyncDesk.Thing(kind, id, version: Store.Messages.digest([SyncDesk.base(values).text]))
        let known = try await desk.link(kind, id) == nil ? try await desk.transaction(external) : nil
        try await desk.put(thing, on: .transactions, values, .init(adopting: known))
    }
}

/// What the parts of one balance transaction share.
private struct Movement {
    let day: CivilDay
    let currency: Currency

    init(_ entry: JSON, _ currency: Currency) {
        day = CivilDay(entry["created"]?.double.flatMap { Moment(seconds: $0) } ?? Moment(microseconds: 0))
        self.currency = currency
    }

    /// - Parameter units: of the currency's smallest coin, as Stripe counts.
    func values(_ units: Int64, _ text: String, _ isTransfer: Bool) -> Values {
        let amount = Amount(stripe: units, in: currency)
        let kind: Booking.Kind = isTransfer ? .transfer : .init(of: amount)
        return Values([
            "amount": .string(amount.text(in: currency)), "currency": .string(currency.code),
            "kind": JSON(kind), "description": .string(text.oneLine(500) ?? ""),
            "occurred_on": .string(day.text), "account": "Stripe",
        ])
    }
}

extension Amount {
    /// What Stripe counts as whole coins of so many decimals, whatever the currency has today.
    private static let stripeDecimals = ["ISK": 2, "UGX": 2, "MGA": 0]

    /// - Parameter units: in the currency's smallest coin.
    init(stripe units: Int64, in currency: Currency) {
        let decimals = Self.stripeDecimals[currency.code] ?? currency.decimals
        let scale = (0..<(Self.decimals - min(decimals, Self.decimals))).reduce(Int128(1)) { all, _ in
            all * 10
        }
        self.init(tenThousandths: Int128(units) * scale)
    }
}

extension SyncDesk {
    /// The transaction that came by another way, such as a file.
    fileprivate func transaction(_ externalID: String) async throws -> ID? {
        guard let field = Noun.transaction.field("external_id") else { return nil }
        var query = Rows.Query()
        query.equal = [(field, .string(externalID))]
        query.limit = 1
        return try await store.rows(.transactions).list(query).first?.id
    }
}
