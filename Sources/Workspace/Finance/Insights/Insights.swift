import Core

/// What bookings tell, as seen on a day. The same bookings and day always give the same.
package enum Insights {
    /// How many of each kind are given, the heaviest first.
    package static let limit = 50
    /// How far back the bookings should reach, in days.
    package static let reach_days = 425

    /// Everything noticed; the bookings may come in any order, and those after `day` count for nothing.
    package static func all(in bookings: [Booking], on day: CivilDay) -> [Entry] {
        let known = bookings.filter { $0.day <= day && $0.kind != .transfer }.sorted {
            ($0.day, $0.id) < ($1.day, $1.id)
        }
        return Recurrence.find(in: known, on: day).prefix(limit).map(\.entry)
            + Outlier.find(in: known).prefix(limit).map(\.entry)
            + MonthEnd.find(in: known, on: day).prefix(limit).map(\.entry)
            + Growth.find(in: known, on: day).prefix(limit).map(\.entry)
    }
}

extension Insights {
    /// One thing noticed about the money that moved: a sentence, the figures, and what it rests on.
    package struct Entry: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            case recurring, unusual, forecast, growth
        }

        /// The transactions listed as evidence; the count tells how many there are.
        package static let evidenceLimit = 20

        package let kind: Kind
        /// A whole sentence.
        package let title: String
        package let currency: String
        package let category: ID?
        package let figures: [JSON.Member]
        /// The first of the transactions it rests on.
        package let evidence: [ID]
        package let evidenceCount: Int

        init(
            _ kind: Kind, _ title: String, currency: Currency, category: ID? = nil, figures: [JSON.Member],
            evidence: [ID]
        ) {
            self.kind = kind
            self.title = title
            self.currency = currency.code
            self.category = category
            self.figures = figures
            self.evidence = Array(evidence.prefix(Self.evidenceLimit))
            evidenceCount = evidence.count
        }

        package var json: JSON {
            [
                "kind": JSON(kind), "title": .string(title), "currency": .string(currency),
                "category_id": JSON(category), "figures": .object(figures),
                "evidence": [
                    "transaction_ids": .array(evidence.map { .string($0.text) }),
                    "transaction_count": .integer(Int64(evidenceCount)),
                ],
            ]
        }
    }
}

extension [Booking] {
    /// Groups them, in an order that is the same on every run.
    func grouped<Key: Hashable>(by key: (Booking) -> Key?) -> [(key: Key, bookings: [Booking])] {
        var places: [Key: Int] = [:]
        var groups: [(key: Key, bookings: [Booking])] = []
        for booking in self {
            guard let key = key(booking) else { continue }
            if let place = places[key] {
                groups[place].bookings.append(booking)
            } else {
                places[key] = groups.count
                groups.append((key, [booking]))
            }
        }
        return groups
    }
}

extension Collection<Amount> {
    /// The middle one, the lower of two: a value that was really seen.
    var median: Amount? { Percentile.of(sorted(), 0.5) }
}
