import Core

extension TransactionImport {
    /// A transaction as a row describes it, before its category is looked up.
    package struct Draft: Sendable, Hashable {
        package let line: Int
        package let day: CivilDay
        package let amount: Amount
        package let currency: Currency
        package let kind: Booking.Kind
        /// The category's name.
        package let category: String?
        package let description: String
        package let merchant: String?
        package let account: String?
        package let tags: [String]
        package let notes: String
        package let externalID: String?
        /// How many rows before it in the file look the same.
        package internal(set) var ordinal = 0

        init(_ cells: Cells, line: Int) throws(Failure) {
            self.line = line
            day = try cells.day()
            amount = try cells.amount()
            currency = try cells.currency()
            kind = try cells.kind(of: amount)
            category = try cells.text(.category, Booking.Limits.category)
            description = try cells.text(.description, Booking.Limits.description) ?? ""
            merchant = try cells.text(.merchant, Booking.Limits.merchant)
            account = try cells.text(.account, Booking.Limits.account) ?? cells.layout.account
            tags = try cells.tags()
            notes = try cells.text(.notes, Booking.Limits.notes) ?? ""
            externalID = try cells.text(.externalID, Booking.Limits.externalID)
            try Booking.check(amount, in: currency, as: kind)
        }

        /// What rows that look the same have in common.
        var looks: String {
            [day.text, amount.text(decimals: 0), currency.code, description].joined(separator: "\n")
        }

        /// The same for the same row of the same file, however often it is imported, and different for
        /// different rows.
        package var fingerprint: String { "\(ordinal)\n\(looks)" }

        /// As the fields of a row, but for its category.
        package var values: Values {
            Values([
                "kind": JSON(kind), "amount": .string(amount.text(in: currency)),
                "currency": .string(currency.code), "description": .string(description),
                "merchant": JSON(merchant), "occurred_on": .string(day.text), "account": JSON(account),
                "tags": .array(tags.map(JSON.string)), "external_id": JSON(externalID),
                "notes": .string(notes),
            ])
        }

        package func booking(_ id: ID, category: ID?) -> Booking {
            Booking(
                id: id, day: day, amount: amount, currency: currency, kind: kind, category: category,
                description: description, merchant: merchant, account: account)
        }
    }

    /// The fields of one row by column, read as what the column holds; an empty field counts as left out.
    struct Cells {
        let fields: [String]
        let places: [Column: Int]
        let layout: Layout

        /// Without the white space around it.
        func text(_ column: Column) -> String? {
            guard let place = places[column], place < fields.count else { return nil }
            let head = fields[place].drop(while: \.isWhitespace)
            guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return nil }
            return head[...last].split(omittingEmptySubsequences: false) { $0 == "\r\n" }
                .joined(separator: "\n")
        }

        func text(_ column: Column, _ length: ClosedRange<Int>) throws(Failure) -> String? {
            guard let text = text(column) else { return nil }
            try Rule.text(text, length, at: "/" + column.rawValue)
            return text
        }

        func day() throws(Failure) -> CivilDay {
            let text = try need(.day)
            if let day = CivilDay(text, as: layout.format) { return day }
            throw refusal(.day, text, "write an existing day as \(layout.format.rawValue)")
        }

        func amount() throws(Failure) -> Amount {
            let text = try need(.amount)
            let unsigned = text.hasPrefix("+") ? String(text.dropFirst()) : text
            if let amount = Amount(unsigned) { return amount }
            throw refusal(.amount, text, "write digits with a point, such as -1234.56")
        }

        func currency() throws(Failure) -> Currency {
            guard let code = text(.currency)?.uppercased() ?? layout.currency else {
                throw Failure(
                    .invalid, "currency is missing; add a column or name one for the file.", at: "/currency")
            }
            return try Currency(code, at: "/currency")
        }

        /// As written, else by the sign of the amount.
        func kind(of amount: Amount) throws(Failure) -> Booking.Kind {
            guard let text = text(.kind)?.lowercased() else { return Booking.Kind(of: amount) }
            return try Rule.choice(text, at: "/kind")
        }

        /// Parted by bars.
        func tags() throws(Failure) -> [String] {
            var tags: [String] = []
            for tag in (text(.tags) ?? "").split(separator: "|").map(String.init) where !tags.contains(tag) {
                try Rule.text(tag, Booking.Limits.tag, at: "/tags")
                tags.append(tag)
            }
            guard tags.count <= Booking.Limits.tags else {
                throw Failure(
                    .invalid, "tags holds \(tags.count) tags; \(Booking.Limits.tags) are allowed.",
                    at: "/tags")
            }
            return tags
        }

        private func need(_ column: Column) throws(Failure) -> String {
            if let text = text(column) { return text }
            throw Failure(.invalid, "\(column.rawValue) is missing.", at: "/" + column.rawValue)
        }

        private func refusal(_ column: Column, _ text: String, _ advice: String) -> Failure {
            Failure(
                .invalid, "\(column.rawValue) is \"\(text.prefix(40))\"; \(advice).",
                at: "/" + column.rawValue)
        }
    }
}
