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

    /// How long the attempt may take: what the request said, else what the job promises.
    public func timeout(of envelope: Envelope) -> Duration {
        envelope.timeout ?? catalogue.policy(envelope.name)?.timeout ?? Policy().timeout
    }

    /// - Parameters:
    ///   - started: when the attempt begins.
    ///   - stop: why the attempt was told to stop, if it was.
    package func attempt(
        _ claim: Claim, started: Moment, reporter: any Reporter, stop: () -> Stop?
    ) async -> Verdict {
        let envelope = claim.envelope
        if let expires = envelope.expires, expires <= started { return .expired }
        // During a deploy an old worker meets new jobs. It leaves them for a newer one.
        guard let entry = catalogue[envelope.name] else { return .parked }
        do {
            let arguments = try JSONParser.parse(envelope.arguments)
            let context = Context(claim: claim, tools: tools, log: log, now: started, reporter: reporter)
            return switch try await entry.run(arguments, context) {
            case .done: .done(nil)
            case .result(let json): .done(json)
            case .again(let pause): .snooze(pause)
            case .giveUp(let reason): .dead(Failure(.invalid, reason))
            }
        } catch {
            return verdict(on: error, of: claim, entry.policy, stop: stop())
        }
    }

    /// What a stopped attempt comes to when it ends, or is abandoned, without a word of its own.
    package func verdict(on stop: Stop, of claim: Claim) -> Verdict {
        switch stop {
        case .cancelled(let reason): .cancelled(reason: reason)
        case .drained, .lost: .released
        case .timedOut:
            failed(
                Failure(.broken, "The attempt took longer than \(timeout(of: claim.envelope))."), claim,
                catalogue.policy(claim.envelope.name) ?? Policy())
        }
    }

    private func verdict(on error: any Error, of claim: Claim, _ policy: Policy, stop: Stop?) -> Verdict {
        if let stop { return verdict(on: stop, of: claim) }
        switch error {
        case let failure as Failure: return failed(failure, claim, policy)
        case let fault as JSONParser.Fault:
            return .dead(Failure(.invalid, "The arguments are no JSON: \(fault)."))
        default: return failed(Failure(.broken, "The job failed: \(error).", cause: error), claim, policy)
        }
    }

    private func failed(_ failure: Failure, _ claim: Claim, _ policy: Policy) -> Verdict {
        log.warning("attempt failed", metadata: ["job": "\(claim.delivery.text)", "failure": "\(failure)"])
        return policy.verdict(
            after: failure, attempt: claim.attempt, limit: claim.envelope.attempts, random: .random(in: 0..<1)
        )
    }
}

/// Why a running attempt is told to stop.
package enum Stop: Sendable, Hashable {
    case timedOut
    case cancelled(String)
    /// The worker stops, and the attempt did not end within the drain.
    case drained
    /// The lease went to another worker.
    case lost
}
