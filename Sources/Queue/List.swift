import Core
import Redis

extension Queue {
    /// Which jobs to list.
    public struct Filter: Sendable {
        public var state: State?
        public var workspace: String?
        public var name: String?
        public var tag: String?

        public init(state: State? = nil, workspace: String? = nil, name: String? = nil, tag: String? = nil) {
            self.state = state
            self.workspace = workspace
            self.name = name
            self.tag = tag
        }

        func passes(_ sight: Sight) -> Bool {
            (state ?? sight.state) == sight.state
                && (workspace ?? sight.envelope.workspace) == sight.envelope.workspace
                && (name ?? sight.envelope.name) == sight.envelope.name
                && tag.map { sight.envelope.tags.contains($0) } ?? true
        }
    }

    /// The most jobs one page looks at; a page of a rare kind may be short and still have a next one.
    static let scanLimit = 2_000

    /// A page of jobs: running, waiting, scheduled, parked and dead ones, then those that ended, latest hour
    /// first.
    ///
    /// A job that moves while pages are read may be seen twice or not at all.
    /// - Parameter cursor: where the page before ended; nil for the first.
    /// - Returns: at most `limit` jobs, and where the next page starts, nil at the end.
    public func list(
        _ filter: Filter, limit: Int, cursor: ListCursor? = nil
    ) async throws
        -> (jobs: [Sight], next: ListCursor?)
    {
        var (cursor, found, scanned) = (cursor ?? ListCursor(), [Sight](), 0)
        while found.count < limit, scanned < Self.scanLimit {
            guard let section = cursor.section else { return (found, nil) }
            guard section.mayHold(filter.state) else {
                cursor.advance()
                continue
            }
            let room = min(limit - found.count, Self.lookLimit)
            let ids = try await page(of: section, at: &cursor, room: room)
            scanned += max(ids.count, 1)
            found += try await look(ids).compactMap { $0 }.filter(filter.passes)
        }
        return (found, cursor)
    }

    /// The ids of the next part of a section; moves the cursor behind them.
    private func page(
        of section: ListCursor.Section, at cursor: inout ListCursor, room: Int
    ) async throws -> [ID] {
        switch section {
        case .ended: return try await endedPage(at: &cursor, room: room)
        case .parked: return try await parkedPage(at: &cursor, room: room)
        case .shared:
            let members = try await grouped(from: cursor.position, count: room)
            cursor.position += members.count
            if members.count < room { cursor.advance() }
            return members.map(\.id)
        default: break
        }
        let first = cursor.position
        let key = sectionKeys[section] ?? keys.later
        let verb = section.isList ? "LRANGE" : section == .dead ? "ZREVRANGE" : "ZRANGE"
        let command = Command(verb, key, String(first), String(first + room - 1))
        let members = try await translating { try await redis.send(command) }.array ?? []
        cursor.position += members.count
        if members.count < room { cursor.advance() }
        return members.compactMap { $0.text.flatMap { Delivery($0)?.id } }
    }

    private var sectionKeys: [ListCursor.Section: String] {
        [
            .running: keys.leases, .suspects: keys.suspects, .high: keys.ready[0], .normal: keys.ready[1],
            .low: keys.ready[2], .scheduled: keys.later, .dead: keys.dead,
        ]
    }

    /// Parked jobs are few; the hash is read whole, up to the scan's bound.
    private func parkedPage(at cursor: inout ListCursor, room: Int) async throws -> [ID] {
        let command = Command("HKEYS", keys.parked)
        let members = try await translating { try await redis.send(command) }.array ?? []
        let part = members.compactMap(\.text).sorted().dropFirst(cursor.position).prefix(room)
        cursor.position += part.count
        if part.count < room { cursor.advance() }
        return part.compactMap { Delivery($0)?.id }
    }

    /// A step of a scan may bring a few more than fit; those wait in the cursor.
    private func endedPage(at cursor: inout ListCursor, room: Int) async throws -> [ID] {
        if cursor.pending.isEmpty { try await scan(at: &cursor, count: room) }
        let part = cursor.pending.prefix(room)
        cursor.pending.removeFirst(part.count)
        return Array(part)
    }

    /// Brings the next ended jobs into the cursor, or moves it behind the last hour that may hold some.
    private func scan(at cursor: inout ListCursor, count: Int) async throws {
        let hours = (settings.retention.milliseconds / Keys.bucket_ms) + 1
        let latest = Moment.now.milliseconds / Keys.bucket_ms
        if cursor.hour == 0 || cursor.hour > latest { cursor.hour = latest }
        guard cursor.hour >= latest - hours else { return cursor.advance() }
        let command = Command(
            "HSCAN", keys.ended(hour: cursor.hour), String(cursor.scan), "COUNT", String(count))
        let reply = try await translating { try await redis.send(command) }.array ?? []
        let members = reply.last?.array ?? []
        cursor.pending = stride(from: 0, to: members.count, by: 2).compactMap {
            members[$0].text.flatMap { ID($0) }
        }
        cursor.scan = reply.first?.text.flatMap { UInt64($0) } ?? 0
        if cursor.scan == 0 { cursor.hour -= 1 }
    }
}
