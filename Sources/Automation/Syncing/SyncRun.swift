import Core
import Integrations
import Store
import Workspace

/// Reads the streams of one connection, step by step: one page, one transaction.
package struct SyncRun: Sendable {
    private let connection: Connection
    private let sync: any Sync
    private let store: Store

    /// How far a stream is after a step.
    package struct Step: Sendable, Hashable {
        package let isLast: Bool
        package let tally: SyncTally
        /// The provider had forgotten the place, and all is read again from here on.
        package var isRestart = false
    }

    /// How old a reading of all is before its place in a list may have been forgotten: until then a refusal
    /// is our own fault.
    static let patience: Duration = .seconds(3_600)

    /// - Throws: `invalid` where the provider has nothing to bring.
    package init(_ connection: Connection, _ tools: Tools) throws {
        guard let sync = Syncs.all[connection.provider.name] else {
            throw Failure(.invalid, "\(connection.provider.title) has nothing to bring here.")
        }
        self.init(connection, sync, tools.store)
    }

    package init(_ connection: Connection, _ sync: any Sync, _ store: Store) {
        (self.connection, self.sync) = (connection, sync)
        self.store = store.scoped(
            Scope(workspace: connection.workspace, actor: "connection:\(connection.id)"))
    }

    package func streams() async throws -> [String] { try await sync.streams(of: connection) }

    /// Has all of a stream read again, unless that began after `moment`.
    package func restart(_ stream: String, before moment: Moment = .now) async throws {
        guard var entry = try await store.syncCursors.find(connection.id, stream), entry.roundAt < moment
        else { return }
        entry.restart(at: .now)
        try await store.syncCursors.save(entry)
    }

    /// Reads one page, or takes away what a reading of all did not show.
    package func step(_ stream: String, at now: Moment = .now) async throws -> Step {
        let entry =
            try await store.syncCursors.find(connection.id, stream) ?? .init(connection.id, stream, at: now)
        if entry.sweeps { return try await sweep(entry) }
        do {
            let page = try await sync.page(of: stream, after: entry.cursor, over: connection, at: now)
            return try await write(page, entry)
        } catch is SyncLost {
            // A provider that forgets at once what it said would have us read for ever.
            guard entry.cursor != .null else {
                throw Failure(.unavailable, "\(connection.provider.title) does not take its own cursor.")
            }
        } catch let failure as Failure where failure.kind == .invalid {
            guard entry.cursor != .null, now - entry.roundAt > Self.patience else { throw failure }
        }
        try await restart(stream)
        return Step(isLast: false, tally: SyncTally(), isRestart: true)
    }

    /// Writes a page as a whole. Where something in it is refused, it is written again row by row: what came
    /// meanwhile by another way, such as a call of the provider, is found then, and the rest is left out.
    private func write(_ page: SyncPage, _ entry: Store.SyncCursors.Entry) async throws -> Step {
        do {
            return try await write(page, entry, isCareful: false)
        } catch let failure as Failure where failure.isRefusal {
            return try await write(page, entry, isCareful: true)
        }
    }

    private func write(
        _ page: SyncPage, _ entry: Store.SyncCursors.Entry, isCareful: Bool
    ) async throws -> Step {
        var next = entry
        next.cursor = page.next
        next.sweeps = page.end == .all
        let (kept, connection) = (next, connection)
        let tally = try await store.transaction { store in
            var desk = SyncDesk(store, connection, kept.stream, round: kept.round, isCareful: isCareful)
            try await page.write(&desk)
            try await store.syncRefusals.note(desk.refused, taken: desk.taken, of: connection.id)
            try await store.syncCursors.save(kept)
            return desk.tally
        }
        return Step(isLast: page.end == .now, tally: tally)
    }

    private func sweep(_ entry: Store.SyncCursors.Entry) async throws -> Step {
        let (connection, sync) = (connection, sync)
        return try await store.transaction { store in
            let gone = try await store.externalLinks.unseen(
                connection.id, entry.stream, since: entry.round)
            var desk = SyncDesk(store, connection, entry.stream, round: entry.round)
            for link in gone {
                try await desk.remove(link)
                try await sync.forget(link, &desk)
            }
            var next = entry
            next.sweeps = gone.count == Store.ExternalLinks.most
            if !next.sweeps {
                try await store.syncRefusals.forget(connection.id, entry.stream, before: entry.roundAt)
            }
            try await store.syncRefusals.note(desk.refused, taken: desk.taken, of: connection.id)
            try await store.syncCursors.save(next)
            return Step(isLast: !next.sweeps, tally: desk.tally)
        }
    }
}

extension Store.SyncCursors.Entry {
    /// Begins another reading of all there is.
    fileprivate mutating func restart(at now: Moment) {
        (cursor, sweeps, roundAt) = (.null, false, now)
        round += 1
    }
}

extension Store {
    /// A transaction that is tried once more where another one has written the same meanwhile.
    func settled<T: Sendable>(_ body: @Sendable (Store) async throws -> T) async throws -> T {
        do { return try await transaction(body) } catch let failure as Failure where failure.kind == .conflict
        {
            return try await transaction(body)
        }
    }
}
