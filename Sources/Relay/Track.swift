import Core

/// How far the batches of one queue have been told, and what the next one heard means.
struct Track {
    enum Meaning: Equatable {
        /// The next one: tell it.
        case next
        /// Told already.
        case known
        /// Those between are missing.
        case hole
        /// Told already, or the numbers went backwards because Redis lost data.
        case doubtful
    }

    /// The last batch told.
    private(set) var last: Int64
    /// What it said, if anybody listened.
    private(set) var lastEvents: [Event]?
    /// The last batch heard live on this connection to Redis, where they come in order.
    private var heard: Int64?

    init(last: Int64) { self.last = last }

    func judge(_ sequence: Int64) -> Meaning {
        if let heard, sequence <= heard { return .doubtful }
        if sequence == last + 1 { return .next }
        if sequence > last { return .hole }
        return heard == nil ? .doubtful : .known
    }

    mutating func hear(_ sequence: Int64) { heard = sequence }

    mutating func tell(_ sequence: Int64, _ events: [Event]? = nil) {
        last = sequence
        lastEvents = events
    }

    /// A new connection to Redis has heard nothing yet.
    mutating func forgetHeard() { heard = nil }
}
