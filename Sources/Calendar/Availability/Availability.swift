import Core

/// Finds the times at which all of several people are free.
package struct Availability: Sendable {
    /// What is known of one of them.
    package struct Person: Sendable {
        /// When the person is busy, in any order.
        package let busy: [Range<Moment>]
        package let zone: Zone
        package let hours: WorkingHours

        package init(busy: [Range<Moment>], zone: Zone, hours: WorkingHours) {
            (self.busy, self.zone, self.hours) = (busy, zone, hours)
        }
    }

    /// What is wanted.
    package struct Wish: Sendable {
        /// The slots lie within it.
        package let range: Range<Moment>
        /// How long a slot is.
        package let duration: Duration
        /// Slots start where a clock in `zone` shows a multiple of this since midnight.
        package let step: Duration
        /// How long before and behind a slot nobody may be busy.
        package let buffer: Duration
        package let zone: Zone

        package init(
            _ range: Range<Moment>, duration: Duration, step: Duration = .seconds(900),
            buffer: Duration = .zero, zone: Zone = .utc
        ) {
            (self.range, self.duration, self.step) = (range, duration, step)
            (self.buffer, self.zone) = (buffer, zone)
        }
    }

    private let wish: Wish
    private let free: Spans

    package init(of people: [Person], _ wish: Wish) {
        self.wish = wish
        free = people.reduce(Spans([wish.range])) { common, person in
            let working = person.hours.spans(in: wish.range, zone: person.zone)
            let busy = person.busy.map { ($0.lowerBound - wish.buffer)..<($0.upperBound + wish.buffer) }
            return common.intersection(working).subtracting(Spans(busy))
        }
    }

    /// The first `most` slots, in order. They may overlap one another.
    package func slots(most: Int) -> [Range<Moment>] {
        var found: [Range<Moment>] = []
        for span in free.list {
            for start in starts(in: span) {
                guard found.count < most else { return found }
                found.append(start..<(start + wish.duration))
            }
        }
        return found
    }

    /// The starts on the grid from which a whole slot fits, in order.
    private func starts(in span: Range<Moment>) -> [Moment] {
        let last = span.upperBound - wish.duration
        guard last >= span.lowerBound else { return [] }
        return wish.zone.stretches(of: span.lowerBound..<(last + .microseconds(1))).flatMap(grid)
    }

    private func grid(in stretch: Zone.Stretch) -> [Moment] {
        let step = Int64(wish.step.seconds)
        // Rounded up to a second, for the grid has whole seconds only.
        let first = stretch.wall(at: stretch.span.lowerBound + .microseconds(999_999)).seconds
        let last = stretch.wall(at: stretch.span.upperBound - .microseconds(1)).seconds
        let walls = stride(from: first + (step - first % step) % step, through: last, by: Int(step))
        return walls.map { stretch.moment(Wall(seconds: $0)) }
    }
}
