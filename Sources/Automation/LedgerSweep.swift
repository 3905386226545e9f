import Core
import Logging
import Queue
import ServiceLifecycle
import Store

/// Looks for outward calls whose job left an intent and never runs again: they become unknown, and a person
/// is told what to do.
package struct LedgerSweep: Service {
    /// An intent younger than this may still get its receipt: longer than any call and any lease together.
    package static let patience: Duration = .seconds(900)
    /// How often it looks.
    static let period: Duration = .seconds(60)
    /// Intents looked up in one go.
    package static let batch = Queue.lookLimit

    private let store: Store
    private let queues: @Sendable () async throws -> [Queue]
    private let log: Logger

    /// - Parameter queues: all queues of the installation, whoever works on them.
    package init(_ store: Store, queues: @escaping @Sendable () async throws -> [Queue], log: Logger) {
        (self.store, self.queues, self.log) = (store, queues, log)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // The jitter spreads the looks of many processes.
                do { try await Task.sleep(for: Self.period * Double.random(in: 0.7...1)) } catch { return }
                do { _ = try await sweep() } catch {
                    log.warning("outward calls not swept", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Turns the intents that nobody will end into unknown calls, and says how many that were.
    package func sweep(at now: Moment = .now) async throws -> Int {
        let moment = now - Self.patience
        var (count, entries) = (0, [Store.Effects.Entry]())
        repeat {
            entries = try await store.effects.open(before: moment, after: entries.last, limit: Self.batch)
            for entry in try await abandoned(entries) where await isGiven(up: entry) { count += 1 }
        } while entries.count == Self.batch
        if count > 0 { log.notice("outward calls of unknown end", metadata: ["count": "\(count)"]) }
        return count
    }

    /// Those whose job has ended, or is known to no queue any more.
    private func abandoned(_ entries: [Store.Effects.Entry]) async throws -> [Store.Effects.Entry] {
        guard !entries.isEmpty else { return [] }
        var alive: Set<ID> = []
        for queue in try await queues() {
            let sights = try await queue.look(entries.map(\.job))
            alive.formUnion(sights.compactMap { $0 }.filter(\.state.isPending).map(\.envelope.id))
        }
        return entries.filter { !alive.contains($0.job) }
    }

    /// One that cannot be given up now holds up no other.
    private func isGiven(up entry: Store.Effects.Entry) async -> Bool {
        do { return try await give(up: entry) } catch {
            log.warning(
                "an outward call stays open", metadata: ["effect": "\(entry.key)", "error": "\(error)"])
            return false
        }
    }

    private func give(up entry: Store.Effects.Entry) async throws -> Bool {
        let scope = Scope(workspace: entry.workspace, actor: "job:\(entry.job)")
        return try await store.scoped(scope).transaction { store in
            guard try await store.effects.doubt(entry) else { return false }
            if let message = entry.message {
                try await store.messages.failed(message, by: entry.job, Advice.lastWord(entry.key))
            }
            return true
        }
    }
}

extension Store.Effects.Entry {
    /// The message of which it is a part.
    fileprivate var message: ID? {
        let words = key.split(separator: ":")
        return words.count == 3 && words[0] == "message" ? ID(String(words[1])) : nil
    }
}

extension State {
    /// True while the job is going to run, or runs.
    fileprivate var isPending: Bool {
        switch self {
        case .waiting, .scheduled, .running, .parked: true
        case .done, .dead, .cancelled, .expired: false
        }
    }
}
