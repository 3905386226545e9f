import CCurl
import Foundation
import Synchronization

/// One thread that drives libcurl's multi interface; other threads leave it notes and wake it.
final class Loop: Sendable {
    private struct Inbox {
        var waiting: [Transfer] = []
        var stopped: [Transfer] = []
        var resumed: [Transfer] = []
        /// Transfers waiting or running.
        var load = 0
        var isClosed = false
        /// The thread is over, and with it the handle that a wake-up would touch.
        var isGone = false
    }

    /// Transfers that may wait for a place; further ones are refused.
    static let longestQueue = 4_096
    /// Connections kept open for later transfers.
    private static let connections = 64
    private static let stackBytes = 1 << 20

    /// Transfers that run at the same time.
    let width: Int
    private let inbox = Mutex(Inbox())
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer

    init(width: Int, name: String) {
        guard Easy.isReady, let multi = curl_multi_init() else {
            preconditionFailure("libcurl cannot be started: no memory")
        }
        self.width = width
        self.multi = multi
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.connections)
        let thread = Thread { self.run() }
        thread.name = name
        thread.stackSize = Self.stackBytes
        thread.start()
    }

    /// Transfers waiting or running.
    var load: Int { inbox.withLock { $0.load } }

    /// Hands over `transfer`, which is ended at once when there is no place for it.
    func submit(_ transfer: Transfer) throws {
        try inbox.withLock { inbox in
            guard !inbox.isClosed else { throw Curl.Fault(.closed, "Curl is closed.") }
            guard inbox.waiting.count < Self.longestQueue else {
                throw Curl.Fault(.full, "\(Self.longestQueue) transfers are waiting already.")
            }
            inbox.waiting.append(transfer)
            inbox.load += 1
            curl_multi_wakeup(multi)
        }
    }

    func cancel(_ transfer: Transfer) {
        transfer.stop(.cancelled)
        leave { $0.stopped.append(transfer) }
    }

    func resume(_ transfer: Transfer) { leave { $0.resumed.append(transfer) } }

    /// Ends what is waiting and running, then the thread.
    func close() { leave { $0.isClosed = true } }

    private func leave(_ note: (inout Inbox) -> Void) {
        inbox.withLock { inbox in
            guard !inbox.isGone else { return }
            note(&inbox)
            curl_multi_wakeup(multi)
        }
    }

    private func run() {
        ignoreBrokenPipes()
        var running = Running(multi) { [self] in inbox.withLock { $0.load -= 1 } }
        while collect(into: &running) {
            let ended = running.work()
            // A place that came free is filled before waiting for sockets.
            if ended > 0 { continue }
            curl_multi_poll(multi, nil, 0, running.patience_ms, nil)
        }
        shut(running)
        curl_multi_cleanup(multi)
    }

    /// Carries out the notes left since the last time; false once the loop is closed.
    private func collect(into running: inout Running) -> Bool {
        let (started, stopped, resumed, dropped, isClosed) = inbox.withLock { inbox in
            let dropped = inbox.waiting.filter(\.isStopped)
            inbox.waiting.removeAll(where: \.isStopped)
            let started = Array(inbox.waiting.prefix(width - running.count))
            inbox.waiting.removeFirst(started.count)
            inbox.load -= dropped.count
            defer { (inbox.stopped, inbox.resumed) = ([], []) }
            return (started, inbox.stopped, inbox.resumed, dropped, inbox.isClosed)
        }
        for transfer in dropped { transfer.end(CURLE_ABORTED_BY_CALLBACK) }
        for transfer in started { running.start(transfer) }
        for transfer in stopped { running.stop(transfer) }
        for transfer in resumed { running.resume(transfer) }
        return !isClosed
    }

    private func shut(_ running: Running) {
        var running = running
        let waiting = inbox.withLock { inbox in
            inbox.isGone = true
            defer { inbox.waiting = [] }
            return inbox.waiting
        }
        for transfer in waiting + running.all { transfer.stop(.closed) }
        for transfer in waiting { transfer.end(CURLE_ABORTED_BY_CALLBACK) }
        for transfer in running.all { running.stop(transfer) }
        // Mails end at their next callback.
        while running.count > 0 {
            if running.work() == 0 { curl_multi_poll(multi, nil, 0, 10, nil) }
        }
    }

    /// With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE to us; the threads it starts inherit this.
    private func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
