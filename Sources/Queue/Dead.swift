import Core
import Redis

/// A job that failed for the last time, as its grave and the head of its envelope show it.
public struct DeadLetter: Sendable {
    public let queue: String
    /// What was asked, without its arguments.
    public let envelope: Envelope
    public let died: Moment
    /// The kind of the failure it died of, such as `invalid`; `crashed` when its workers died with it.
    public let kind: String
    /// The message of that failure.
    public let message: String
    /// The same for all that died of the same trouble.
    public let fingerprint: Fingerprint

    init(queue: String, envelope: Envelope, died: Moment, record: Record?) {
        let error = record?.errors.flatMap { try? JSONParser.parse($0) }?.array?.last
        // A job whose workers died has no error of that attempt; the record's reason speaks of it.
        let isCrashed = record?.reason != nil
        self.queue = queue
        self.envelope = envelope
        self.died = died
        kind = isCrashed ? "crashed" : error?["kind"]?.string ?? "unknown"
        message = record?.reason ?? error?["message"]?.string ?? ""
        fingerprint = Fingerprint(job: envelope.name, kind: kind, message: message)
    }
}

extension Queue {
    /// Which dead letters are meant; what is nil does not matter.
    public struct DeadFilter: Sendable {
        public var name: String?
        public var tag: String?
        public var workspace: String?
        public var fingerprint: String?
        /// Died at that moment or later.
        public var from: Moment?
        /// Died before that moment.
        public var to: Moment?
        /// Only these; at most `batchLimit`.
        public var ids: [ID]?

        public init(
            name: String? = nil, tag: String? = nil, workspace: String? = nil, fingerprint: String? = nil,
            from: Moment? = nil, to: Moment? = nil, ids: [ID]? = nil
        ) {
            self.name = name
            self.tag = tag
            self.workspace = workspace
            self.fingerprint = fingerprint
            self.from = from
            self.to = to
            self.ids = ids
        }

        func passes(_ letter: DeadLetter) -> Bool {
            (name ?? letter.envelope.name) == letter.envelope.name
                && (workspace ?? letter.envelope.workspace) == letter.envelope.workspace
                && (fingerprint ?? letter.fingerprint.text) == letter.fingerprint.text
                && (from ?? letter.died) <= letter.died && to.map { letter.died < $0 } ?? true
                && tag.map { letter.envelope.tags.contains($0) } ?? true
        }
    }

    /// The most dead letters one call looks at, the oldest first. As many may be kept by the settings and
    /// some more, so a call that acts on all of them can be made again.
    public static let deadScanLimit = 20_000

    /// Calls `visit` with each dead letter that passes, the oldest first.
    ///
    /// It sees those that are dead when it begins; one that is put back meanwhile may be left out.
    public func visitDead(matching filter: DeadFilter, _ visit: (DeadLetter) -> Void) async throws {
        let ids = try await deadIDs(filter)
        for first in stride(from: 0, to: ids.count, by: Self.lookLimit) {
            let page = Array(ids[first..<min(first + Self.lookLimit, ids.count)])
            for letter in try await letters(page) where filter.passes(letter) { visit(letter) }
        }
    }

    /// The dead letters that pass, the oldest first.
    public func dead(matching filter: DeadFilter) async throws -> [ID] {
        var found: [ID] = []
        try await visitDead(matching: filter) { found.append($0.envelope.id) }
        return found
    }

    /// How many dead letters pass.
    public func count(matching filter: DeadFilter) async throws -> Int {
        try await dead(matching: filter).count
    }

    private func deadIDs(_ filter: DeadFilter) async throws -> [ID] {
        if let ids = filter.ids { return Array(ids.prefix(Self.batchLimit)) }
        let command = Command(
            "ZRANGEBYSCORE", keys.dead, filter.from.map { String($0.milliseconds) } ?? "-inf",
            filter.to.map { String($0.milliseconds) } ?? "+inf", "LIMIT", "0", String(Self.deadScanLimit))
        let reply = try await translating { try await redis.send(command) }
        return (reply.array ?? []).compactMap { $0.text.flatMap { ID($0) } }
    }

    /// Those of these jobs that are dead. What cannot be read is shown as far as it can be.
    private func letters(_ ids: [ID]) async throws -> [DeadLetter] {
        let reply = try await run(Scripts.dead) {
            for id in ids { $0.append(id.text) }
        }
        return zip(ids, reply.array ?? []).compactMap { id, parts in
            guard let parts = parts.array, parts.count == 3, let died = parts[0].text.flatMap({ Double($0) })
            else { return nil }
            let envelope = parts[1].bytes.flatMap { try? Envelope($0) }
            return DeadLetter(
                queue: name, envelope: envelope ?? Envelope(id: id, name: "", arguments: []),
                died: Moment(milliseconds: Int64(died)), record: parts[2].bytes.flatMap { try? Record($0) })
        }
    }
}
