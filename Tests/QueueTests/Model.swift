import Core

@testable import Queue

/// Where each job ought to be: the queue's rules once more, as plainly as possible.
struct Model {
    enum Place: Hashable {
        case waiting, rescued, suspect, leased, later, parked, dead
        case ended(State)
    }

    struct Job {
        var place: Place
        var number = 1
        var crashes = 0
        let level: Envelope.Level
        var isCancelWanted = false

        /// The number of the list it waits in: what was rescued from a dead worker goes before all others.
        var list: Int { place == .rescued ? 0 : Envelope.Level.allCases.firstIndex(of: level) ?? 0 }
    }

    private(set) var jobs: [ID: Job] = [:]
    private(set) var refused = 0

    mutating func add(_ id: ID, _ level: Envelope.Level, later: Bool) {
        jobs[id] = Job(place: later ? .later : .waiting, level: level)
    }

    func ids(_ place: Place) -> [ID] { jobs.filter { $0.value.place == place }.keys.sorted() }

    func holds(_ delivery: Delivery) -> Bool {
        jobs[delivery.id].map { $0.place == .leased && $0.number == delivery.number } ?? false
    }

    /// Moves all that is due to their lists.
    mutating func promote() { for id in ids(.later) { jobs[id]?.place = .waiting } }

    mutating func unpark() { for id in ids(.parked) { jobs[id]?.place = .waiting } }

    /// Why this claim is wrong; nil when it is right.
    mutating func claim(_ delivery: Delivery) -> String? {
        guard let job = jobs[delivery.id] else { return "an unknown job" }
        guard [.waiting, .rescued, .suspect].contains(job.place) else { return "a job that is \(job.place)" }
        guard job.number == delivery.number else { return "delivery \(delivery.number), not \(job.number)" }
        jobs[delivery.id]?.place = .leased
        return nil
    }

    /// False when the outcome ought to be refused.
    mutating func settle(_ delivery: Delivery, _ verdict: Verdict) -> Bool {
        guard holds(delivery), var job = jobs[delivery.id] else {
            refused += 1
            return false
        }
        job.number += 1
        switch verdict {
        case .done: job.place = .ended(.done)
        case .cancelled: job.place = .ended(.cancelled)
        case .expired: job.place = .ended(.expired)
        case .dead: (job.place, job.crashes, job.isCancelWanted) = (.dead, 0, false)
        case .retry, .snooze: job.place = job.isCancelWanted ? .ended(.cancelled) : .later
        case .released: job.place = job.isCancelWanted ? .ended(.cancelled) : .waiting
        case .parked: job.place = job.isCancelWanted ? .ended(.cancelled) : .parked
        }
        jobs[delivery.id] = job
        return true
    }

    mutating func crash(_ id: ID) {
        guard var job = jobs[id] else { return }
        job.crashes += 1
        job.number += 1
        job.place = job.crashes >= 3 ? .dead : job.crashes == 2 ? .suspect : .rescued
        if job.place == .dead { (job.crashes, job.isCancelWanted) = (0, false) }
        jobs[id] = job
    }

    mutating func cancel(_ id: ID) -> Queue.Cancellation {
        switch jobs[id]?.place {
        case nil, .ended: return .missing
        case .dead: return .dead
        case .leased:
            jobs[id]?.isCancelWanted = true
            return .running
        case .waiting, .rescued, .suspect, .later, .parked:
            jobs[id]?.place = .ended(.cancelled)
            return .cancelled
        }
    }

    mutating func retry(_ id: ID) -> Bool {
        guard jobs[id]?.place == .dead else { return false }
        jobs[id]?.place = .waiting
        jobs[id]?.number += 1
        return true
    }

    mutating func refuse() { refused += 1 }
}
