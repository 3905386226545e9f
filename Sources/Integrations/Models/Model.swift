import Core
import Curl

/// One language model behind one connection: it is asked, and what it says is told while it comes.
package struct Model: Sendable {
    /// Bounds in time of one call.
    package struct Patience: Sendable, Hashable {
        package var firstByte = Duration.seconds(60)
        /// Between two pieces of the answer.
        package var silence = Duration.seconds(60)
        package var total = Duration.seconds(600)
        /// The first pause before a call is made again; each further one is twice as long.
        package var pause = Duration.milliseconds(500)
        /// A server that wants to be left alone for longer is left to the queue.
        package var longestPause = Duration.seconds(8)

        package init() {}
    }

    /// How often a call is made again before the queue tries later.
    static let repeats = 2
    /// The most bytes that an answer may have.
    static let most = 8 << 20

    package let name: String
    package let line: Line
    package var patience = Patience()
    private let dialect: any Dialect

    /// Throws `invalid` for a provider that is no language model.
    package init(_ name: String, over line: Line) throws(Failure) {
        self.name = name
        self.line = line
        switch line.provider.name {
        case Provider.openai.name: dialect = OpenAI()
        case Provider.anthropic.name: dialect = Anthropic()
        default: throw Failure(.invalid, "\(line.provider.title) is no language model.")
        }
    }

    /// No call of this prompt can have more tokens of input: a token has a byte at least.
    package func bound(of prompt: Prompt) -> Int { dialect.body(of: prompt, for: name).bytes.count }

    /// How much of a call is sure to be billed.
    package enum Extent: Sendable, Hashable {
        /// Nothing: it was never made, or the server refused it.
        case none
        /// It may have been worked on to its end, and nobody heard of it.
        case unknown
        /// So many bytes of an answer were heard; a token has one at least.
        case heard(Int)
    }

    /// Asks the model. `tell` is called with each piece of its text; all of them make the text of the reply.
    ///
    /// A failure that passes is tried again a few times, as long as the server refuses. A call whose answer
    /// is lost may be billed, and is made once. `note` is told what is known of that, each time it changes.
    /// Throws `Failure` of the provider's table, or `CancellationError`, which ends the call at the server.
    package func reply(
        to prompt: Prompt, note: (Extent) -> Void = { _ in }, tell: (String) async throws -> Void
    ) async throws -> Reply {
        try await hear(try await begin(prompt, note), note, tell)
    }

    private func begin(_ prompt: Prompt, _ note: (Extent) -> Void) async throws -> Curl.Body {
        var tries = 0
        while true {
            try Task.checkCancellation()
            note(.unknown)
            do {
                return try await line.stream(request(prompt), reading: Self.reading)
            } catch let lost as Line.Unanswered {
                throw lost.failure
            } catch let failure as Failure {
                note(.none)
                let pause = failure.retryAfter ?? backoff(tries)
                guard tries < Self.repeats, pause <= patience.longestPause,
                    failure.kind == .limited || failure.kind == .unavailable
                else { throw failure }
                tries += 1
                try await Task.sleep(for: pause)
            }
        }
    }

    private func backoff(_ tries: Int) -> Duration {
        let pause = min(patience.pause * (1 << tries), patience.longestPause)
        return pause * Double.random(in: 0.75...1)
    }

    private func hear(
        _ body: Curl.Body, _ note: (Extent) -> Void, _ tell: (String) async throws -> Void
    ) async throws -> Reply {
        var (events, hearing) = (ServerEvents(), dialect.hearing())
        while !hearing.isOver, let piece = try await next(of: body) {
            let (text, fault) = Self.words(of: try events.take(piece), &hearing)
            if hearing.bytes > 0 { note(.heard(hearing.bytes)) }
            if !text.isEmpty { try await tell(text) }
            if let fault { throw fault }
        }
        guard hearing.isOver else {
            throw Failure(.unavailable, "The answer of the model broke off.")
        }
        return hearing.reply
    }

    /// What events say up to the first that tells of a failure.
    private static func words(
        of events: [ServerEvents.Event], _ hearing: inout any Hearing
    ) -> (String, (any Error)?) {
        var text = ""
        do {
            for event in events { text += try hearing.hear(event) ?? "" }
            return (text, nil)
        } catch { return (text, error) }
    }

    private func request(_ prompt: Prompt) -> Curl.Request {
        var request = Curl.Request(
            "POST", dialect.path,
            headers: dialect.headers.map { Curl.Header($0.name, $0.value) } + [
                Curl.Header("Content-Type", "application/json"),
                Curl.Header("Accept", "text/event-stream"),
            ], body: .bytes(dialect.body(of: prompt, for: name).bytes))
        request.timeouts = .init(firstByte: patience.firstByte, total: patience.total)
        request.maxBytes = Self.most
        return request
    }

    /// The next piece, if it comes before the silence is too long.
    private func next(of body: Curl.Body) async throws -> [UInt8]? {
        let silence = patience.silence
        do {
            return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
                group.addTask { try await body.makeAsyncIterator().next() }
                group.addTask {
                    try await Task.sleep(for: silence)
                    throw Failure(.unavailable, "The model said nothing for \(silence).")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    /// Both kinds of server say what is wrong in `error`.
    private static let reading: Line.Reading = { answer in
        guard answer.status >= 400 else { return nil }
        let error = answer.json["error"]
        let pause = Line.Answer.pause(
            seconds: answer.head["retry-after-ms"].flatMap { Double($0) }.map { $0 / 1_000 })
        let isFinal = answer.head["x-should-retry"]?.lowercased() == "false"
        let code = isFinal ? "final" : error?["code"]?.string ?? error?["type"]?.string
        let words = error?["message"]?.string ?? String(decoding: answer.body.prefix(300), as: UTF8.self)
        return answer.refusal(words, code: code, retryAfter: pause)
    }
}
