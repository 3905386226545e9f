import Core

extension TaskImport {
    /// The fields of one row by column, read as what the column holds; an empty field counts as left out.
    struct Cells {
        let fields: [String]
        let places: [Column: Int]
        let now: Moment

        /// Without the white space around it, and with LF as the only line end.
        func text(_ column: Column) -> String? {
            guard let place = places[column], place < fields.count else { return nil }
            let lines = fields[place].split(omittingEmptySubsequences: false) { $0 == "\r\n" }
            return trim(lines.joined(separator: "\n"))
        }

        func list(_ column: Column) -> [String] {
            (text(column) ?? "").split(separator: "|").compactMap { trim(String($0)) }
        }

        func choice<Choice: RawRepresentable<String> & CaseIterable>(
            _ column: Column
        ) throws(Failure) -> Choice? {
            guard let text = text(column) else { return nil }
            let plain = text.lowercased().split { $0 == " " || $0 == "-" || $0 == "_" }.joined(separator: "_")
            if let choice = Choice(rawValue: plain) { return choice }
            return try Rule.choice(text, at: "/" + column.rawValue)
        }

        func number(_ column: Column) throws(Failure) -> Double? {
            guard let text = text(column) else { return nil }
            let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
            guard digits.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
                let number = Double(text)
            else {
                throw Failure(
                    .invalid,
                    "\(column.rawValue) is \"\(text.prefix(40))\"; write hours as a number such as 1.5.",
                    at: "/" + column.rawValue)
            }
            return number
        }

        func moment(_ column: Column) throws(Failure) -> Moment? {
            guard let text = text(column) else { return nil }
            if let moment = relative(text) ?? Moment(text) ?? Moment(text + "T00:00:00Z") { return moment }
            throw Failure(
                .invalid,
                "\(column.rawValue) is \"\(text.prefix(40))\"; write 2026-11-30, an RFC 3339 time, or +3d.",
                at: "/" + column.rawValue)
        }

        private func trim(_ text: String) -> String? {
            let head = text.drop(while: \.isWhitespace)
            guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return nil }
            return String(head[...last])
        }

        /// Days from the import on, such as `+3d`; at most four digits, which is 27 years.
        private func relative(_ text: String) -> Moment? {
            guard let sign = text.first, sign == "+" || sign == "-", text.last == "d" else { return nil }
            let digits = text.dropFirst().dropLast()
            guard (1...4).contains(digits.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
                let days = Int64(digits)
            else { return nil }
            return now + .seconds((sign == "-" ? -days : days) * 86_400)
        }
    }
}
