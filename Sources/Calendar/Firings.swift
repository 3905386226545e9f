import Core

/// The firings of a timing strictly after a moment, in order and each once.
public struct Firings: Sequence {
    private let timing: Timing
    private let start: Moment

    init(of timing: Timing, after start: Moment) {
        self.timing = timing
        self.start = Swift.max(start, Moment(microseconds: -1))
    }

    public func makeIterator() -> Iterator { Iterator(timing, start) }

    /// Walks through the firings.
    public struct Iterator: IteratorProtocol {
        private var last: Moment
        private let find: (Moment) -> Moment?

        init(_ timing: Timing, _ start: Moment) {
            last = start
            switch timing {
            case .every(let interval): find = { interval.next(after: $0) }
            case .at(let moment): find = { moment > $0 ? moment : nil }
            case .cron(let cron, let zone, let crossing):
                let passage = Passage(zone: zone, crossing: crossing)
                find = { passage.next(after: $0, by: cron.next) }
            case .rule(let recurrence, let crossing):
                let passage = Passage(zone: recurrence.zone, crossing: crossing)
                find = { passage.next(after: $0, by: recurrence.next) }
            }
        }

        public mutating func next() -> Moment? {
            guard let found = find(last), found.second < Wall.horizon.seconds else { return nil }
            last = found
            return found
        }
    }
}
