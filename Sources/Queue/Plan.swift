import Core
import Redis

/// Sorts settlements into the groups that the work script takes, so that the common case is a few variadic
/// commands.
struct Plan {
    /// The ends of the `ended` keys that the jobs belong to.
    private var buckets: [String] = []

    private var deliveries: [String] = []
    private var ids: [String] = []
    private var records: [[(id: String, record: [UInt8])]] = []
    private var marked: [String] = []
    private var lines: [String] = []
    private var others: [Other] = []
    private var told = 0
    private let worker: String

    /// An outcome that keeps the job in the queue.
    fileprivate struct Other {
        let settlement: Settlement
        let place: String
        let pause: Duration
        let payload: [UInt8]
        let event: Event.Kind

        init(
            _ settlement: Settlement, _ place: String, _ pause: Duration = .zero, payload: [UInt8] = [],
            event: Event.Kind
        ) {
            self.settlement = settlement
            self.place = place
            self.pause = pause
            self.payload = payload
            self.event = event
        }
    }

    /// A result longer than this is not put into the event; whoever wants it asks for the job.
    static let eventResultLimit = 4_096
    /// The results of one call take at most so much of its events, which the stream keeps.
    static let eventResultsLimit = 65_536

    init(_ settlements: [Settlement]) {
        worker = settlements.first?.worker ?? ""
        let finished = Moment.now
        for settlement in settlements { add(settlement, finished: finished) }
    }

    /// The index of the bucket that the job's outcome belongs to.
    private mutating func bucket(of id: ID) -> Int {
        let key = Keys.bucket(of: id)
        if let known = buckets.lastIndex(of: key) { return known }
        buckets.append(key)
        records.append([])
        return buckets.count - 1
    }

    private mutating func add(_ settlement: Settlement, finished: Moment) {
        var record = settlement.record(.done, finished: finished)
        switch settlement.verdict {
        case .done(let result):
            record.result = result?.bytes
            end(settlement, record)
        case .cancelled(let reason):
            record.state = .cancelled
            record.reason = reason
            end(settlement, record)
        case .expired:
            record.state = .expired
            record.attempts = settlement.claim.attempt - 1
            end(settlement, record)
        case .dead(let failure):
            record.state = .dead
            record.errors = settlement.errors(adding: failure, at: finished)
            record.envelope = nil
            others.append(Other(settlement, "dead", payload: record.bytes, event: .dead))
        case .retry(let pause, let failure):
            let errors = settlement.errors(adding: failure, at: finished)
            others.append(Other(settlement, "later", pause, payload: errors, event: .retrying))
        case .snooze(let pause):
            others.append(Other(settlement, "later", pause, event: .scheduled))
        case .released:
            others.append(Other(settlement, "front", event: .released))
        case .parked:
            let (name, version) = (settlement.claim.envelope.name, settlement.claim.envelope.version)
            let wanted = version == 1 ? name : "\(name)@\(version)"
            others.append(Other(settlement, "parked", payload: Array(wanted.utf8), event: .parked))
        }
    }

    private mutating func end(_ settlement: Settlement, _ record: Record) {
        let bucket = bucket(of: settlement.claim.delivery.id)
        let id = settlement.claim.delivery.id.text
        deliveries.append(settlement.claim.delivery.text)
        ids.append(id)
        if settlement.isMarked { marked.append(id) }
        records[bucket].append((id, record.bytes))
        var line = "\(record.state.rawValue) \(id) \(settlement.claim.envelope.workspace)"
        if let result = record.result,
            result.count <= min(Self.eventResultLimit, Self.eventResultsLimit - told)
        {
            told += result.count
            line += " {\"result\":" + String(decoding: result, as: UTF8.self) + "}"
        }
        lines.append(line)
    }

    /// Writes ARGV[7] and what follows.
    func append(to command: inout Command) {
        command.append(Int64(deliveries.count))
        command.append(Int64(marked.count))
        command.append(Int64(others.count))
        command.append(Int64(buckets.count))
        command.append(lines.joined(separator: "\n"))
        command.append(JSON.string(worker).bytes)
        for delivery in deliveries { command.append(delivery) }
        for id in ids { command.append(id) }
        for (key, bucket) in zip(buckets, records) {
            command.append(key)
            command.append(Int64(bucket.count))
            for (id, record) in bucket {
                command.append(id)
                command.append(record)
            }
        }
        for id in marked { command.append(id) }
        for other in others { other.append(to: &command) }
    }
}

extension Plan.Other {
    fileprivate func append(to command: inout Command) {
        let (claim, delivery) = (settlement.claim, settlement.claim.delivery)
        let next = Delivery(id: delivery.id, number: delivery.number + 1)
        command.append(delivery.text)
        command.append(delivery.id.text)
        command.append(place)
        command.append(Int64(next.number))
        command.append(next.text)
        command.append(pause.milliseconds)
        command.append(payload)
        command.append(Event(event, job: delivery.id, workspace: claim.envelope.workspace, detail: said).line)
        command.append(verdictOnCalled)
        command.append(askedPause_ms.map(String.init) ?? "")
    }

    /// How long whatever the attempt called wants to be left alone by everybody; nil when it did not say.
    private var askedPause_ms: Int64? {
        switch settlement.verdict {
        case .retry(_, let failure), .dead(let failure):
            failure.kind == .limited ? failure.retryAfter.map { max(1, $0.milliseconds) } : nil
        default: nil
        }
    }

    /// What the attempt's end says of what it called: a breaker counts failures that are not the job's own.
    private var verdictOnCalled: String {
        switch settlement.verdict {
        case .retry(_, let failure), .dead(let failure):
            switch failure.kind {
            case .unavailable, .broken: "bad"
            case .limited: ""
            default: "good"
            }
        default: ""
        }
    }

    /// What watchers want to know beside the kind.
    private var said: JSON? {
        switch settlement.verdict {
        case .retry(let pause, let failure):
            ["error": .string(failure.message), "pause_ms": .integer(pause.milliseconds)]
        case .dead(let failure): ["error": .string(failure.message)]
        default: nil
        }
    }
}

extension Settlement {
    /// The most errors kept of one job; the first go first.
    static let errorLimit = 10

    fileprivate func record(_ state: State, finished: Moment) -> Record {
        var record = Record(
            state: state, finished: finished, started: started, worker: worker, attempts: claim.attempt,
            crashes: claim.crashes, errors: claim.errors, envelope: claim.envelope.head)
        record.progress = progress?.bytes
        record.history = claim.history.map { Array("[".utf8) + $0 + Array("]".utf8) }
        return record
    }

    /// The errors of all attempts with this one's behind them.
    fileprivate func errors(adding failure: Failure, at moment: Moment) -> [UInt8] {
        let earlier = claim.errors.flatMap { try? JSONParser.parse($0).array } ?? []
        let entry: JSON = [
            "attempt": .integer(Int64(claim.attempt)), "at": .string(moment.text),
            "kind": .string(failure.kind.rawValue), "message": .string(failure.message),
            "worker": .string(worker), "started_at": .string(started.text),
        ]
        return JSON.array((earlier + [entry]).suffix(Self.errorLimit)).bytes
    }
}
