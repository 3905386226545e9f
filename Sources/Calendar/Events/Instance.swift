import Core

/// One time that an event takes place.
package struct Instance: Sendable, Hashable {
    /// When it would start if it were like the others of its series.
    package let id: Moment
    package let start: Moment
    package let end: Moment
    /// How it differs from the others; nil when it does not.
    package let override: Override?

    /// The time it takes, its end left out.
    package var span: Range<Moment> { start..<end }
}

extension Instance: Comparable {
    package static func < (left: Instance, right: Instance) -> Bool {
        (left.start, left.id, left.end) < (right.start, right.id, right.end)
    }
}
