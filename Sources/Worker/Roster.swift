import Core
import Queue
import Work

/// What one worker process holds at a moment: jobs waiting inside, running, ended. Decisions only, no
/// waiting.
struct Roster {
    /// A job taken from its queue and given to a lane.
    struct Taken: Sendable {
        let claim: Claim
        let queue: Int
        let since: ContinuousClock.Instant
        /// Before its lease began.
        let asked: ContinuousClock.Instant
    }

    /// A job that a lane runs.
    struct Running {
        let job: Taken
        let report: Report
        let started: Moment
        let since: ContinuousClock.Instant
        let timeout: Duration
        let lease: Duration
        var renewed: ContinuousClock.Instant
        var isNoted = false
        var stop: Stop?
        var stopped: ContinuousClock.Instant?
        /// Set once the job has failed for the last time and is being told so.
        var farewell: Farewell?
        /// True when its lane no longer waits for it: what it still says does not count.
        var isAbandoned = false

        /// True while no other worker can have its job, whatever this one slept through.
        func isHeld(at now: ContinuousClock.Instant) -> Bool {
            stop == nil && !isAbandoned && now - renewed < lease
        }
    }

    /// A dead job's last moments: what it will be settled as, and since when its hook runs.
    struct Farewell {
        let verdict: Verdict
        let since: ContinuousClock.Instant
    }

    /// Jobs claimed beyond the lanes, so that short ones follow each other without a round trip.
    static let prefetchLimit = 256
    /// How much work, by measured run time, may lie ready for each lane.
    static let prefetchedWork: Duration = .milliseconds(2)
    /// How long a claimed job that counts against limits may wait here. Windows are stretched by more.
    static let freshness: Duration = .milliseconds(50)
    /// Outcomes that are sent at once even while jobs lie ready.
    static let settleAt = 128

    let lanes: Int
    private(set) var waiting: [Taken] = []
    private var head = 0
    private(set) var running: [Int: Running] = [:]
    private(set) var settlements: [[Settlement]]
    /// Queues that may hold more than was claimed last.
    private(set) var mayHold: [Bool]
    private var credits: [Int]
    private let weights: [Int]
    /// Queues of which a token told while a call was on its way: its answer may be older than the token.
    private var hasHeard: [Bool]
    /// When the call that is on its way, or the last one, was made.
    private var called = ContinuousClock.now
    /// Suspects here; there is one at most, beside jobs that are none.
    private var suspects = 0
    /// What a job took lately, smoothed; a second until the first is known, so that nothing is hoarded.
    private var pace: Duration = .seconds(1)
    private(set) var isQuiet = false

    init(lanes: Int, weights: [Int]) {
        self.lanes = lanes
        self.weights = weights
        settlements = weights.map { _ in [] }
        mayHold = weights.map { _ in true }
        credits = weights.map { _ in 0 }
        hasHeard = weights.map { _ in false }
    }

    var waitingCount: Int { waiting.count - head }
    var settledCount: Int { settlements.reduce(0) { $0 + $1.count } }
    /// True while outcomes are on their way to Redis.
    var isSending = false
    var isEmpty: Bool { waitingCount == 0 && running.isEmpty && settledCount == 0 && !isSending }

    private var prefetch: Int {
        let fitting = Double(lanes) * (Self.prefetchedWork / max(pace, .microseconds(1)))
        return Int(min(Double(Self.prefetchLimit), fitting))
    }

    /// How many jobs this worker could take now.
    var room: Int { isQuiet ? 0 : max(0, lanes + prefetch - running.count - waitingCount) }

    /// True when it makes sense to call Redis: something to settle or to claim, and not the next moment more
    /// of it.
    var isCallDue: Bool {
        if settledCount >= Self.settleAt { return true }
        // While plenty lies ready, outcomes gather; the jobs ready are short, so they wait a few milliseconds
        // at most.
        if waitingCount > prefetch / 2, waitingCount > 0 { return false }
        return settledCount > 0 || (room > 0 && mayHold.contains(true))
    }

    /// The queues that are not known to hold a job while one could start.
    var hungry: [Int] { room > 0 ? mayHold.indices.filter { !mayHold[$0] } : [] }

    mutating func quiet() { isQuiet = true }

    mutating func heard(of queue: Int?) {
        for index in mayHold.indices where queue == nil || queue == index {
            mayHold[index] = true
            hasHeard[index] = true
        }
    }

    /// What the next call tells and asks, by queue. The outcomes leave the roster.
    mutating func shifts() -> [(queue: Int, shift: Queue.Shift)] {
        let wanted = share(room)
        var isSuspectAsked = suspects > 0
        var shifts: [(Int, Queue.Shift)] = []
        for queue in weights.indices where !settlements[queue].isEmpty || wanted[queue] > 0 {
            var shift = Queue.Shift()
            shift.settlements = Array(settlements[queue].prefix(Queue.batchLimit))
            settlements[queue].removeFirst(shift.settlements.count)
            shift.wanted = wanted[queue]
            shift.mayTakeSuspect = !isSuspectAsked && wanted[queue] > 0
            isSuspectAsked = isSuspectAsked || shift.mayTakeSuspect
            hasHeard[queue] = false
            shifts.append((queue, shift))
        }
        isSending = !shifts.isEmpty
        called = .now
        return shifts
    }

