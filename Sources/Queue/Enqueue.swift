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

    /// Puts new jobs on the queue, all or none: at most `batchLimit`, with ids never used before.
    public func enqueue(_ envelopes: [Envelope]) async throws {
        guard !envelopes.isEmpty else { return }
        guard envelopes.count <= Self.batchLimit else {
            throw Failure(
                .invalid, "One call enqueues at most \(Self.batchLimit) jobs; these are \(envelopes.count).")
        }
        _ = try await run(Scripts.enqueue, enqueueKeys) { arguments(for: envelopes, into: &$0) }
    }

    /// Puts one job on the queue unless it, or what its idempotency key stands for, is there already.
    ///
    /// Safe to repeat after a lost reply and from the outbox.
    public func admit(_ envelope: Envelope, once: Once? = nil) async throws -> Admission {
        let touched = enqueueKeys + [keys.ended(envelope.id)] + (once.map { [keys.once($0.key)] } ?? [])
        let reply = try await run(Scripts.enqueue, touched) {
            arguments(for: [envelope], admission: once, into: &$0)
        }
        if let count = reply.integer { return count == 1 ? .accepted : .known }
        let known = reply.text?.split(separator: " ") ?? []
        guard let once, known.count == 2, let id = ID(known[1]) else {
            throw Failure(.broken, "An idempotency key holds what it should not.")
        }
        return known[0] == once.fingerprint ? (id == envelope.id ? .known : .repeated(id)) : .mismatched
    }

    private var enqueueKeys: [String] {
        keys.ready + [
            keys.later, keys.jobs, keys.wake, keys.alarm, keys.sequence, keys.events, keys.stats,
        ]
    }

    private func arguments(for envelopes: [Envelope], into command: inout Command) {
        command.append("0")
        command.append("")
        command.append("0")
        append(envelopes, to: &command)
    }

    private func arguments(for envelopes: [Envelope], admission once: Once?, into command: inout Command) {
        command.append("1")
        command.append(once.map { "\($0.fingerprint) \(envelopes[0].id.text)" } ?? "")
        command.append(Once.memory.milliseconds / 1_000)
        append(envelopes, to: &command)
    }

    private func append(_ envelopes: [Envelope], to command: inout Command) {
        let now = Moment.now
        var groups: [[Envelope]] = [[], [], [], []]
        for envelope in envelopes {
            let isLater = envelope.due.map { $0 > now } ?? false
            groups[isLater ? 3 : Envelope.Level.allCases.firstIndex(of: envelope.level) ?? 1].append(envelope)
        }
        for group in groups { command.append(Int64(group.count)) }
        let kinds: [Event.Kind] = [.waiting, .waiting, .waiting, .scheduled]
        let lines = zip(kinds, groups).flatMap { kind, group in
            group.map { "\(kind.rawValue) \($0.id.text) \($0.workspace)" }
        }
        command.append(lines.joined(separator: "\n"))
        command.append(event_s)
        let sorted = groups.flatMap { $0 }
        for envelope in sorted { command.append(envelope.id.text) }
        for envelope in sorted {
            command.append(envelope.id.text)
            command.append(envelope.bytes)
        }
        for envelope in groups[3] {
            command.append((envelope.due ?? now).milliseconds)
            command.append(envelope.id.text)
        }
    }
}
