import Core

// With whom the workspace talks, and about what.
extension Seed {
    private static let contacts: [(name: String, company: String, tags: [String])] = [
        ("Greta Holm", "Holm Nursery", ["supplier"]), ("Hugo Marin", "Marin Logistics", ["supplier"]),
        ("Ines Costa", "Cafe Costa", ["customer"]), ("Jonas Weber", "Weber and Sons", ["customer", "key"]),
        ("Katarina Novak", "Novak Tax Advice", ["adviser"]), ("Liam Byrne", "City Gardens", ["customer"]),
        ("Mei Tanaka", "Tanaka Tools", ["supplier"]), ("Nadia Haddad", "Haddad Events", ["partner"]),
    ]

    /// What one side asks and the other answers, over a channel.
    private static let talks: [(channel: String, subject: String?, lines: [String])] = [
        (
            "email", "Delivery of the seedlings",
            [
                "Hello, the seedlings can leave on Thursday. Is the ramp free at eight?",
                "Good morning, Thursday at eight is fine. Please ring at gate 2.",
                "Perfect, the driver will ring.",
            ]
        ),
        (
            "email", "Offer for the terrace",
            [
                "We would like 20 square metres of wooden terrace. What would that cost, and when?",
                "Thank you for asking. Our offer lies in your account; we could begin in May.",
                "Could you do it without the steps? Then we would sign this week.",
            ]
        ),
        (
            "whatsapp", nil,
            ["Is the shop open on Saturday?", "Yes, from 9 to 14. See you!", "Great, thanks."]
        ),
        ("telegram", nil, ["The van is late, 20 minutes.", "Thanks for telling us, we wait."]),
        ("sms", nil, ["Your parcel stands behind the shed.", "Found it, thank you."]),
        (
            "email", "Your invoice of last month",
            [
                "There is a position on it that I do not know. Could you have a look?",
                "You are right, that belongs to another order. A corrected invoice follows.",
            ]
        ),
        ("email", "Meeting about the yearly statement", ["Does Tuesday at ten suit you for the statement?"]),
    ]

    private static let templates: [(name: String, channel: String, subject: String?, body: String)] = [
        (
            "Reminder of an invoice", "email", "Invoice {{number}} is due",
            "Dear {{name|customer}},\n\ninvoice {{number}} over {{amount}} was due on {{due}}. "
                + "Please pay it soon.\n\nKind regards\n{{sender|The team}}"
        ),
        (
            "Appointment", "sms", nil,
            "Hello {{name}}, we see you on {{day}} at {{time}}. Answer NO to cancel."
        ),
        ("Delivery", "telegram", nil, "*{{order}}* is on its way and arrives {{when|today}}"),
    ]

    mutating func addTalk() {
        for template in Self.templates {
            add(
                "template",
                [
                    "name": .string(template.name), "channel": .string(template.channel),
                    "subject": JSON(template.subject), "body": .string(template.body),
                    "format": template.channel == "telegram" ? "markdown" : "text",
                ], at: now - .days(90), by: people[0])
        }
        for round in 0..<size.rounds {
            for (index, contact) in Self.contacts.enumerated() {
                addContact(contact, number: 100 * round + index, round)
            }
        }
        addDraft()
    }

    private mutating func addContact(
        _ contact: (name: String, company: String, tags: [String]), number: Int, _ round: Int
    ) {
        let first = contact.name.prefix { $0 != " " }.lowercased()
        let (mail, phone) = (
            "\(first)\(round == 0 ? "" : "\(round + 1)")@partner.example", 493_010_000_000 + number
        )
        let (name, telegram) = (
            round == 0 ? contact.name : "\(contact.name) \(round + 1)", "@\(first)_\(number)"
        )
        let id = add(
            "contact",
            [
                "name": .string(name), "company": .string(contact.company),
                "emails": [.string(mail)], "phones": [.string("+\(phone)")], "telegram": .string(telegram),
                "tags": .array(contact.tags.map(JSON.string)), "notes": "Met at the fair.",
            ], at: now - .days(80), by: people[0])
        for talk in [one(of: Self.talks), one(of: Self.talks)] {
            let address = ["email": mail, "telegram": telegram][talk.channel] ?? "+\(phone)"
            addTalk(talk, with: id, at: address)
        }
    }

    /// A conversation that the other side began; its last words may be unread.
    private mutating func addTalk(
        _ talk: (channel: String, subject: String?, lines: [String]), with contact: ID, at address: String
    ) {
        let start = number(1...60)
        for (index, line) in talk.lines.enumerated() {
            let (isIn, time) = (index % 2 == 0, moment(day: -start) + .seconds(21_600 * index))
            let when = min(time, now - .seconds(60 * (talk.lines.count - index)))
            add(
                "message",
                [
                    "channel": .string(talk.channel), "direction": isIn ? "in" : "out",
                    "subject": JSON(talk.subject.map { index == 0 ? $0 : "Re: \($0)" }),
                    "body": .string(line), "from_address": isIn ? .string(address) : .null,
                    "to": isIn ? [] : [.string(address)], "contact_id": JSON(contact), "sent_at": JSON(when),
                ], at: when, by: isIn ? nil : one(of: people))
            let isLast = index == talk.lines.count - 1
            if isIn, !isLast || start > 5 { change(["status": "read"], at: when + .seconds(1_800)) }
        }
    }

    private mutating func addDraft() {
        add(
            "message",
            [
                "channel": "email", "direction": "out", "to": ["press@fair.example"],
                "subject": "Our stand in hall 3",
                "body": "Good morning,\n\nwe would be glad to see you at our stand.",
            ], at: now - .days(1), by: people[1])
    }
}
