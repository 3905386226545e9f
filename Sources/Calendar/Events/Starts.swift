import Core

/// The starts of a series after a moment, in order and each once, before overrides move them.
struct Starts: Sequence, IteratorProtocol {
    private var firings: Firings.Iterator?
    private var ruled: Moment?
    private var added: ArraySlice<Moment>
    private let left: Set<Moment>

    init(of series: Series, after moment: Moment) {
        firings = series.recurrence.map { Timing.rule($0).firings(after: moment).makeIterator() }
        ruled = firings?.next()
        let extra = series.recurrence == nil ? Set(series.rdates + [series.start]).sorted() : series.rdates
        added = extra[...].drop { $0 <= moment }
        left = Set(series.exdates)
    }

    mutating func next() -> Moment? {
        while let found = [ruled, added.first].compactMap({ $0 }).min() {
            if ruled == found { ruled = firings?.next() }
            if added.first == found { added.removeFirst() }
            if !left.contains(found) { return found }
        }
        return nil
    }
}
