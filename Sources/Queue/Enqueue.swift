import Core
import Redis

extension Queue {
    /// What an idempotent enqueue came to.
    public enum Admission: Sendable, Equatable {
        /// The job is in the queue.
        case accepted
        /// This id was enqueued before; nothing was done.
        case known
        /// The idempotency key stands for this earlier job with the same fingerprint.
        case repeated(ID)
        /// The idempotency key stands for a job with another fingerprint.
        case mismatched
        /// This job holds the lock, and the new one was refused.
        case held(ID)
        /// This job holds the lock and stands for the new one.
        case existing(ID)
        /// It was left out, because this limit is full.
        case dropped(String)
        /// It was refused, because this limit is full.
        case full(String)
        /// What the enqueue depended on has been done by another.
        case stale
    }

    /// A caller's idempotency key and what it stands for.
    public struct Once: Sendable {
        let key: String
        let fingerprint: String

        /// How long a key is remembered.
        public static let memory: Duration = .seconds(86_400)

        /// - Parameters:
        ///   - key: the caller's key, made unique to the workspace.
        ///   - fingerprint: a hash of the request, without spaces.
        public init(key: String, fingerprint: String) {
            self.key = key
            self.fingerprint = fingerprint
        }
    }

    /// What must still hold when a job is enqueued, and is done with in the same step.
    package enum Ticket: Sendable {
        /// A member of a sorted set still has this score; it gets the next one, or leaves the set.
        case turn(key: String, member: String, score: Int64, next: Int64?)
        /// The list of taken frames still holds this one; it leaves the list.
        case frame([UInt8])
    }

    /// Puts new jobs on the queue, all or none: at most `batchLimit`, with ids never used before.
    ///
    /// Throws `.conflict` when a lock of one is held, `.limited` when a limit of one is full.
    public func enqueue(_ envelopes: [Envelope]) async throws {
        guard !envelopes.isEmpty else { return }
        guard envelopes.count <= Self.batchLimit else {
            throw Failure(
                .invalid, "One call enqueues at most \(Self.batchLimit) jobs; these are \(envelopes.count).")
        }
        let intake = Intake(envelopes)
        let reply = try await run(Scripts.enqueue) { arguments(for: intake, into: &$0) }
        guard let parts = reply.array else { return }
        let place = intake.places[max(0, Int(parts[2].integer ?? 1) - 1)]
        let what = parts[1].text ?? ""
        throw parts[0].text == "held"
            ? Failure(.conflict, "Job \(what) holds the lock of this one.", at: "/jobs/\(place)/unique")
            : Failure(.limited, "The limit \(what) is full.", at: "/jobs/\(place)", retryAfter: .seconds(1))
    }

    /// Puts one job on the queue unless it, or what its idempotency key stands for, is there already, or a
    /// lock or a limit keeps it out.
    ///
    /// Safe to repeat after a lost reply and from the outbox.
    public func admit(_ envelope: Envelope, once: Once? = nil) async throws -> Admission {
        try await admit(envelope, once: once, ticket: nil)
    }

    /// The same, if what the ticket says still holds.
    package func admit(_ envelope: Envelope, once: Once? = nil, ticket: Ticket?) async throws -> Admission {
        let reply = try await run(Scripts.enqueue) {
            arguments(for: Intake([envelope], isKnown: true), once: once, ticket: ticket, into: &$0)
        }
        if let count = reply.integer { return count == 1 ? .accepted : .known }
        if let parts = reply.array { return try Self.admission(parts) }
        let known = reply.text?.split(separator: " ") ?? []
        guard let once, known.count == 2, let id = ID(known[1]) else {
            throw Failure(.broken, "An idempotency key holds what it should not.")
        }
        return known[0] == once.fingerprint ? (id == envelope.id ? .known : .repeated(id)) : .mismatched
    }

    private static func admission(_ parts: [Reply]) throws -> Admission {
        let what = parts.count > 1 ? parts[1].text ?? "" : ""
        switch (parts.first?.text, ID(what)) {
        case ("stale", _): return .stale
        case ("held", let id?): return .held(id)
        case ("existing", let id?): return .existing(id)
        case ("dropped", _): return .dropped(what)
        case ("full", _): return .full(what)
        default: throw Failure(.broken, "The enqueue script answered what it never should.")
        }
    }

    private func arguments(
        for intake: Intake, once: Once? = nil, ticket: Ticket? = nil, into command: inout Command
    ) {
        command.append(event_s)
        command.append(retention_s)
        intake.appendCounts(to: &command)
        command.append(intake.known.map { Keys.bucket(of: $0) } ?? "")
        command.append(once.map { Keys.Name.once.rawValue + $0.key } ?? "")
        command.append(once.map { "\($0.fingerprint) \(intake.known?.text ?? "")" } ?? "")
        command.append(Once.memory.milliseconds / 1_000)
        append(ticket, to: &command)
        intake.appendJobs(to: &command)
    }

    private func append(_ ticket: Ticket?, to command: inout Command) {
        switch ticket {
        case nil:
            for _ in 0..<5 { command.append("") }
        case .turn(let key, let member, let score, let next):
            for part in ["turn", key, member, String(score), next.map(String.init) ?? ""] {
                command.append(part)
            }
        case .frame(let bytes):
            command.append("frame")
            command.append(Keys.Name.taken.rawValue)
            command.append(bytes)
            command.append("")
            command.append("")
        }
    }
}
