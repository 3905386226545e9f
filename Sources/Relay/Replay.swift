import Core
import Logging
import NIOCore
import Queue

/// Brings one subscription from the event its client saw last to the present of one queue.
///
/// Live events are held for it from before each read, so that together they are complete.
struct Replay: Sendable {
    private let watch: Int
    private let queue: Queue
    private let parts: Parts
    /// Everything up to here was sent, or is for others.
    private var at: Position
    private var page: ArraySlice<EventBatch> = []
    private var isLastPage = false

    init(_ errand: Hub.Errand, _ parts: Parts) {
        watch = errand.watch
        at = errand.after
        queue = parts.queue(errand.queue)
        self.parts = parts
    }

    /// Replays until it is done or its client has to catch up, which calls it again.
    func run() async {
        var replay = self
        do {
            while try await replay.proceed() {}
        } catch {
            parts.log.debug("a replay failed", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
            parts.exchange.dismiss(watch: watch, .tryLater)
        }
    }

    /// One step; false when there is nothing more to do now.
    private mutating func proceed() async throws -> Bool {
        if let batch = page.popFirst() { return try await send(batch) }
        if isLastPage, parts.exchange.goLive(watch, queue.name) { return false }
        guard parts.exchange.turnPage(watch, queue.name) else { return false }
        try await read()
        return true
    }

    private mutating func read() async throws {
        // Of the batch the client saw last there may be more.
        let after = at.isEnd ? at.sequence : at.sequence - 1
        let limit = parts.settings.limits.pageBatches
        let queue = queue
        var batches = try await patiently { try await queue.replay(after: after, limit: limit) }
        if batches.isEmpty {
            let counter = try await patiently { try await queue.lastSequence() }
            // What came between the two reads is no gap.
            batches = try await patiently { try await queue.replay(after: after, limit: limit) }
            if batches.isEmpty, counter != after { skip(to: Position(endOf: counter)) }
        }
        if let first = batches.first, first.sequence > after + 1 {
            skip(to: Position(endOf: first.sequence - 1))
        }
        page = batches[...]
        isLastPage = batches.count < limit
    }

    private mutating func skip(to position: Position) {
        parts.exchange.skip(queue.name, from: at, to: position, of: watch)
        at = position
    }

    private mutating func send(_ batch: EventBatch) async throws -> Bool {
        guard let channel = parts.exchange.replay(batch, in: queue.name, to: watch) else { return false }
        at = Position(endOf: batch.sequence)
        // The loop has to have written the batch before the channel knows whether it can take another.
        try await channel.eventLoop.submit {}.get()
        guard channel.isActive else { return false }
        if channel.isWritable { return true }
        let (rest, desk) = (self, parts.desk)
        channel.writeAndFlush(
            Listener.Order.whenDrained { if !desk.take({ await rest.run() }) { rest.abandon() } },
            promise: nil)
        return false
    }

    private func abandon() { parts.exchange.dismiss(watch: watch, .tryLater) }

    /// Tries again for a while as long as Redis does not answer.
    private func patiently<Value>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + parts.settings.limits.replayPatience
        while true {
            do {
                return try await body()
            } catch let failure as Failure where failure.isWorthRetrying && .now < deadline {
                try await Task.sleep(for: .milliseconds(Int64.random(in: 50..<150)))
            }
        }
    }
}
