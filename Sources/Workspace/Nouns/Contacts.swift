import Core

extension Noun {
    /// Somebody outside, or inside, with whom the workspace talks.
    package static let contact = Noun(
        "contact", "contacts",
        fields: [
            Field("name", .text(1...200)).required().searched().sorted(),
            Field("emails", .texts(3...254, most: 20)).or([]).searched().filtered()
                .about("In lower case; no two contacts share one."),
            Field("phones", .texts(8...16, most: 20)).or([]).searched().filtered()
                .about("E.164, such as +4930123456."),
            Field("telegram", .text(1...33)).optional().filtered(),
            Field("company", .text(1...200)).optional().searched().sorted().filtered(),
            Field("notes", .text(0...10_000)).or("").searched(),
            Field("tags", .texts(1...50, most: 30)).or([]).filtered(),
            Field("preferred_channel", .word(Channel.allCases.map(\.rawValue))).optional()
                .about("How follow-ups reach this contact first."),
            Field("time_zone", .zone).optional().about("Of the quiet hours; UTC unless told."),
            Field("quiet_hours", .json(schema: QuietHours.schema)).optional()
                .about("No follow-up is sent between these times of day, unless it is urgent."),
        ],
        laws: [ContactRules.emails, ContactRules.phones, ContactRules.quiet])
}

/// What holds for the addresses of a contact.
private enum ContactRules {
    static func emails(_ values: Values) throws(Failure) {
        let emails = values.texts("emails").map { $0.lowercased() }
        for (index, email) in emails.enumerated() {
            guard Field.isEmail(email) else {
                throw Failure(
                    .invalid, "emails holds what is no e-mail address.", at: "/emails/\(index)")
            }
            guard !emails[..<index].contains(email) else {
                throw Failure(.invalid, "emails names \(email) twice.", at: "/emails/\(index)")
            }
        }
    }

    static func phones(_ values: Values) throws(Failure) {
        for (index, phone) in values.texts("phones").enumerated() where !Channel.isPhone(phone) {
            throw Failure(
                .invalid, "phones must hold numbers such as +4930123456.", at: "/phones/\(index)")
        }
        if let name = values.text("telegram"), !Channel.isTelegram(name) {
            throw Failure(.invalid, "telegram must be \(Channel.telegram.wanted).", at: "/telegram")
        }
    }

    static func quiet(_ values: Values) throws(Failure) {
        _ = try QuietHours(values["quiet_hours"], at: "/quiet_hours")
    }
}

extension Values {
    /// The address at which the contact with these values is reached by `channel`.
    package func address(by channel: Channel) -> String? {
        switch channel {
        case .email: texts("emails").first
        case .whatsapp, .sms: texts("phones").first
        case .telegram: text("telegram")
        case .slack, .discord, .teams, .inApp: nil
        }
    }
}
