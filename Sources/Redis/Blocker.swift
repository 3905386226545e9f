import NIOCore
import Synchronization

/// Waits in Redis, as `BLPOP` does, on a connection of its own and without a thread.
public final class Blocker: Sendable {
    private struct Turns {
        var current: Int?
        var last = 0
    }

    private let link: Link
    private let unblocking: Link
    private let limits: Limits
    private let turns = Mutex(Turns())

    /// How long to wait before trying again to wake a wait that Redis does not know of yet.
    private static let retry: TimeAmount = .milliseconds(10)

    init(_ link: Link, unblockedBy unblocking: Link, _ limits: Limits) {
        self.link = link
        self.unblocking = unblocking
        self.limits = limits
    }

    deinit { link.line.abandon() }

    /// Sends a blocking command and waits for its reply; nil when the time is over or the task was cancelled.
    ///
    /// Cancelling wakes the wait in Redis. If an element was taken just before, it is returned and not lost.
    /// The call after a cancelled one may, rarely, return nil before its time.
    /// - Parameters:
    ///   - command: without its timeout, which is added as the last argument (`BLPOP`, `BRPOP`, `BLMOVE`,
    ///     `BZPOPMIN`, `BZPOPMAX`).
    ///   - timeout: a millisecond at least.
    /// - Throws: `invalid` while another call waits: a blocker serves one at a time.
    public nonisolated(nonsending) func block(
        _ command: Command, for timeout: Duration
    ) async throws(Fault) -> Reply? {
        if Task.isCancelled { return nil }
        let turn = try begin()
        defer { end() }
        var command = command
        command.append(Self.seconds(timeout))
        let patience = TimeAmount(timeout + limits.blockingGrace)
        let result = await withTaskCancellationHandler {
            await link.send(command, patience: patience)
        } onCancel: {
            wake(turn)
        }
        let reply = try result.get().unwrap()
        return reply.isNull ? nil : reply
    }

    /// Closes the connection; a wait in progress ends as lost.
    public func close() async {
        link.line.abandon()
        await link.line.closed()
    }

    private func begin() throws(Fault) -> Int {
        let turn: Int? = turns.withLock { turns in
            guard turns.current == nil else { return nil }
            turns.last += 1
            turns.current = turns.last
            return turns.last
        }
        guard let turn else { throw .invalid("This blocker waits already; give each waiting task its own.") }
        return turn
    }

    private func end() {
        turns.withLock { $0.current = nil }
    }

    /// Asks until the wait is over: the first time Redis may not have read the blocking command yet.
    private func wake(_ turn: Int) {
        guard turns.withLock({ $0.current == turn }) else { return }
        guard let identity = link.line.identity else { return wakeLater(turn) }
        let command = Command("CLIENT", "UNBLOCK", String(identity))
        unblocking.push(command, .call { _ in self.wakeLater(turn) })
    }

    private func wakeLater(_ turn: Int) {
        link.line.eventLoop.scheduleTask(in: Self.retry) { self.wake(turn) }
    }

    /// Redis takes fractions of a second, and zero as "for ever", which no wait of ours may be.
    private static func seconds(_ timeout: Duration) -> String {
        let milliseconds = max(1, timeout / .milliseconds(1))
        return String(milliseconds / 1000)
    }
}
