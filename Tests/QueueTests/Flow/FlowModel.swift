import Core

@testable import Queue

/// What jobs, limits, pauses and locks ought to be: the rules of the flow engine once more, as plainly as
/// possible, and nothing of how Redis keeps them.
struct FlowModel {
    enum Place: String {
        case waiting, suspect, running, later, parked, dead, ended
    }

    struct Job {
        let envelope: Envelope
        let queue: String
        var place: Place
        var number = 1
        var crashes = 0
        var isCancelWanted = false
        /// Its end is still to be told.
        var asks: Bool
        /// The keys whose places it takes, whose breakers hear of it, and those of which it is a probe.
        var slots: Set<String> = []
        var fuses: Set<String> = []
        var probes: Set<String> = []
        /// It took a place or speaks to a breaker, or did before others had its place.
        var isHolding = false
        /// Its lease has run out, and nobody has taken it back yet.
        var hasLapsed = false
        /// Another has the place that it took.
        var lostSlot = false

        var delivery: Delivery { Delivery(id: envelope.id, number: number) }
        /// Jobs of one kind wait in one line.
        var kind: String { "\(queue) \(envelope.group)" }
    }

    /// A circuit breaker.
    struct Fuse {
        var bad = 0
        var good = 0
        var isOpen = false
        var isProbing = false
    }

    struct Lock {
        let id: ID
        let until: Unique.Until
    }

    var jobs: [ID: Job] = [:]
    /// Who waits, by kind, the next one first.
    var lines: [String: [ID]] = [:]
    var suspects: [String: [ID]] = [:]
    var limits: [String: Limit] = [:]
    var pauses: Set<String> = []
    var cooled: Set<String> = []
    var used: [String: Int] = [:]
    var fuses: [String: Fuse] = [:]
    var owners: [String: ID] = [:]
    var locks: [String: Lock] = [:]
    /// How often its end was told.
    var told: [ID: Int] = [:]

    func ids(_ places: Place...) -> [ID] {
        jobs.values.filter { places.contains($0.place) }.map(\.envelope.id).sorted { $0.text < $1.text }
    }

    func holds(_ delivery: Delivery) -> Bool {
        jobs[delivery.id].map { $0.place == .running && $0.number == delivery.number } ?? false
    }
}

// What keeps a job from starting.
extension FlowModel {
    private func family(of key: String) -> String? {
        key.lastIndex(of: ":").map { key[...$0] + "*" }
    }

    func limit(of key: String) -> Limit? { limits[key] ?? family(of: key).flatMap { limits[$0] } }

    func isPaused(_ key: String) -> Bool {
        pauses.contains(key) || family(of: key).map { pauses.contains($0) } ?? false
    }

    /// The limits a job counts against, those of its queue, name and workspace too.
    func charges(of job: Job) -> [Flow.Charge] {
        let envelope = job.envelope
        let subjects = [
            "queue:\(job.queue)", "job:\(envelope.name)", "workspace:\(envelope.workspace)",
        ]
        return envelope.flow.charges
            + subjects.filter { limit(of: $0) != nil || isPaused($0) }.map { Flow.Charge($0) }
    }

    func running(at key: String) -> Int { jobs.values.count { $0.slots.contains(key) && !$0.hasLapsed } }

    private func hindrance(_ charge: Flow.Charge) -> Explanation.Blocker.Kind? {
        let key = charge.key
        if isPaused(key) { return .paused }
        if cooled.contains(key) { return .cooled }
        guard let limit = limit(of: key) else { return nil }
        if let most = limit.concurrency, running(at: key) >= most { return .concurrency }
        if let rate = limit.rate {
            let most = rate.burst ?? rate.units
            if used[key, default: 0] + min(charge.cost, most) > most { return .rate }
        }
        if let breaker = limit.breaker, let fuse = fuses[key], fuse.isOpen {
            let probes = jobs.values.count { $0.probes.contains(key) && !$0.hasLapsed }
            if !fuse.isProbing || breaker.probes - fuse.good - probes <= 0 { return .breaker }
        }
        return nil
    }

    /// The limits, pauses and exclusive keys in the way of a job, as `kind key`.
    func obstacles(of job: Job) -> Set<String> {
        var found = Set(
            charges(of: job).compactMap { charge in hindrance(charge).map { "\($0.rawValue) \(charge.key)" } }
        )
        if let key = job.envelope.flow.exclusive, let owner = owners[key], owner != job.envelope.id {
            found.insert("exclusive \(key) \(owner.text)")
        }
        return found
    }

    /// Everything that keeps a job from being the next of its line.
    func blockers(of job: Job) -> Set<String> {
        var found = obstacles(of: job)
        switch job.place {
        case .later: found.insert("later ")
        case .parked: found.insert("no_worker \(job.envelope.name)")
        case .suspect where suspects[job.queue]?.first != job.envelope.id: found.insert("suspects ")
        case .waiting:
            if let key = job.envelope.flow.exclusive, lines[job.kind]?.first != job.envelope.id {
                found.insert("order \(key)")
            }
        default: break
        }
        return found
    }