    /// Shares the room between the queues that may hold jobs, by weight, in turns (smooth weighted round
    /// robin).
    private mutating func share(_ room: Int) -> [Int] {
        var wanted = weights.map { _ in 0 }
        let open = weights.indices.filter { mayHold[$0] }
        guard let first = open.first, room > 0 else { return wanted }
        guard open.count > 1 else {
            wanted[first] = room
            return wanted
        }
        let total = open.reduce(0) { $0 + weights[$1] }
        for _ in 0..<room {
            for queue in open { credits[queue] += weights[queue] }
            let next = open.max { credits[$0] < credits[$1] } ?? first
            credits[next] -= total
            wanted[next] += 1
        }
        return wanted
    }

    /// Puts back what could not be sent.
    mutating func restore(_ shifts: [(queue: Int, shift: Queue.Shift)]) {
        for (queue, shift) in shifts { settlements[queue].insert(contentsOf: shift.settlements, at: 0) }
    }

    mutating func take(_ haul: Haul, from queue: Int, asked: Queue.Shift, at now: ContinuousClock.Instant) {
        if asked.wanted > 0 { mayHold[queue] = haul.hasMore || hasHeard[queue] }
        for claim in haul.claims {
            if isQuiet {
                // Claimed by a call that was on its way when the stop came.
                settlements[queue].append(Settlement(claim, .released, started: .now, worker: ""))
                continue
            }
            if claim.isSuspect { suspects += 1 }
            waiting.append(Taken(claim: claim, queue: queue, since: now, asked: called))
        }
        let failure = Failure(.broken, "The job's envelope is damaged.")
        for claim in haul.damaged {
            settlements[queue].append(
                Settlement(claim, .dead(failure), started: .now, worker: "", isMarked: true))
        }
    }

    /// The job to run next. One that took its place in a window of time and then waited here goes back: run
    /// now, it would count in another window.
    mutating func next(worker: String) -> Taken? {
        while head < waiting.count {
            let taken = waiting[head]
            head += 1
            if head == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            }
            let isCharged = !taken.claim.envelope.flow.charges.isEmpty
            if !isCharged || ContinuousClock.now - taken.since < Self.freshness { return taken }
            if taken.claim.isSuspect { letSuspectIn() }
            settlements[taken.queue].append(Settlement(taken.claim, .released, started: .now, worker: worker))
        }
        return nil
    }

    mutating func start(_ running: Running, on lane: Int) { self.running[lane] = running }

    /// The lane's job has ended. False when the lane had been given up, and what it says counts no more.
    mutating func end(
        _ lane: Int, _ verdict: Verdict, worker: String, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let ended = running.removeValue(forKey: lane) else { return false }
        if ended.job.claim.isSuspect { letSuspectIn() }
        pace = pace * 0.9 + (now - ended.since) * 0.1
        var settlement = Settlement(
            ended.job.claim, verdict, started: ended.started, worker: worker,
            isMarked: ended.isNoted || ended.stop != nil)
        if let said = ended.report.json {
            settlement.progress = said
            settlement.isMarked = true
        }
        settlements[ended.job.queue].append(settlement)
        return true
    }

    /// One suspect less stands in the way of the next. A call that is on its way could not ask for that one.
    private mutating func letSuspectIn() {
        suspects -= 1
        heard(of: nil)
    }

    /// Gives back jobs that no lane has begun: all of them, or those taken before `moment`.
    mutating func release(takenBefore moment: ContinuousClock.Instant? = nil, worker: String) {
        guard waitingCount > 0 else { return }
        let isGiven = { (taken: Taken) in moment.map { taken.since < $0 } ?? true }
        // Each goes before the one given back last, so the oldest comes last.
        let given = waiting[head...].filter(isGiven).reversed()
        waiting = waiting[head...].filter { !isGiven($0) }
        head = 0
        for taken in given {
            if taken.claim.isSuspect { letSuspectIn() }
            settlements[taken.queue].append(Settlement(taken.claim, .released, started: .now, worker: worker))
        }
        // Jobs are no longer as short as they were.
        if let oldest = given.last { pace = max(pace, ContinuousClock.now - oldest.since) }
    }

    mutating func update(_ lane: Int, _ change: (inout Running) -> Void) {
        if running[lane] != nil { change(&running[lane]!) }
    }

    /// The lane that runs this delivery.
    func lane(of delivery: Delivery) -> Int? {
        running.first { $0.value.job.claim.delivery == delivery }?.key
    }
}

extension Claim {
    /// Whether it is likely to be what its workers died of.
    fileprivate var isSuspect: Bool { crashes > 1 }
}
