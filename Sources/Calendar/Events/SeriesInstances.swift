import Core

extension Series {
    /// True when an instance has that id.
    package func has(_ id: Moment) -> Bool {
        var starts = Starts(of: self, after: id - .microseconds(1))
        return starts.next() == id
    }

    /// The instance of that id; nil when there is none.
    package func instance(_ id: Moment) -> Instance? {
        guard has(id) else { return nil }
        return instance(id, overrides.first { $0.id == id })
    }

    /// The instances that take any time of `range`, in order of their starts.
    ///
    /// - Throws: `Failure(.invalid)` when there are more than `most`.
    package func instances(in range: Range<Moment>, most: Int) throws -> [Instance] {
        let found = some(in: range, most: most + 1)
        guard found.count <= most else { throw Self.tooMany(most) }
        return found
    }

    /// At most so many of the instances that take any time of `range`, in order of their starts.
    package func some(in range: Range<Moment>, most: Int) -> [Instance] {
        let special = Set(overrides.map(\.id))
        var found = Array(moved { $0.span.overlaps(range) }.prefix(most))
        // A day may be an hour or two longer than its series' first.
        let reach = end - start + .seconds(isAllDay ? 2 * 86_400 : 0)
        for id in Starts(of: self, after: range.lowerBound - reach) {
            guard id < range.upperBound, found.count < most else { break }
            guard !special.contains(id) else { continue }
            let instance = instance(id, nil)
            if instance.span.overlaps(range) { found.append(instance) }
        }
        return found.sorted()
    }

    package static func tooMany(_ most: Int) -> Failure {
        Failure(.invalid, "The range holds more than \(most) instances; choose a shorter one.")
    }

    /// The first instance that starts after `moment` and is not cancelled.
    package func next(after moment: Moment) -> Instance? {
        let special = Set(overrides.map(\.id))
        let usual = Starts(of: self, after: moment).first { !special.contains($0) }.map { instance($0, nil) }
        let other = moved { $0.start > moment && $0.override?.isCancelled == false }.min()
        return [usual, other].compactMap { $0 }.min()
    }

    /// No instance starts before this.
    package var earliest: Moment {
        (overrides.compactMap(\.start) + rdates.prefix(1) + [start]).min() ?? start
    }

    /// No instance ends after this; nil when the series has no end.
    package var latest: Moment? {
        var last = [start] + rdates.suffix(1)
        if let recurrence {
            guard recurrence.end < .horizon else { return nil }
            last.append(zone.moment(showing: recurrence.end))
        }
        let ends = overrides.map { instance($0.id, $0).end } + last.map { end(of: $0) }
        return ends.max()
    }

    /// The instances with an override that fit; one whose date the series no longer has is none.
    private func moved(_ fits: (Instance) -> Bool) -> [Instance] {
        overrides.map { instance($0.id, $0) }.filter { fits($0) && has($0.id) }
    }

    private func instance(_ id: Moment, _ override: Override?) -> Instance {
        let start = override?.start ?? id
        return Instance(id: id, start: start, end: override?.end ?? end(of: start), override: override)
    }
}
