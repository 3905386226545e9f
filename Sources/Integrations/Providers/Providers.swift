import Core

/// Every provider there is, one line each.
package enum Providers {
    package static let all: [Provider] =
        [
            .anthropic,
            .discord,
            .github,
            .gmail,
            .googleCalendar,
            .imap,
            .microsoftGraph,
            .openai,
            .slack,
            .stripe,
            .teams,
            .telegram,
            .transcription,
            .twilio,
            .zendesk,
        ] + Provider.receivers

    /// Throws `missing` for a name that nobody has.
    package static func named(_ name: String) throws(Failure) -> Provider {
        guard let provider = all.first(where: { $0.name == name }) else {
            throw Failure(.missing, "There is no integration \"\(name.prefix(40))\".")
        }
        return provider
    }
}
