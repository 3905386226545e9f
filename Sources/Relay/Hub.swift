import Core
import NIOCore
import Queue

/// Who listens to what: decides which frame goes to whom, and sends nothing itself.
struct Hub {
    /// Frames for listeners, by their number, in order.
    typealias Post = [Int: [ByteBuffer]]

    /// A replay that a new subscription needs.
    struct Errand: Sendable {
        let watch: Int
        let queue: String
        let after: Position
    }

    private struct Member {
        let principal: Relay.Principal
        let since: Moment
        var watches: [Topic: Int] = [:]
    }

    private let heldEvents: Int
    private var rooms: [String: Room] = [:]
    private var members: [Int: Member] = [:]
    private var watches: [Int: Watch] = [:]
    private var lastWatch = 0
    /// The last batch of each queue that was told.
    private(set) var tails: [String: Int64] = [:]

    init(heldEvents: Int) { self.heldEvents = heldEvents }

    var isIdle: Bool { watches.isEmpty }

    /// The queues that somebody named, whether they exist or not.
    var namedQueues: Set<String> { rooms.values.reduce(into: []) { $0.formUnion($1.queues.keys) } }

    func listener(of watch: Int) -> Int? { watches[watch]?.listener }

    func subscriptions(of listener: Int) -> Int { members[listener]?.watches.count ?? 0 }

    mutating func join(_ listener: Int, _ principal: Relay.Principal, at now: Moment = .now) {
        members[listener] = Member(principal: principal, since: now)
    }

    /// The listeners who may hear no more: what let them in was revoked, or its time is over.
    func ended(by revocations: [Relay.Revocation], at now: Moment) -> [Int] {
        members.filter { _, member in
            member.principal.until.map { $0 <= now } ?? false
                || revocations.contains { $0.ends(member.principal, since: member.since) }
        }.map(\.key)
    }

    mutating func leave(_ listener: Int) {
        for topic in members[listener]?.watches.keys.map({ $0 }) ?? [] { unsubscribe(listener, from: topic) }
        members[listener] = nil
    }

    /// Starts a subscription, anew if there was one; the positions it starts at and the replays it needs.
    mutating func subscribe(
        _ listener: Int, to topic: Topic, after: Request.After
    ) -> (at: [Mark], errands: [Errand])? {
        unsubscribe(listener, from: topic)
        guard let principal = members[listener]?.principal else { return nil }
        lastWatch += 1
        var watch = Watch(listener, principal, topic)
        let marks = starts(after, of: topic)
        for mark in marks { watch.resume(mark.queue, after: mark.position) }
        watches[lastWatch] = watch
        members[listener]?.watches[topic] = lastWatch
        rooms[principal.workspace, default: Room()].insert(lastWatch, topic)
        return (
            positions(of: topic),
            marks.map { Errand(watch: lastWatch, queue: $0.queue, after: $0.position) }
        )
    }

    @discardableResult mutating func unsubscribe(_ listener: Int, from topic: Topic) -> Bool {
        guard let member = members[listener], let watch = member.watches[topic] else { return false }
        members[listener]?.watches[topic] = nil
        watches[watch] = nil
        let workspace = member.principal.workspace
        rooms[workspace]?.remove(watch, topic)
        if rooms[workspace]?.isEmpty == true { rooms[workspace] = nil }
        return true
    }

    private func positions(of topic: Topic) -> [Mark] {
        if let name = topic.queue { return [Mark(name, Position(endOf: tails[name] ?? 0))] }
        return told(topic).sorted().map { Mark($0, Position(endOf: tails[$0] ?? 0)) }
    }

    /// The queues of which a topic may hear. A job is told of in queues only.
    private func told(_ topic: Topic) -> [String] {
        if case .job = topic { return tails.keys.filter { $0 != Queue.changes } }
        return Array(tails.keys)
    }

    private func starts(_ after: Request.After, of topic: Topic) -> [Mark] {
        switch after {
        case .now: return []
        case .one(let mark): return [mark]
        case .all(let marks):
            if topic.queue != nil { return marks }
            let named = Set(marks.map(\.queue))
            let new = told(topic).filter { !named.contains($0) }.sorted()
            return marks + new.map { Mark($0, .start) }
        }
    }
}

extension Hub {
    /// The queue stands at this batch; nothing is told.
    mutating func note(_ queue: String, at sequence: Int64) { tails[queue] = sequence }

    /// Tells a batch to all whom it concerns.
    mutating func publish(_ batch: EventBatch, in queue: String) -> Post {
        tails[queue] = batch.sequence
        var post: Post = [:]
        for (index, event) in batch.events.enumerated() {
            guard let room = rooms[event.workspace] else { continue }
            var telling = Telling(event, in: queue, at: Position(batch.sequence, index))
            room.visit(event, in: queue) { offer(&telling, to: $0, &post) }
        }
        return post
    }

    private mutating func offer(_ telling: inout Telling, to watch: Int, _ post: inout Post) {
        guard let listener = watches[watch]?.listener,
            let frame = watches[watch]?.offer(&telling, limit: heldEvents)
        else { return }
        post[listener, default: []].append(frame)
    }

    /// Tells all who may have missed something in `queue`. The queue may have gone backwards.
    mutating func skip(_ queue: String, from old: Int64, to new: Int64) -> Post {
        tails[queue] = new
        var post: Post = [:]
        let (from, to) = (Position(endOf: old), Position(endOf: new))
        for (number, watch) in watches where watch.concerns(queue) {
            // Whoever is being replayed to finds the same hole there, and is told then.
            if watch.isHeld(in: queue) {
                watches[number]?.reread(queue)
            } else if let frame = watches[number]?.skip(queue, from: from, to: to) {
                post[watch.listener, default: []].append(frame)
            }
        }
        return post
    }
}

extension Hub {
    /// Says that events are about to be read for a watch; false when it is gone.
    mutating func turnPage(_ watch: Int, _ queue: String) -> Bool {
        watches[watch]?.turnPage(queue)
        return watches[watch] != nil
    }

    /// Tells a replayed batch to one watch.
    mutating func replay(_ batch: EventBatch, in queue: String, to watch: Int) -> [ByteBuffer] {
        var frames: [ByteBuffer] = []
        for (index, event) in batch.events.enumerated() {
            var telling = Telling(event, in: queue, at: Position(batch.sequence, index))
            if let frame = watches[watch]?.replay(&telling) { frames.append(frame) }
        }
        watches[watch]?.settle(queue, to: Position(endOf: batch.sequence))
        return frames
    }

    /// Tells one watch that it missed what lies between.
    mutating func skip(_ queue: String, from: Position, to: Position, of watch: Int) -> [ByteBuffer] {
        (watches[watch]?.skip(queue, from: from, to: to)).map { [$0] } ?? []
    }

    /// Lets a watch go live with what was held for it; nil when more has to be read first.
    mutating func goLive(_ watch: Int, _ queue: String) -> [ByteBuffer]? {
        watches[watch] == nil ? [] : watches[watch]?.join(queue)
    }
}