    /// Those of a queue that a worker with room ought to get.
    func claimable(in queue: String) -> [ID] {
        ids(.waiting, .suspect).filter { id in
            jobs[id].map { $0.queue == queue && blockers(of: $0).isEmpty } ?? false
        }
    }
}

// What a job takes and gives back.
extension FlowModel {
    private mutating func take(_ id: ID) {
        guard let job = jobs[id] else { return }
        for charge in charges(of: job) {
            guard let limit = limit(of: charge.key) else { continue }
            if limit.concurrency != nil { takeSlot(charge.key, id) }
            if let rate = limit.rate {
                used[charge.key, default: 0] += min(charge.cost, rate.burst ?? rate.units)
            }
            if limit.breaker != nil {
                jobs[id]?.fuses.insert(charge.key)
                if fuses[charge.key]?.isOpen == true { jobs[id]?.probes.insert(charge.key) }
            }
        }
        let isFree = jobs[id].map { $0.slots.isEmpty && $0.fuses.isEmpty } ?? true
        jobs[id]?.isHolding = !isFree
        if let key = job.envelope.flow.exclusive { owners[key] = id }
    }

    /// Whoever comes takes the places of those whose leases have run out.
    private mutating func takeSlot(_ key: String, _ id: ID) {
        for (other, job) in jobs where job.hasLapsed && job.slots.contains(key) {
            jobs[other]?.slots.remove(key)
            jobs[other]?.lostSlot = true
        }
        jobs[id]?.slots.insert(key)
    }

    /// `works` is nil when the attempt says nothing of what it called.
    mutating func release(_ id: ID, works: Bool?) {
        guard let job = jobs[id] else { return }
        var free = job
        (free.slots, free.fuses, free.probes) = ([], [], [])
        (free.hasLapsed, free.lostSlot, free.isHolding) = (false, false, false)
        jobs[id] = free
        for key in job.fuses.sorted() { report(key, wasProbe: job.probes.contains(key), works) }
    }

    private mutating func report(_ key: String, wasProbe: Bool, _ works: Bool?) {
        guard let breaker = limit(of: key)?.breaker, let works else { return }
        var fuse = fuses[key] ?? Fuse()
        if works {
            if wasProbe { fuse.good += 1 }
            if !fuse.isOpen || wasProbe && fuse.good >= breaker.probes { reset(key, &fuse, isOpen: false) }
        } else if wasProbe || !fuse.isOpen {
            fuse.bad += 1
            if wasProbe || fuse.bad >= breaker.failures { reset(key, &fuse, isOpen: true) }
        }
        fuses[key] = fuse
    }

    private mutating func reset(_ key: String, _ fuse: inout Fuse, isOpen: Bool) {
        if isOpen || fuse.isOpen { for id in Array(jobs.keys) { jobs[id]?.probes.remove(key) } }
        fuse = Fuse(isOpen: isOpen)
    }

    /// Gives back what a job held as long as it lived.
    mutating func finish(_ id: ID, _ place: Place, isDeleted: Bool = false) {
        guard let job = jobs[id] else { return }
        jobs[id]?.place = place
        jobs[id]?.isCancelWanted = false
        unlock(id) { $0 != .lifetime && !($0 == .success && place == .dead) }
        if let key = job.envelope.flow.exclusive, owners[key] == id { owners[key] = nil }
        if job.asks, !isDeleted { told[id, default: 0] += 1 }
        jobs[id]?.asks = false
    }

    mutating func unlock(_ id: ID, where isOver: (Unique.Until) -> Bool) {
        guard let key = jobs[id]?.envelope.unique?.key else { return }
        let name = "\(jobs[id]?.queue ?? "") \(key)"
        if let lock = locks[name], lock.id == id, isOver(lock.until) { locks[name] = nil }
    }

    mutating func withdraw(_ id: ID) {
        guard let job = jobs[id] else { return }
        lines[job.kind]?.removeAll { $0 == id }
        suspects[job.queue]?.removeAll { $0 == id }
    }

    mutating func strike(_ id: ID) {
        withdraw(id)
        release(id, works: nil)
        finish(id, .ended)
    }

    mutating func place(_ id: ID, inFront: Bool) {
        guard let job = jobs[id] else { return }
        jobs[id]?.place = .waiting
        lines[job.kind, default: []].insert(id, at: inFront ? 0 : lines[job.kind]?.count ?? 0)
    }

    /// Starts a job.
    mutating func start(_ id: ID) {
        withdraw(id)
        jobs[id]?.place = .running
        take(id)
        unlock(id) { $0 == .start }
    }
}
