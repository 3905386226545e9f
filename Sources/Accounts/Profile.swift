import Core

/// How an account is spoken to: its name, its clock, its language, and where it hears of things.
package struct Profile: Sendable, Hashable {
    /// Where notifications go.
    package enum Channel: String, Sendable, Hashable, CaseIterable {
        case inApp = "in_app"
        case email, telegram, whatsapp
    }

    /// The hours of the account's own clock in which nothing rings; they may go past midnight.
    package struct Quiet: Sendable, Hashable {
        /// `HH:MM`
        package let from: String
        package let to: String

        /// Throws `Failure(.invalid)` for what is no time of day, and for hours that end as they begin.
        package init(from: String, to: String) throws(Failure) {
            for (name, text) in [("from", from), ("to", to)] where !Self.isTime(text) {
                throw Failure(
                    .invalid, "\"\(text.prefix(20))\" is no time of day; write it such as 22:00.",
                    at: "/quiet_hours/\(name)")
            }
            guard from != to else {
                throw Failure(
                    .invalid, "Quiet hours end at another time than they begin.", at: "/quiet_hours")
            }
            self.from = from
            self.to = to
        }

        private static func isTime(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
                [0, 1, 3, 4].allSatisfy({ (48...57).contains(bytes[$0]) })
            else { return false }
            return text.prefix(2) < "24" && text.suffix(2) < "60"
        }
    }

    package static let nameLength = 1...100

    package var name: String
    /// IANA.
    package var timeZone: String
    /// BCP 47, such as `en` or `pt-BR`.
    package var locale: String
    package var channels: [Channel]
    package var quiet: Quiet?

    package init(
        name: String, timeZone: String = "UTC", locale: String = "en", channels: [Channel] = [.inApp],
        quiet: Quiet? = nil
    ) {
        self.name = name
        self.timeZone = timeZone
        self.locale = locale
        self.channels = channels
        self.quiet = quiet
    }

    /// Throws `Failure(.invalid)` for the first field that breaks a rule; whether there is such a time zone
    /// is not looked up here.
    package func check() throws(Failure) {
        try Self.check(name: name, at: "/name")
        guard Self.isLocale(locale) else {
            throw Failure(.invalid, "This is no language; write it such as en or pt-BR.", at: "/locale")
        }
        guard Set(channels).count == channels.count else {
            throw Failure(.invalid, "A channel stands twice.", at: "/notification_channels")
        }
    }

    /// Throws `Failure(.invalid)` at `pointer` for what is no name of a person or a workspace: one line.
    package static func check(name: String, at pointer: String) throws(Failure) {
        try Rule.text(name, nameLength, at: pointer)
        guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw Failure(.invalid, "A name stands on one line.", at: pointer)
        }
    }

    private static func isLocale(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, (2...3).contains(language.utf8.count), text.utf8.count <= 35,
            language.utf8.allSatisfy({ (97...122).contains($0) })
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            (1...8).contains(part.utf8.count)
                && part.utf8.allSatisfy { (97...122).contains($0 | 0x20) || (48...57).contains($0) }
        }
    }
}
