import Automation
import Core
import Foundation
import Integrations
import Store
import Synchronization
import TestHouse
import Testing
import Workspace

/// One connection to a stand-in with an account of the test's own, and the workspace it brings rows into.
struct SyncHouse: Sendable {
    let house: FreshStore
    let tools: Tools
    let stand: StandIns
    let connection: Connection

    /// - Parameters:
    ///   - secret: the field that lets in, and what the account's name follows in it.
    ///   - settings: the other fields of the connection.
    ///   - networks: where addresses that a workspace names may lead, beside the public internet.
    static func with(
        _ provider: Provider, _ secret: (field: String, prefix: String), _ settings: [String: String] = [:],
        on engine: Engine = .sqlite, allowing networks: [String] = [],
        _ body: (SyncHouse) async throws -> Void
    ) async throws {
        let stand = StandIns(provider.name, account: "a\(ID().text.lowercased())")
        try await FreshStore.with(engine) { house async throws in
            let integrations = Integrations(
                .init(
                    mail: .init(sender: .init("atom@example.org")),
                    webhooks: try .init(allowing: networks), bases: [provider.name: try stand.base]),
                outbox: SandboxKeeper(house.store), log: .quiet)
            let tools = Tools(
                store: house.store, integrations: integrations,
                uploads: Uploads(folder: FileManager.default.temporaryDirectory.path),
                masters: try MasterKeys(MasterKeys.made("test")))
            let scoped = house.store.scoped(Scope(workspace: house.workspace))
            let fields = settings.merging([secret.field: secret.prefix + stand.account]) { $1 }
            let row = try await tools.connections.add(provider, "Test", fields, through: scoped)
            let connection = try await tools.connections.open(row.id, in: house.workspace)
            try await body(SyncHouse(house: house, tools: tools, stand: stand, connection: connection))
            integrations.close()
        }
    }

    var store: Store { house.store.scoped(Scope(workspace: house.workspace)) }

    var sync: any Sync {
        get throws { try #require(Syncs.all[connection.provider.name]) }
    }

    /// Reads every stream to its end, each step as a process of its own would.
    @discardableResult
    func read(by sync: (any Sync)? = nil) async throws -> SyncTally {
        let sync = try sync ?? self.sync
        var tally = SyncTally()
        for stream in try await sync.streams(of: connection) {
            // Far more than any test needs: a reading that never ends is a defect.
            for turn in 0... {
                try #require(turn < 500, "\(stream) is read for ever")
                let step: SyncRun.Step
                do { step = try await SyncRun(connection, sync, house.store).step(stream) } catch is Crash {
                    continue
                }
                tally += step.tally
                if step.isLast { break }
            }
        }
        return tally
    }

    func items(_ shelf: Shelf) async throws -> [Item] {
        var query = Rows.Query()
        query.limit = 200
        return try await store.rows(shelf).list(query)
    }

    func texts(_ shelf: Shelf, _ field: String) async throws -> [String] {
        try await items(shelf).compactMap { $0.values.text(field) }.sorted()
    }

    func item(_ shelf: Shelf, _ field: String, _ text: String) async throws -> Item {
        try #require(try await items(shelf).first { $0.values.text(field) == text })
    }
}

/// The end of a process in the middle of its work.
struct Crash: Error {}

/// A sync whose every page is written twice: the first time the process ends just before the commit.
final class Stumbling: Sync {
    private let sync: any Sync
    private let places = Mutex<Set<String>>([])

    init(_ sync: any Sync) { self.sync = sync }

    var crashes: Int { places.withLock { $0.count } }

    func streams(of connection: Connection) async throws -> [String] {
        try await sync.streams(of: connection)
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let page = try await sync.page(of: stream, after: cursor, over: connection, at: now)
        let isFirst = places.withLock { $0.insert("\(stream) \(cursor.text)").inserted }
        return SyncPage(next: page.next, end: page.end) { desk in
            try await page.write(&desk)
            if isFirst { throw Crash() }
        }
    }

    func forget(_ link: Store.ExternalLinks.Entry, _ desk: inout SyncDesk) async throws {
        try await sync.forget(link, &desk)
    }
}
