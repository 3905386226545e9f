import Core
import Curl

extension Provider {
    /// Stripe: what moved on its balance comes into finances.
    package static let stripe = Provider(
        "stripe", "Stripe", base: "https://api.stripe.com",
        entrance: Entrance(
            .bearer("secret_key"),
            fields: [
                Field("secret_key", "A restricted key that may read balance transactions.", isSecret: true),
                Field(
                    "webhook_secret", "The signing secret of the webhook endpoint.", isSecret: true,
                    isRequired: false),
            ]),
        rules: Rules(passing: ["lock_timeout", "rate_limit"], pause: .seconds(5)),
        abilities: [.receive, .sync], check: Check("/v1/balance"))
}

/// Reads the balance of Stripe.
package struct Stripe: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    static let pageSize = 100

    /// A page of balance transactions, the newest first.
    ///
    /// - Parameters:
    ///   - before: the id of the page's last one; nil for the first page.
    ///   - since: made at or after this second; nil for all.
    package func transactions(before: String?, since: Int64?) async throws -> JSON {
        var request = Curl.Request.page(
            "/v1/balance_transactions",
            [
                ("limit", "\(Self.pageSize)"), ("starting_after", before),
                ("created[gte]", since.map(String.init)),
            ])
        request.headers.append(.init("Stripe-Version", "2020-08-27"))
        return try await line.ask(request, reading: Self.reading).json
    }

    private static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        return answer.refusal(
            error?["message"]?.string ?? "", code: error?["code"]?.string ?? error?["type"]?.string)
    }
}
