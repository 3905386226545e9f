import Core
import Redis

/// A job handed to this worker: one delivery and what is known of the earlier ones.
public struct Claim: Sendable {
    public let delivery: Delivery
    public let envelope: Envelope
    /// The errors of earlier attempts, a JSON array as text, newest last; nil when there were none.
    public var errors: [UInt8]?
    /// How often a worker died with this job.
    public var crashes = 0
    /// What else happened to it, JSON objects with commas between; nil when nothing did.
    public var history: [UInt8]?

    public init(delivery: Delivery, envelope: Envelope) {
        self.delivery = delivery
        self.envelope = envelope
    }

    /// The number of this attempt, from 1; crashes and snoozes do not count.
    public var attempt: Int {
        guard let errors, let last = try? JSONParser.parse(errors).array?.last else { return 1 }
        return Int(last["attempt"]?.integer ?? 0) + 1
    }
}

/// How a claimed job's attempt ended, ready to be settled.
public struct Settlement: Sendable {
    public let claim: Claim
    public let verdict: Verdict
    public let started: Moment
    public let worker: String
    /// True when the attempt left something in Redis that its end must clear away: progress, a holder, a
    /// cancel.
    public var isMarked: Bool
    /// What the attempt said of itself, kept with the outcome.
    public var progress: JSON?

    public init(_ claim: Claim, _ verdict: Verdict, started: Moment, worker: String, isMarked: Bool = false) {
        self.claim = claim
        self.verdict = verdict
        self.started = started
        self.worker = worker
        self.isMarked = isMarked || claim.delivery.number > 1
    }
}

/// What a call of `work` brought back.
public struct Haul: Sendable {
    public var claims: [Claim] = []
    /// True when more may be waiting.
    public var hasMore = false
    /// Deliveries whose settlement came too late and was refused.
    public var refused: [Delivery] = []
    /// Jobs whose envelope cannot be read; whoever claimed them settles them as dead.
    public var damaged: [Claim] = []
}

extension Queue {
    /// What a worker tells and asks in one call.
    public struct Shift: Sendable {
        public var settlements: [Settlement] = []
        public var wanted = 0
        public var mayTakeSuspect = true

        public init() {}
    }

    /// Settles what ended and claims what may start, in one script.
    ///
    /// At most `batchLimit` outcomes a call; it claims no more than that either.
    public func work(_ shift: Shift) async throws -> Haul {
        guard shift.settlements.count <= Self.batchLimit else {
            throw Failure(.invalid, "One call settles at most \(Self.batchLimit) jobs.")
        }
        return try haul(from: try await translating { try await redis.run([call(for: shift)])[0].unwrap() })
    }

    /// The call of `work`, for a worker that sends those of several queues in one round trip.
    package func call(for shift: Shift) -> Script.Call {
        let plan = Plan(shift.settlements)
        return Script.Call(Scripts.work, keys: [keys.base, keys.shared]) { command in
            command.append(settings.lease.milliseconds)
            command.append(Int64(min(shift.wanted, Self.batchLimit)))
            command.append(shift.mayTakeSuspect ? "1" : "0")
            command.append(retention_s)
            command.append(event_s)
            command.append(settings.ageing.milliseconds)
            plan.append(to: &command)
        }
    }

    /// What the reply to `call(for:)` says.
    package func haul(from reply: Reply) throws -> Haul {
        guard let parts = reply.array, parts.count == 5, let pairs = parts[3].array,
            let others = parts[4].array
        else {
            throw Failure(.broken, "The work script answered what it never should.")
        }
        var haul = Haul()
        haul.hasMore = parts[1].integer == 1
        haul.refused = (parts[2].array ?? []).compactMap { $0.text.flatMap { Delivery($0) } }
        haul.claims.reserveCapacity(pairs.count / 2)
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            guard let text = pairs[index].text, let delivery = Delivery(text) else { continue }
            guard let envelope = try? Envelope(pairs[index + 1].bytes ?? []) else {
                let standIn = Envelope(id: delivery.id, name: "", arguments: [])
                haul.damaged.append(Claim(delivery: delivery, envelope: standIn))
                continue
            }
            haul.claims.append(Claim(delivery: delivery, envelope: envelope))
        }
        history(others, into: &haul)
        return haul
    }

    private func history(_ others: [Reply], into haul: inout Haul) {
        for index in stride(from: 0, to: others.count - 3, by: 4) {
            guard let delivery = others[index].text.flatMap({ Delivery($0) }),
                let claim = haul.claims.firstIndex(where: { $0.delivery == delivery })
            else { continue }
            let errors = others[index + 1].bytes ?? []
            haul.claims[claim].errors = errors.isEmpty ? nil : errors
            haul.claims[claim].crashes = others[index + 2].text.flatMap { Int($0) } ?? 0
            let history = others[index + 3].bytes ?? []
            haul.claims[claim].history = history.isEmpty ? nil : history
        }
    }
}
