import Core
import Logging
import Queue

/// What one running attempt can reach.
public struct Context<Tools: Sendable>: Sendable {
    /// The delivery, the envelope and what earlier attempts left.
    public let claim: Claim
    public let tools: Tools
    public let log: Logger
    /// When the attempt started.
    public let now: Moment
    /// When the attempt is told to stop: its timeout or the job's deadline, whichever comes first.
    public let deadline: Moment
    /// The place of this attempt in its trace; calls to the outside carry its text as `traceparent`.
    public let trace: TraceContext
    let reporter: any Reporter
    private let stopped: @Sendable () -> Stop?

    package init(
        claim: Claim, tools: Tools, log: Logger, now: Moment, reporter: any Reporter, deadline: Moment? = nil,
        trace: TraceContext? = nil, stop: @escaping @Sendable () -> Stop? = { nil }
    ) {
        self.claim = claim
        self.tools = tools
        self.log = log
        self.now = now
        self.reporter = reporter
        self.deadline = deadline ?? now + Policy().timeout
        self.trace = trace ?? TraceContext(of: claim)
        stopped = stop
    }

    public var id: ID { claim.envelope.id }
    public var workspace: String { claim.envelope.workspace }
    /// The number of this attempt, from 1.
    public var attempt: Int { claim.attempt }
    /// The number of this delivery, from 1: it grows with every attempt, crash, snooze and release.
    public var delivery: Int { claim.delivery.number }
    /// When the job was asked for.
    public var created: Moment { claim.envelope.created }
    /// Why the attempt is to stop, once it is; with it, its task is cancelled.
    public var stop: Stop? { stopped() }
    /// What calls to the outside carry so that they belong to this attempt's trace (W3C Trace Context).
    public var traceparent: String { trace.text }

    /// Tells how far the work is, to whoever watches. Throws `CancellationError` when the attempt lost its
    /// lease.
    ///
    /// - Parameters:
    ///   - percent: 0 to 100.
    ///   - message: a short sentence, such as "120 of 200 rows".
    public func progress(_ percent: Double, _ message: String = "") async throws {
        try await reporter.progress(min(max(percent, 0), 100), message)
    }

    /// Adds a line to what is shown beside the job; the last `Report.lineLimit` are kept.
    public func note(_ line: String) async throws {
        try await reporter.note(line)
    }

    /// Tells a piece of a text to whoever watches while the text comes into being; nothing of it is kept, so
    /// the whole belongs into the result. Throws `CancellationError` when the attempt lost its lease.
    ///
    /// - Parameters:
    ///   - place: how many Unicode scalars of the text come before the piece. One that begins before
    ///     the end of what was told takes the place of what was told from there.
    ///   - user: the id of the one who hears it; nil for all of the workspace.
    public func say(_ text: String, at place: Int, to user: ID? = nil) async throws {
        try await reporter.say(text, at: place, to: user)
    }
}

/// Takes what an attempt says of itself, and the jobs it asks for.
package protocol Reporter: Sendable {
    func progress(_ percent: Double, _ message: String) async throws
    func note(_ line: String) async throws
    func say(_ text: String, at place: Int, to user: ID?) async throws
    func enqueue(_ child: Envelope) async throws
}
