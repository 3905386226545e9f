extension Voice {
    /// Reads days as they are spoken, counted from today.
    struct Dates {
        let today: CivilDay
        let language: Language?

        /// The day that these words name; nil where they name none.
        func read(_ given: [String]) -> CivilDay? {
            let words = Array(given.drop { lexicon.before.contains($0) })
            guard let first = words.first, words.count <= 8 else { return nil }
            if words.count == 1, let day = written(first) ?? lexicon.days[first].map({ today + $0 }) {
                return day
            }
            if let offset = lexicon.phrases[words.joined(separator: " ")] { return today + offset }
            return weekday(words) ?? distance(words) ?? ofMonth(words)
        }

        private var lexicon: Lexicon { language == .german ? .german : .english }

        /// `2026-11-24`, `24.11.2026`, and `24.11`, which is the next such day.
        private func written(_ word: String) -> CivilDay? {
            if let day = CivilDay(word) { return day }
            let parts = word.split(separator: ".").map { Int($0) }
            guard parts.count == 2 || parts.count == 3, let day = parts[0], let month = parts[1] else {
                return nil
            }
            guard parts.count == 3 else { return next(month, day) }
            return parts[2].flatMap { CivilDay(year: $0, month: month, day: day) }
        }

        /// The first such day after today; `this friday` may be today.
        private func weekday(_ words: [String]) -> CivilDay? {
            guard let number = lexicon.weekdays[words[words.count - 1]], words.count <= 2 else { return nil }
            let isThis = words.count == 2 && lexicon.this.contains(words[0])
            guard words.count == 1 || isThis || lexicon.next.contains(words[0]) else { return nil }
            let ahead = (number - today.weekday + 7) % 7
            return today + (ahead == 0 && !isThis ? 7 : ahead)
        }

        /// `in three days`, `next week`
        private func distance(_ words: [String]) -> CivilDay? {
            guard let unit = lexicon.units[words[words.count - 1]] else { return nil }
            var count: Int?
            if words.count == 2, lexicon.next.contains(words[0]) { count = 1 }
            if words[0] == "in", words.count > 2 {
                let number = Array(words[1..<words.count - 1])
                count = number == ["a"] ? 1 : Numbers.read(number, language).map { Int($0) }
            }
            guard let count, (0...1_200).contains(count) else { return nil }
            return unit == .month ? today.adding(months: count) : today + count * (unit == .week ? 7 : 1)
        }

        /// `november twenty fourth`, `the 3rd of march 2027`
        private func ofMonth(_ given: [String]) -> CivilDay? {
            var words = given.filter { $0 != "of" && $0 != "the" }
            guard let place = words.firstIndex(where: { lexicon.months[$0] != nil }),
                let month = lexicon.months[words.remove(at: place)]
            else { return nil }
            var year: Int?
            if let last = words.last, last.utf8.count == 4, let number = Int(last) {
                year = number
                words.removeLast()
            }
            guard let day = lexicon.ordinal(words, language) else { return nil }
            return year.map { CivilDay(year: $0, month: month, day: day) } ?? next(month, day)
        }

        private func next(_ month: Int, _ day: Int) -> CivilDay? {
            let years = today.year...today.year + 8
            return years.lazy.compactMap { CivilDay(year: $0, month: month, day: day) }.first { $0 >= today }
        }
    }
}

extension Voice.Dates {
    enum Unit { case day, week, month }

    /// The words of one language that days are named by.
    struct Lexicon: Sendable {
        let before: Set<String>
        /// So many days ahead.
        let days: [String: Int]
        let phrases: [String: Int]
        let weekdays: [String: Int]
        let months: [String: Int]
        let this: Set<String>
        let next: Set<String>
        let units: [String: Unit]
        /// Numbers with a place in an order, that are no numbers with an ending.
        let ordinals: [String: Int]
        let endings: [String]

        /// The number of a day in its month.
        func ordinal(_ words: [String], _ language: Voice.Language?) -> Int? {
            guard let last = words.last else { return nil }
            var parts = Array(words.dropLast())
            if let known = ordinals[last] {
                let tens = parts.isEmpty ? 0 : Voice.Numbers.read(parts, language).map { Int($0) }
                return tens.map { $0 + known }
            }
            let ending = endings.first { last.hasSuffix($0) && last.first?.isLetter == true }
            parts.append(ending.map { String(last.dropLast($0.count)) } ?? last)
            return Voice.Numbers.read(parts, language).flatMap { (1...31).contains($0) ? Int($0) : nil }
        }

        static let english = Lexicon(
            before: ["on", "for", "by"],
            days: ["today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1],
            phrases: ["day after tomorrow": 2, "the day after tomorrow": 2, "tomorrow morning": 1],
            weekdays: numbered("monday tuesday wednesday thursday friday saturday sunday"),
            months: numbered(
                "january february march april may june july august september october november december"),
            this: ["this"], next: ["next", "coming"],
            units: [
                "day": .day, "days": .day, "week": .week, "weeks": .week, "month": .month, "months": .month,
            ],
            ordinals: numbered(
                "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
            )
            .merging(["twentieth": 20, "thirtieth": 30]) { first, _ in first },
            endings: ["th"])

        static let german = Lexicon(
            before: ["am", "zum", "bis", "den", "für"],
            days: ["heute": 0, "morgen": 1, "übermorgen": 2, "gestern": -1],
            phrases: ["morgen früh": 1],
            weekdays: numbered("montag dienstag mittwoch donnerstag freitag samstag sonntag")
                .merging(["sonnabend": 6]) { first, _ in first },
            months: numbered(
                "januar februar märz april mai juni juli august september oktober november dezember"),
            this: ["diesen", "dieser", "dieses"],
            next: ["nächsten", "nächste", "nächster", "nächstes", "kommenden", "kommende"],
            units: [
                "tag": .day, "tage": .day, "tagen": .day, "woche": .week, "wochen": .week, "monat": .month,
                "monate": .month, "monaten": .month,
            ],
            ordinals: [
                "ersten": 1, "erste": 1, "erster": 1, "dritten": 3, "dritte": 3, "dritter": 3, "siebten": 7,
                "siebte": 7, "siebter": 7, "achten": 8, "achte": 8, "achter": 8,
            ],
            endings: ["sten", "ster", "ste", "ten", "ter", "te"])

        private static func numbered(_ words: String) -> [String: Int] {
            let pairs = words.split(separator: " ").enumerated().map { (String($0.element), $0.offset + 1) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }
}
