import Core
import Logging
import Queue
import ServiceLifecycle
import Store

/// Tells every change that the journal holds to those who listen, each once, those of a row in their order.
///
/// It runs in every process that changes rows; of all of them one at a time has the turn. What was told and
/// not struck off before a process died is told again, and Redis leaves out what it knows.
package struct Announcer: Service {
    /// How often it looks without being woken: for changes of processes that died.
    static let period: Duration = .milliseconds(500)

    private let journal: Store.Journal
    private let queue: Queue
    private let log: Logger
    private let holder = ID().text
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter queue: the queue of a name.
    package init(_ store: Store, queue: @Sendable (String) -> Queue, log: Logger) {
        journal = store.journal
        self.queue = queue(Queue.changes)
        self.log = log
        // However often it is woken meanwhile, one look suffices.
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was committed: it is told at once instead of at the next look.
    package func wake() { bell.yield() }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await tick() }
                for await _ in bells { await tellAll() }
                group.cancelAll()
            }
            await tellAll()
        } onGracefulShutdown: {
            bell.finish()
        }
    }

    /// The jitter spreads the looks of many processes.
    private func tick() async {
        while !Task.isCancelled {
            bell.yield()
            do { try await Task.sleep(for: Self.period * Double.random(in: 0.7...1)) } catch { return }
        }
    }

    /// Tells until nothing waits. What fails stays and is tried at the next look.
    ///
    /// While it is another's turn nothing is to be done: that one looks again after it, and finds what was
    /// committed meanwhile. If it dies, its turn ends by itself and a later look finds the rest.
    private func tellAll() async {
        do {
            while !Task.isCancelled, try await journal.isWaiting(), try await tell() {}
        } catch {
            log.debug("changes not announced", metadata: ["error": "\(error)"])
        }
    }

    /// Tells what one turn holds; false while it is another's turn.
    package func tell() async throws -> Bool {
        guard let turn = try await journal.take(holder) else { return false }
        do { try await queue.announce(turn.entries.compactMap(Announcement.init)) } catch {
            // Another process may reach Redis where this one does not.
            try await journal.finish([], by: holder)
            throw error
        }
        try await journal.finish(turn.entries, by: holder)
        return true
    }
}

extension Announcement {
    /// Says which fields changed and not what they hold: who listens asks for the row, and sees what it may.
    fileprivate init?(_ entry: Store.Journal.Entry) {
        guard let kind = Event.Kind(rawValue: entry.event), kind.isChange else { return nil }
        let change = Event.Change(
            noun: entry.noun, version: entry.version, audience: entry.audience?.text)
        var detail: [JSON.Member] = [
            .init("entry", .string(entry.id.text)), .init("at", .string(entry.at.text)),
            .init("actor", .string(entry.actor)),
        ]
        if entry.action == .updated, let fields = try? entry.changes.members {
            detail.append(.init("changed", .array(fields.map { .string($0.name) })))
        }
        self.init(
            id: entry.id,
            event: Event(
                kind, row: entry.row, workspace: entry.workspace.text, change: change,
                detail: .object(detail)))
    }
}
