import Core
import Queue
import Synchronization
import Testing
import Tracing

@testable import Work

/// Keeps the spans that end, and carries traces as a backend does: with span ids of its own.
private final class Recorder: Tracer {
    struct Ended: Sendable {
        let name: String
        let kind: SpanKind
        let carried: String?
        let outgoing: String
        let attributes: SpanAttributes
        let errors: [String]
        let isFailed: Bool
    }

    private let ended = Mutex<[Ended]>([])
    var spans: [Ended] { ended.withLock { $0 } }

    fileprivate enum Carried: InstrumentationContextKey { typealias Value = String }
    fileprivate enum Outgoing: InstrumentationContextKey { typealias Value = String }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout InstrumentationContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        context[Carried.self] = extractor.extract(key: "traceparent", from: carrier)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let text = context[Outgoing.self] { injector.inject(text, forKey: "traceparent", into: &carrier) }
    }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        var context = context()
        let trace = context[Carried.self].flatMap { TraceContext($0) } ?? TraceContext(root: ID())
        context[Outgoing.self] = trace.child().text
        return RecordedSpan(operationName, kind, context) { span in self.ended.withLock { $0.append(span) } }
    }

    func startAnySpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> InstrumentationContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> any Span {
        startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID,
            line: line)
    }

    func forceFlush() {}
}

/// A span that tells its recorder what it was when it ends.
private final class RecordedSpan: Span {
    private struct Said {
        var name: String
        var attributes = SpanAttributes()
        var errors: [String] = []
        var isFailed = false
    }

    let context: InstrumentationContext
    let isRecording = true
    private let kind: SpanKind
    private let keep: @Sendable (Recorder.Ended) -> Void
    private let said: Mutex<Said>

    init(
        _ name: String, _ kind: SpanKind, _ context: InstrumentationContext,
        _ keep: @escaping @Sendable (Recorder.Ended) -> Void
    ) {
        (self.kind, self.context, self.keep) = (kind, context, keep)
        said = Mutex(Said(name: name))
    }

    var operationName: String {
        get { said.withLock { $0.name } }
        set { said.withLock { $0.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { said.withLock { $0.attributes } }
        set { said.withLock { $0.attributes = newValue } }
    }

    func setStatus(_ status: SpanStatus) { said.withLock { $0.isFailed = status.code == .error } }
    func addEvent(_ event: SpanEvent) {}
    func addLink(_ link: SpanLink) {}

    func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        said.withLock { $0.errors.append("\(error)") }
    }

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let said = said.withLock { $0 }
        keep(
            Recorder.Ended(
                name: said.name, kind: kind, carried: context[Recorder.Carried.self],
                outgoing: context[Recorder.Outgoing.self] ?? "", attributes: said.attributes,
                errors: said.errors, isFailed: said.isFailed))
    }
}

/// Enqueues a child and tells the trace it runs in.
private struct Beget: Job {
    static let name = "beget"

    func run(_ context: Context<Toolbox>) async throws -> Outcome {
        let child = try await context.enqueue(Plain(), level: .low)
        return .result([
            "traceparent": .string(context.traceparent), "child": .string(child.text),
            "current": .string(InstrumentationContext.current?.trace?.text ?? ""),
            "left_s": .double((context.deadline - context.now).seconds),
            "stop": .bool(context.stop == nil),
        ])
    }
}

@Suite struct `G9 The trace of a job` {
    private static let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let stage: Stage

    init() throws { stage = try Stage([Beget.self, Act.self, Plain.self]) }

    private func parent(trace: String? = given) -> Envelope {
        var envelope = Envelope(name: Beget.name, arguments: [123, 125], workspace: "acme", level: .high)
        envelope.trace = trace
        envelope.actor = "ann"
        envelope.deadline = Moment(milliseconds: Moment.now.milliseconds + 60_000)
        return envelope
    }

    private func result(_ verdict: Verdict) throws -> JSON {
        guard case .done(let json) = verdict else { throw Failure(.broken, verdict.text) }
        return try #require(json)
    }

    private func child() async throws -> Envelope {
        var shift = Queue.Shift()
        shift.wanted = 1
        return try #require(try await stage.queue.work(shift).claims.first).envelope
    }

    @Test func `goes on through attempt and child without any tracer`() async throws {
        let parent = parent()
        let result = try result(await stage.attempt(parent))
        let place = try #require(TraceContext(result["traceparent"]?.string ?? ""))
        #expect(place.trace == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(place.parent != "00f067aa0ba902b7")
        #expect(place.isSampled)
        #expect(result["current"]?.string == place.text)
        let child = try await child()
        #expect(child.id.text == result["child"]?.string)
        #expect(child.trace == place.text)
        #expect(child.parent == parent.id)
        #expect((child.workspace, child.level, child.actor) == ("acme", .low, "ann"))
        #expect(child.deadline == parent.deadline)
        let left = try #require(result["left_s"]?.double)
        #expect(left > 50 && left <= 60)
        #expect(result["stop"] == true)
    }

    @Test(arguments: [nil, "nonsense"])
    func `begins with the job where none, or no good one, came with it`(trace: String?) async throws {
        let parent = parent(trace: trace)
        let first = try result(await stage.attempt(parent))["traceparent"]?.string
        #expect(first.flatMap { TraceContext($0) }?.trace == TraceContext(root: parent.id).trace)
        let again = Claim(delivery: Delivery(id: parent.id, number: 2), envelope: parent)
        #expect(TraceContext(of: again).trace == TraceContext(root: parent.id).trace)
        #expect(TraceContext(of: again).text != first)
    }

    @Test func `has a span for each attempt, and the backend's ids go on`() async throws {
        let recorder = Recorder()
        let parent = parent()
        let verdict = await withTracer(recorder) { await stage.attempt(parent) }
        let result = try result(verdict)
        let span = try #require(recorder.spans.first)
        #expect(recorder.spans.count == 1)
        #expect((span.name, span.kind) == ("job beget", .consumer))
        #expect(span.carried == Self.given)
        #expect(result["traceparent"]?.string == span.outgoing)
        #expect(result["current"]?.string == span.outgoing)
        #expect(try await child().trace == span.outgoing)
        #expect(span.attributes.get("job.id") == .string(parent.id.text))
        #expect(span.attributes.get("job.verdict") == .string("done"))
        #expect(!span.isFailed)
    }

    @Test func `shows a failed attempt as failed`() async throws {
        let recorder = Recorder()
        let verdict = try await withTracer(recorder) { try await stage.attempt("unavailable") }
        #expect(verdict.text.hasPrefix("retry"))
        let span = try #require(recorder.spans.first)
        #expect(span.isFailed)
        #expect(span.errors == ["unavailable: It is unavailable."])
        #expect(span.attributes.get("job.verdict") == .string("retry"))
    }
}
