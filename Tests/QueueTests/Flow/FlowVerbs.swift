import Core

@testable import Queue

// What each verb makes of the model.
extension FlowModel {
    /// Why this claim is wrong; nil when it is right.
    mutating func claim(_ delivery: Delivery, inOrder: Bool) -> String? {
        guard let job = jobs[delivery.id] else { return "an unknown job" }
        guard [.waiting, .suspect].contains(job.place) else { return "a job that is \(job.place)" }
        guard job.number == delivery.number else { return "delivery \(delivery.number), not \(job.number)" }
        let found = inOrder ? blockers(of: job) : obstacles(of: job)
        guard found.isEmpty else { return "a job kept by \(found.sorted())" }
        start(delivery.id)
        return nil
    }

    /// The suspect that a worker gets who asks for one; one that may not start goes behind the others.
    mutating func nextSuspect(of queue: String) -> ID? {
        guard !isPaused("queue:\(queue)"), let id = suspects[queue]?.first, let job = jobs[id] else {
            return nil
        }
        if obstacles(of: job).isEmpty { return id }
        suspects[queue]?.removeFirst()
        suspects[queue]?.append(id)
        return nil
    }

    /// False when the outcome ought to be refused.
    mutating func settle(_ settlement: Settlement) -> Bool {
        let (id, verdict) = (settlement.claim.delivery.id, settlement.verdict)
        guard holds(settlement.claim.delivery), let job = jobs[id] else { return false }
        if verdict.asksForPause { cool(job) }
        release(id, works: verdict.works)
        switch verdict {
        case .done, .cancelled, .expired:
            finish(id, .ended)
            return true
        case .dead:
            finish(id, .dead)
            jobs[id]?.crashes = 0
        default:
            if job.isCancelWanted {
                strike(id)
                return true
            }
        }
        jobs[id]?.number += 1
        switch verdict {
        case .retry, .snooze: jobs[id]?.place = .later
        case .parked: jobs[id]?.place = .parked
        case .released: place(id, inFront: true)
        default: break
        }
        return true
    }

    /// The other side asked for a pause.
    private mutating func cool(_ job: Job) {
        let keys = job.envelope.flow.charges.map(\.key)
        let provided = keys.filter { $0.hasPrefix("provider:") }
        cooled.formUnion(provided.isEmpty ? keys : provided)
    }

    mutating func lapse(_ id: ID) { jobs[id]?.hasLapsed = true }

    /// Takes back all whose leases have run out; how many of them are dead now.
    mutating func reclaim(_ order: [Delivery]) -> Int {
        var deaths = 0
        for id in order.map(\.id) {
            guard let job = jobs[id] else { continue }
            release(id, works: nil)
            jobs[id]?.number += 1
            jobs[id]?.crashes += 1
            switch job.crashes + 1 {
            case 1: place(id, inFront: true)
            case 2:
                jobs[id]?.place = .suspect
                suspects[job.queue, default: []].append(id)
            default:
                finish(id, .dead)
                jobs[id]?.crashes = 0
                deaths += 1
            }
        }
        return deaths
    }

    /// True when the lease is extended.
    mutating func renew(_ delivery: Delivery) -> Bool {
        guard holds(delivery), jobs[delivery.id]?.lostSlot == false else { return false }
        jobs[delivery.id]?.hasLapsed = false
        return true
    }

    mutating func cancel(_ id: ID) -> Queue.Cancellation {
        switch jobs[id]?.place {
        case nil, .ended: return .missing
        case .dead: return .dead
        case .running:
            jobs[id]?.isCancelWanted = true
            return .running
        default:
            strike(id)
            return .cancelled
        }
    }

    /// Moves what is due, in the order of its times; what keeps an exclusive key goes in front.
    mutating func promote(_ order: [Delivery]) {
        for id in order.map(\.id) { place(id, inFront: keeps(id)) }
    }

    func keeps(_ id: ID) -> Bool {
        jobs[id]?.envelope.flow.exclusive.map { owners[$0] == id } ?? false
    }

    mutating func retry(_ id: ID) -> Bool {
        guard jobs[id]?.place == .dead else { return false }
        jobs[id]?.number += 1
        let asks = jobs[id]?.envelope.callback != nil
        jobs[id]?.asks = asks
        place(id, inFront: false)
        return true
    }

    mutating func discard(_ id: ID) -> Bool {
        guard jobs[id]?.place == .dead else { return false }
        finish(id, .ended, isDeleted: true)
        return true
    }
}

