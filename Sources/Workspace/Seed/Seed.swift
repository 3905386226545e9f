import Core

/// Believable rows for a workspace to develop against: the same for the same number, size and time.
package struct Seed: Sendable {
    /// How much there is to be.
    package enum Size: String, Sendable, CaseIterable {
        case small, large

        /// How often the small workspace is repeated, each time with other names.
        var rounds: Int { self == .small ? 1 : 15 }
    }

    /// Somebody who works in it.
    package struct Person: Sendable, Hashable {
        package let id: ID
        package let name: String
        package let email: String
        /// A role such as `member`.
        package let role: String
    }

    /// One row to make, and what happens to it afterwards.
    package struct Row: Sendable {
        /// The name of its noun, such as `task`.
        package let noun: String
        package let id: ID
        package var values: Values
        package let at: Moment
        /// Who makes it.
        package let author: ID?
        package var changes: [(values: Values, at: Moment)] = []
    }

    package private(set) var people: [Person] = []
    package internal(set) var rows: [Row] = []
    let size: Size
    let now: Moment
    var dice: SplitMix64

    package init(_ number: UInt64, _ size: Size, at now: Moment = .now) {
        self.size = size
        self.now = now
        dice = SplitMix64(seed: number)
        people = Self.names.enumerated().map { index, name in
            let first = name.prefix { $0 != " " }.lowercased()
            return Person(
                id: freshID(at: now - .days(200)), name: name, email: "\(first)@sunnyside.example",
                role: ["admin", "member", "member", "member", "member", "viewer"][index])
        }
        addWork()
        addTalk()
        addMoney()
        addNotes()
        addEvents()
    }

    private static let names = [
        "Ada Brandt", "Bruno Keller", "Chiara Rossi", "Deniz Yilmaz", "Emma Larsen", "Farid Amari",
    ]
}

// What the parts are made with.
extension Seed {
    /// An id of that time, whose other half comes from the dice.
    mutating func freshID(at moment: Moment) -> ID {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let tail = (0..<16).map { _ in digits[dice.index(below: digits.count)] }
        let time = ID(milliseconds: moment.milliseconds)
        return ID(time.text.prefix(10) + String(tail)) ?? time
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + dice.index(below: range.count)
    }

    /// True so many times of a hundred.
    mutating func happens(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func one<Element>(of all: [Element]) -> Element { all[number(0...(all.count - 1))] }

    /// A working hour so many days from now; days before are negative.
    mutating func moment(day: Int) -> Moment {
        now + .days(day) + .seconds(number(-10_800...10_800))
    }

    /// Adds a row and returns its id.
    @discardableResult
    mutating func add(
        _ noun: String, _ values: [String: JSON], at moment: Moment, by author: Person? = nil
    ) -> ID {
        let id = freshID(at: moment)
        rows.append(
            Row(noun: noun, id: id, values: Values(values), at: moment, author: author?.id))
        return id
    }

    /// Something that happens to the row that was added last.
    mutating func change(_ values: [String: JSON], at moment: Moment) {
        rows[rows.count - 1].changes.append((Values(values), min(moment, now)))
    }
}

extension Duration {
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
