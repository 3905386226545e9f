import Core
import Logging
import Queue

/// Runs one attempt and says how it ended. It never throws, and it ends once.
public struct Runner<Tools: Sendable>: Sendable {
    public let catalogue: Catalogue<Tools>
    private let tools: Tools
    private let log: Logger

    public init(_ catalogue: Catalogue<Tools>, tools: Tools, log: Logger) {
        self.catalogue = catalogue
        self.tools = tools
        self.log = log
    }

    /// How long an attempt that starts at `start` may take: what the request said, else what the job
    /// promises, and never more than what is left until the job's deadline.
    public func timeout(of envelope: Envelope, from start: Moment) -> Duration {
        let timeout = envelope.timeout ?? policy(of: envelope).timeout
        return envelope.deadline.map { max(.zero, min(timeout, $0 - start)) } ?? timeout
    }

    private func policy(of envelope: Envelope) -> Policy { catalogue.policy(envelope.name) ?? Policy() }

    /// - Parameters:
    ///   - started: when the attempt begins.
    ///   - stop: why the attempt was told to stop, if it was.
    package func attempt(
        _ claim: Claim, started: Moment, reporter: any Reporter, stop: @escaping @Sendable () -> Stop?
    ) async -> Verdict {
        let envelope = claim.envelope
        if let expires = envelope.expires, expires <= started { return .expired }
        // During a deploy an old worker meets new jobs. It leaves them for a newer one.
        guard let entry = catalogue[envelope.name], envelope.version <= entry.version else { return .parked }
        if let deadline = envelope.deadline, deadline <= started {
            return .dead(
                Failure(.broken, "The job's deadline, \(deadline.text), passed before it could start."))
        }
        return await traced(claim) { trace in
            let context = Context(
                claim: claim, tools: tools, log: log, now: started, reporter: reporter,
                deadline: started + timeout(of: envelope, from: started), trace: trace, stop: stop)
            do {
                return verdict(on: try await entry.run(envelope, context), of: claim)
            } catch {
                return verdict(on: error, of: claim, stop: stop())
            }
        }
    }

    private func verdict(on outcome: Outcome, of claim: Claim) -> Verdict {
        switch outcome {
        case .done: return .done(nil)
        case .result(let json): return .done(json)
        case .again(let pause, let counting):
            return policy(of: claim.envelope)
                .verdict(onAgain: pause, counting: counting, after: ended(claim), of: claim.envelope)
        case .giveUp(let reason): return .dead(Failure(.invalid, reason))
        }
    }

    /// What a stopped attempt comes to when it ends, or is abandoned, without a word of its own.
    package func verdict(on stop: Stop, of claim: Claim) -> Verdict {
        switch stop {
        case .cancelled(let reason): return .cancelled(reason: reason)
        case .drained, .lost: return .released
        case .timedOut:
            // The clocks that end an attempt and that tell the time need not agree to the millisecond.
            if let deadline = claim.envelope.deadline, deadline <= .now + .milliseconds(100) {
                return .dead(
                    Failure(.broken, "The job did not end before its deadline, \(deadline.text)."))
            }
            // No deadline cut this attempt short, so its whole timeout has passed.
            let timeout = claim.envelope.timeout ?? policy(of: claim.envelope).timeout
            return failed(Failure(.broken, "The attempt took longer than \(timeout)."), claim)
        }
    }

    private func verdict(on error: any Error, of claim: Claim, stop: Stop?) -> Verdict {
        if let stop { return verdict(on: stop, of: claim) }
        switch error {
        case let failure as Failure: return failed(failure, claim)
        case let fault as JSONParser.Fault:
            return .dead(Failure(.invalid, "The arguments are no JSON: \(fault)."))
        default: return failed(Failure(.broken, "The job failed: \(error).", cause: error), claim)
        }
    }

    private func failed(_ failure: Failure, _ claim: Claim) -> Verdict {
        log.warning("attempt failed", metadata: ["job": "\(claim.delivery.text)", "failure": "\(failure)"])
        return policy(of: claim.envelope).verdict(after: failure, ended(claim), of: claim.envelope)
    }

    private func ended(_ claim: Claim) -> Policy.Attempt {
        Policy.Attempt(number: claim.attempt, delivery: claim.delivery.number, ended: .now)
    }
}

extension Runner {
    /// How long a job may take to hear that it has failed for the last time.
    public static var farewellLimit: Duration { .seconds(10) }

    /// Tells the job that it has failed for the last time. What goes wrong in that is only logged.
    package func exhausted(_ claim: Claim, _ failure: Failure, reporter: any Reporter) async {
        guard let entry = catalogue[claim.envelope.name] else { return }
        let now = Moment.now
        let context = Context(
            claim: claim, tools: tools, log: log, now: now, reporter: reporter,
            deadline: now + Self.farewellLimit)
        do {
            try await entry.exhausted(claim.envelope, failure, context)
        } catch {
            log.error(
                "the hook of an exhausted job failed",
                metadata: ["job": "\(claim.delivery.text)", "error": "\(error)"])
        }
    }
}
