import Core
import Queue
import Tracing

extension TraceContext {
    /// The place of an attempt below the trace its job came with, or in one of the job's own. The same
    /// delivery finds the same place.
    package init(of claim: Claim) {
        let origin = claim.envelope.trace.flatMap { TraceContext($0) }
        self = (origin ?? TraceContext(root: claim.envelope.id)).child(UInt64(claim.delivery.number))
    }
}

extension InstrumentationContext {
    private enum Key: InstrumentationContextKey {
        typealias Value = TraceContext
        static let nameOverride: String? = "atom-trace"
    }

    /// The place in a W3C trace that the work under way belongs to, whether or not a tracer records it.
    public var trace: TraceContext? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}

extension Runner {
    /// Runs an attempt as a span of its job's trace. Without a tracer the trace goes on all the same.
    func traced(_ claim: Claim, _ body: (TraceContext) async -> Verdict) async -> Verdict {
        let tracer = InstrumentationSystem.tracer
        var context = InstrumentationContext.topLevel
        if tracer is NoOpTracer {
            let place = TraceContext(of: claim)
            context.trace = place
            return await InstrumentationContext.withValue(context) { await body(place) }
        }
        context.trace = claim.envelope.trace.flatMap { TraceContext($0) }
        tracer.extract(Carrier(text: claim.envelope.trace), into: &context, using: Carrier.Reader())
        return await tracer.withAnySpan("job \(claim.envelope.name)", context: context, ofKind: .consumer) {
            span in
            var carrier = Carrier()
            tracer.inject(span.context, into: &carrier, using: Carrier.Writer())
            let place = carrier.text.flatMap { TraceContext($0) } ?? TraceContext(of: claim)
            var context = span.context
            context.trace = place
            let verdict = await InstrumentationContext.withValue(context) { await body(place) }
            Self.describe(claim, verdict, on: span)
            return verdict
        }
    }

    private static func describe(_ claim: Claim, _ verdict: Verdict, on span: any Span) {
        span.updateAttributes {
            $0["job.id"] = claim.envelope.id.text
            $0["job.workspace"] = claim.envelope.workspace
            $0["job.attempt"] = claim.attempt
            $0["job.delivery"] = claim.delivery.number
            $0["job.verdict"] = verdict.word
        }
        guard let failure = verdict.failure else { return }
        span.recordError(failure)
        span.setStatus(SpanStatus(code: .error, message: failure.message))
    }
}

/// Carries the one header in which a trace travels between processes.
private struct Carrier: Sendable {
    var text: String?

    private static let header = "traceparent"

    struct Reader: Extractor {
        func extract(key: String, from carrier: Carrier) -> String? {
            key.lowercased() == Carrier.header ? carrier.text : nil
        }
    }

    struct Writer: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout Carrier) {
            if key.lowercased() == Carrier.header { carrier.text = value }
        }
    }
}

extension Verdict {
    /// What it is, in one word.
    fileprivate var word: String {
        switch self {
        case .done: "done"
        case .retry: "retry"
        case .snooze: "snooze"
        case .dead: "dead"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .parked: "parked"
        case .released: "released"
        }
    }

    fileprivate var failure: Failure? {
        switch self {
        case .retry(_, let failure), .dead(let failure): failure
        default: nil
        }
    }
}
