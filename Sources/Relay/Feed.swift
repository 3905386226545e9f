import Core
import Logging
import Queue
import Redis

/// Hears the events of all queues from Redis, once for the whole relay, and tells them without gap or
/// duplicate.
struct Feed {
    private let redis: Client
    private let queue: @Sendable (String) -> Queue
    private let exchange: Exchange
    private let log: Logger
    private let ear: Ear
    private var tracks: [String: Track] = [:]
    private var isSettled = false

    init(_ redis: Client, _ queue: @escaping @Sendable (String) -> Queue, _ exchange: Exchange, log: Logger) {
        self.redis = redis
        self.queue = queue
        self.exchange = exchange
        self.log = log
        ear = Ear(anyQueue: queue("*").channel)
    }

    /// Runs until its task is cancelled.
    mutating func run() async throws {
        let subscription = redis.subscribe([], patterns: [ear.pattern])
        for await event in subscription {
            switch event {
            case .ready: try await persist { feed in try await feed.settle() }
            case .lost: exchange.count(\.redisLosses)
            case .message(let channel, let payload):
                guard let name = ear.queue(channel) else { break }
                try await persist { feed in try await feed.hear(payload, in: name) }
            case .joined: break
            }
        }
        await subscription.close()
    }

    /// Tries again as long as Redis does not answer: until it does, nothing can be known of what was missed.
    private mutating func persist(_ body: (inout Feed) async throws -> Void) async throws {
        while !Task.isCancelled {
            do {
                return try await body(&self)
            } catch let failure as Failure {
                let isOurs = failure.kind != .unavailable
                log.log(
                    level: isOurs ? .warning : .debug, "the relay cannot read events from Redis",
                    metadata: ["error": "\(failure)"])
                try await Task.sleep(for: .milliseconds(Int64.random(in: 100..<300) * (isOurs ? 10 : 1)))
            }
        }
    }
}

extension Feed {
    /// Learns where all queues stand and tells what was missed while nobody heard.
    private mutating func settle() async throws {
        let known = try await Queue.names(on: redis, prefix: queue("*").settings.prefix)
        for name in tracks.keys { tracks[name]?.forgetHeard() }
        let names = Set(known + [Queue.changes]).union(tracks.keys).union(exchange.namedQueues)
        for name in names {
            let counter = try await queue(name).lastSequence()
            guard isSettled else {
                exchange.note(name, at: counter)
                tracks[name] = Track(last: counter)
                continue
            }
            // A queue that is new came into being while nobody heard.
            if tracks[name] == nil { tracks[name] = Track(last: 0) }
            try await verify(name, counter)
        }
        isSettled = true
        exchange.open()
    }

    private mutating func hear(_ message: [UInt8], in name: String) async throws {
        guard let sequence = Ear.sequence(message) else { return }
        guard tracks[name] != nil else {
            tracks[name] = Track(last: sequence - 1)
            return tell(message, sequence, in: name)
        }
        switch tracks[name]?.judge(sequence) {
        case .next: tell(message, sequence, in: name)
        case .hole:
            try await fill(name, to: sequence - 1)
            if tracks[name]?.last == sequence - 1 { tell(message, sequence, in: name) }
        case .doubtful: try await doubt(sequence, in: name)
        case .known, nil: break
        }
        tracks[name]?.hear(sequence)
    }

    /// A number that does not grow is an old message, unless the counter itself went back.
    private mutating func doubt(_ sequence: Int64, in name: String) async throws {
        guard let last = tracks[name]?.last else { return }
        let counter = try await queue(name).lastSequence()
        guard counter < last else { return }
        reset(name, to: sequence - 1)
        try await fill(name, to: counter)
    }

    /// Finds out whether Redis still has what was told, and tells the rest.
    private mutating func verify(_ name: String, _ counter: Int64) async throws {
        guard let track = tracks[name] else { return }
        if counter < track.last { return reset(name, to: counter) }
        if let told = track.lastEvents {
            let kept = try await queue(name).replay(after: track.last - 1, limit: 1).first
            if let kept, kept.sequence == track.last, kept.events != told { return reset(name, to: counter) }
        }
        try await fill(name, to: counter)
    }

    /// Redis lost data and numbers its batches anew from `sequence`.
    private mutating func reset(_ name: String, to sequence: Int64) {
        guard let last = tracks[name]?.last else { return }
        log.warning(
            "Redis lost events that were told already",
            metadata: ["queue": "\(name)", "told": "\(last)", "now": "\(sequence)"])
        exchange.skip(name, from: last, to: sequence)
        tracks[name] = Track(last: sequence)
    }

    /// Tells the batches up to `target` from the stream, and of those it has no more that they are lost.
    private mutating func fill(_ name: String, to target: Int64) async throws {
        guard let start = tracks[name]?.last, start < target else { return }
        if pass(name, at: target) { return }
        while let last = tracks[name]?.last, last < target {
            let page = try await queue(name).replay(after: last, limit: 100)
            let next = page.first?.sequence ?? target + 1
            if next > last + 1 { lose(name, upTo: next - 1) }
            for batch in page { tell(batch, in: name) }
        }
        exchange.count(\.gapsFilled)
    }

    private mutating func lose(_ name: String, upTo sequence: Int64) {
        guard let last = tracks[name]?.last else { return }
        exchange.skip(name, from: last, to: sequence)
        tracks[name]?.tell(sequence)
    }

    private mutating func tell(_ message: [UInt8], _ sequence: Int64, in name: String) {
        // Most of the time nobody listens, and reading the events would be the larger part of the work.
        if pass(name, at: sequence) { return }
        guard let batch = EventBatch(message: message) else { return }
        tell(batch, in: name)
    }

    private mutating func tell(_ batch: EventBatch, in name: String) {
        exchange.publish(batch, in: name)
        tracks[name]?.tell(batch.sequence, batch.events)
    }

    private mutating func pass(_ name: String, at sequence: Int64) -> Bool {
        guard exchange.pass(name, at: sequence) else { return false }
        tracks[name]?.tell(sequence)
        return true
    }
}
