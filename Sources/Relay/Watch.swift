import Core
import NIOCore

/// One listener's interest in one topic, and how far it has come in each queue.
struct Watch {
    let listener: Int
    private let principal: Relay.Principal
    let topic: Topic
    /// How each of its event frames begins.
    let opening: [UInt8]
    private(set) var standings: [String: Standing] = [:]

    init(_ listener: Int, _ principal: Relay.Principal, _ topic: Topic) {
        self.listener = listener
        self.principal = principal
        self.topic = topic
        opening = Telling.opening(topic)
    }

    /// The frame to send for a live event, nil when there is none now.
    mutating func offer(_ telling: inout Telling, limit: Int) -> ByteBuffer? {
        guard principal.mayHear(telling.event),
            standings[telling.queue, default: Standing()].admits(telling, limit: limit)
        else { return nil }
        return frame(&telling)
    }

    /// The frame of a replayed event, nil when it is for others or was sent before.
    mutating func replay(_ telling: inout Telling) -> ByteBuffer? {
        guard principal.mayHear(telling.event), topic.covers(telling.event, in: telling.queue),
            telling.position > standings[telling.queue, default: Standing()].floor
        else { return nil }
        return frame(&telling)
    }

    private mutating func frame(_ telling: inout Telling) -> ByteBuffer {
        let previous = standings[telling.queue]?.sent
        standings[telling.queue, default: Standing()].sent = telling.position
        return telling.frame(opening, previous: previous)
    }

    /// From now on live events of `queue` wait until those after `position` have been replayed.
    mutating func resume(_ queue: String, after position: Position) {
        standings[queue] = Standing(
            sent: position == .start ? nil : position, floor: position, held: Standing.Held())
    }

    /// Live events up to here are held in what is read next, so that those kept so far may go.
    mutating func turnPage(_ queue: String) { standings[queue]?.held = Standing.Held() }

    /// Everything up to `position` was replayed or is not for this watch.
    mutating func settle(_ queue: String, to position: Position) { standings[queue]?.floor = position }

    /// Sends what was held; nil when some of it was thrown away and must be read again.
    mutating func join(_ queue: String) -> [ByteBuffer]? {
        guard let held = standings[queue]?.held else { return [] }
        if held.isOverfull { return nil }
        standings[queue]?.held = nil
        return held.tellings.compactMap { telling in
            var telling = telling
            return replay(&telling)
        }
    }

    /// Makes a running replay read once more, where it will find what changed.
    mutating func reread(_ queue: String) { standings[queue]?.held = Standing.Held(isOverfull: true) }

    func isHeld(in queue: String) -> Bool { standings[queue]?.held != nil }

    /// False when no event of `queue` is for this watch: a job stays in the queue it was first seen in.
    func concerns(_ queue: String) -> Bool {
        if let only = topic.queue { return only == queue }
        guard case .job = topic else { return true }
        return standings[queue]?.sent != nil || standings.values.allSatisfy { $0.sent == nil }
    }

    /// What lies before `position` is lost; the frame that says so.
    mutating func skip(_ queue: String, from: Position, to position: Position) -> ByteBuffer {
        standings[queue, default: Standing()].sent = position
        standings[queue, default: Standing()].floor = position
        return Frame.gap(topic, from: Mark(queue, from), to: Mark(queue, position))
    }
}

/// How far a watch has come in one queue.
struct Standing {
    /// What the client saw last.
    var sent: Position?
    /// Nothing up to here is sent any more.
    var floor = Position(0, 0)
    /// The live events that wait while older ones are replayed.
    var held: Held?

    struct Held {
        var tellings: [Telling] = []
        var isOverfull = false
    }

    /// True when the event is to be sent at once; keeps it for later while a replay runs.
    fileprivate mutating func admits(_ telling: Telling, limit: Int) -> Bool {
        guard telling.position > floor else { return false }
        guard held != nil else { return true }
        if held?.isOverfull == false { held?.tellings.append(telling) }
        if let held, held.tellings.count > limit { self.held = Held(isOverfull: true) }
        return false
    }
}
