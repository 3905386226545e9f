extension Voice {
    /// Reads times of day as they are spoken.
    struct Times {
        let language: Language?

        /// Minutes since midnight; nil for words that name no time of day.
        func read(_ words: [String]) -> Int? {
            guard (1...8).contains(words.count) else { return nil }
            let isIntroduced = ["at", "um", "gegen"].contains(words[0])
            let rest = isIntroduced ? Array(words.dropFirst()) : words
            guard !rest.isEmpty else { return nil }
            if rest.count == 1, let known = Self.names[rest[0]] { return known }
            if language == .german { return german(rest) ?? clock(rest) }
            return english(rest) ?? clock(rest) ?? (isIntroduced ? bare(rest) : nil)
        }

        private static let names = [
            "noon": 720, "midday": 720, "midnight": 0, "mittag": 720, "mittags": 720, "mitternacht": 0,
        ]

        /// `17:30`
        private func clock(_ words: [String]) -> Int? {
            guard words.count == 1 else { return nil }
            let parts = words[0].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
                (0...59).contains(minute)
            else { return nil }
            return hour * 60 + minute
        }

        private func english(_ words: [String]) -> Int? {
            if words.last == "oclock" { return hour(words.dropLast()).map { $0 * 60 } }
            if let passed = passed(words) { return passed }
            var (words, half) = (words, "")
            if let last = words.last, ["am", "pm"].contains(last) {
                half = last
                words.removeLast()
            } else if let last = words.last, last.first?.isNumber == true,
                ["am", "pm"].contains(last.suffix(2))
            {
                half = String(last.suffix(2))
                words[words.count - 1] = String(last.dropLast(2))
            }
            guard !half.isEmpty, let minutes = clock(words) ?? spoken(words), (60..<780).contains(minutes)
            else {
                return nil
            }
            return minutes % 720 + (half == "pm" ? 720 : 0)
        }

        /// `half past five`, `quarter to six`
        private func passed(_ words: [String]) -> Int? {
            guard let middle = words.firstIndex(where: { $0 == "past" || $0 == "to" }), middle > 0,
                let base = read(Array(words[(middle + 1)...]))
                    ?? hour(words[(middle + 1)...]).map({ $0 * 60 })
            else { return nil }
            let named = ["half": 30, "quarter": 15, "a quarter": 15][words[..<middle].joined(separator: " ")]
            let count = Numbers.read(Array(words[..<middle]).filter { $0 != "minutes" }, language).map {
                Int($0)
            }
            guard let minutes = named ?? count, (1...59).contains(minutes) else { return nil }
            return (base + (words[middle] == "past" ? minutes : 1_440 - minutes)) % 1_440
        }

        /// `five` and `five thirty`
        private func spoken(_ words: [String]) -> Int? {
            if let hour = hour(words[...]) { return hour * 60 }
            guard words.count >= 2, let hour = hour(words[..<1]),
                let minute = Numbers.read(words[1...].filter { $0 != "oh" }, language),
                (0...59).contains(minute)
            else { return nil }
            return hour * 60 + Int(minute)
        }

        /// After `at`: `five` is in the afternoon, `nine` in the morning.
        private func bare(_ words: [String]) -> Int? {
            guard let minutes = spoken(words) else { return nil }
            return (60..<480).contains(minutes) ? minutes + 720 : minutes
        }

        private func hour(_ words: ArraySlice<String>) -> Int? {
            guard let number = Numbers.read(Array(words), language), number == number.rounded(),
                (0...23).contains(number)
            else { return nil }
            return Int(number)
        }

        /// `siebzehn uhr dreißig`, `halb sechs`, `viertel nach fünf`
        private func german(_ words: [String]) -> Int? {
            if let place = words.firstIndex(of: "uhr") {
                let rest = Array(words[(place + 1)...])
                let minutes = rest.isEmpty ? 0 : Numbers.read(rest, language)
                if rest.isEmpty, let clock = clock(Array(words[..<place])) { return clock }
                guard let hour = hour(words[..<place]), let minutes, (0...59).contains(minutes) else {
                    return nil
                }
                return hour * 60 + Int(minutes)
            }
            if words[0] == "halb", let hour = hour(words[1...]), hour > 0 { return hour * 60 - 30 }
            guard words.count >= 3, ["nach", "vor"].contains(words[words.count - 2]),
                let hour = hour(words[(words.count - 1)...])
            else { return nil }
            let head = Array(words[..<(words.count - 2)]).filter { $0 != "minuten" }
            let count = head == ["viertel"] ? 15 : Numbers.read(head, language).map { Int($0) }
            guard let count, (1...59).contains(count) else { return nil }
            return (hour * 60 + (words[words.count - 2] == "nach" ? count : 1_440 - count)) % 1_440
        }
    }
}