// What becomes of new jobs.
extension FlowModel {
    /// The answer to one new job, or to several that come in all or none (nil: they are in).
    mutating func admit(_ envelopes: [Envelope], to queue: String) -> Queue.Admission? {
        let new = envelopes.map { envelope in
            let place: Place = envelope.due == nil ? .waiting : .later
            return Job(envelope: envelope, queue: queue, place: place, asks: envelope.callback != nil)
        }
        let isSingle = new.count == 1
        var (replaced, taken): (ID?, [String: ID]) = (nil, [:])
        for job in new {
            guard let unique = job.envelope.unique else { continue }
            let holder = locks["\(queue) \(unique.key)"]?.id ?? taken[unique.key]
            taken[unique.key] = job.envelope.id
            guard let holder else { continue }
            let mayMove = [.waiting, .suspect, .later, .parked].contains(jobs[holder]?.place)
            switch unique.conflict {
            case .returnExisting where isSingle: return .existing(holder)
            case .reschedule where isSingle && mayMove: return reschedule(holder, after: refusal(new).answer)
            case .replace where isSingle && mayMove: replaced = holder
            default: return .held(holder)
            }
        }
        let (refusal, ending) = refusal(new)
        if let refusal { return refusal }
        if let replaced { strike(replaced) }
        for job in ending { supersede(job) }
        for job in new { add(job) }
        return nil
    }

    private mutating func reschedule(_ holder: ID, after refusal: Queue.Admission?) -> Queue.Admission {
        if let refusal { return refusal }
        withdraw(holder)
        jobs[holder]?.place = .later
        return .existing(holder)
    }

    private mutating func add(_ job: Job) {
        let id = job.envelope.id
        jobs[id] = job
        if job.place == .waiting { place(id, inFront: false) }
        if let unique = job.envelope.unique {
            locks["\(job.queue) \(unique.key)"] = Lock(id: id, until: unique.until)
        }
    }

    private func overflow(of job: Job) -> Overflow {
        let own = job.envelope.overflow
        let set = job.envelope.flow.charges.sorted { $0.key < $1.key }
            .compactMap { limit(of: $0.key)?.overflow }.last { $0 != .queue }
        return own == .queue ? set ?? .queue : own
    }

    private func isHindered(_ job: Job, _ waiting: Int) -> Bool {
        let flow = job.envelope.flow
        return !(flow.charges.isEmpty && flow.exclusive == nil)
            && (waiting > 0 || !obstacles(of: job).isEmpty)
    }

    /// The answer to new jobs that are not to wait, and those that end others. Of a limit's key nothing is
    /// said here.
    private func refusal(_ new: [Job]) -> (answer: Queue.Admission?, ending: [Job]) {
        var (coming, ending): ([String: Int], [Job]) = ([:], [])
        for job in new where job.place == .waiting && !job.envelope.flow.isEmpty {
            let waiting = (lines[job.kind]?.count ?? 0) + coming[job.kind, default: 0]
            coming[job.kind, default: 0] += 1
            let overflow = overflow(of: job)
            let most = job.envelope.flow.charges.compactMap { limit(of: $0.key)?.waiting }.min()
            if let most, waiting >= most, overflow != .dropNew { return (.full(""), []) }
            guard isHindered(job, waiting) else { continue }
            switch overflow {
            case .queue: continue
            case .supersede, .terminate: ending.append(job)
            case .bufferOne where waiting == 0: continue
            case .reject: return (.full(""), [])
            default: return (new.count == 1 ? .dropped("") : .full(""), [])
            }
        }
        return (nil, ending)
    }

    /// Ends those that run or wait where a new job wants to be.
    private mutating func supersede(_ job: Job) {
        for id in lines[job.kind] ?? [] { strike(id) }
        let isHard = overflow(of: job) == .terminate
        let keys = job.envelope.flow.charges.map(\.key).filter { limit(of: $0)?.concurrency != nil }
        for id in ids(.running) where !(jobs[id]?.slots.isDisjoint(with: keys) ?? true) {
            end(id, isHard: isHard && jobs[id]?.queue == job.queue)
        }
        guard let owner = job.envelope.flow.exclusive.flatMap({ owners[$0] }), jobs[owner]?.queue == job.queue
        else { return }
        end(owner, isHard: isHard || jobs[owner]?.place != .running)
    }

    private mutating func end(_ id: ID, isHard: Bool) {
        if isHard { strike(id) } else { jobs[id]?.isCancelWanted = true }
    }
}

extension Verdict {
    var endsJob: Bool {
        switch self {
        case .done, .cancelled, .expired: true
        default: false
        }
    }

    fileprivate var asksForPause: Bool {
        switch self {
        case .retry(_, let failure), .dead(let failure): failure.kind == .limited && failure.retryAfter != nil
        default: false
        }
    }

    /// What the attempt says of what it called: nil when nothing.
    fileprivate var works: Bool? {
        switch self {
        case .done: true
        case .retry(_, let failure), .dead(let failure):
            switch failure.kind {
            case .unavailable, .broken: false
            case .limited: nil
            default: true
            }
        default: nil
        }
    }
}
