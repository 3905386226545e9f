import Core

/// A set of moments, as stretches in order that do not touch.
package struct Spans: Sendable, Hashable {
    package private(set) var list: [Range<Moment>] = []

    /// The moments that are in any of `spans`.
    package init(_ spans: some Sequence<Range<Moment>>) {
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) where !span.isEmpty {
            guard let last = list.last, span.lowerBound <= last.upperBound else {
                list.append(span)
                continue
            }
            list[list.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
        }
    }

    /// What both have.
    package func intersection(_ other: Spans) -> Spans {
        var (found, mine, theirs) = ([Range<Moment>](), list[...], other.list[...])
        while let left = mine.first, let right = theirs.first {
            let common = left.clamped(to: right)
            if !common.isEmpty { found.append(common) }
            if left.upperBound < right.upperBound { mine.removeFirst() } else { theirs.removeFirst() }
        }
        return Spans(found)
    }

    /// What this one has and the other has not.
    package func subtracting(_ other: Spans) -> Spans {
        var (found, theirs) = ([Range<Moment>](), other.list[...])
        for span in list {
            var begin = span.lowerBound
            while let hole = theirs.first, hole.upperBound <= begin { theirs.removeFirst() }
            for hole in theirs {
                guard hole.lowerBound < span.upperBound else { break }
                if begin < hole.lowerBound { found.append(begin..<hole.lowerBound) }
                begin = max(begin, hole.upperBound)
            }
            if begin < span.upperBound { found.append(begin..<span.upperBound) }
        }
        return Spans(found)
    }
}
