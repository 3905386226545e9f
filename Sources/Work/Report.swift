import Core
import Queue
import Synchronization

/// What a running attempt has said of itself so far, kept in Redis under its fencing token.
public final class Report: Sendable {
    /// The most lines kept of one attempt; the first go first.
    public static let lineLimit = 50
    /// Longer lines are cut.
    public static let lengthLimit = 1_000

    private struct Said {
        var percent: Double?
        var message = ""
        var lines: [JSON] = []

        var json: JSON {
            .object(
                (percent.map {
                    [JSON.Member("percent", .double($0)), JSON.Member("message", .string(message))]
                } ?? [])
                    + (lines.isEmpty ? [] : [JSON.Member("log", .array(lines))]))
        }
    }

    private let queue: Queue
    private let claim: Claim
    private let said = Mutex(Said())

    package init(_ claim: Claim, in queue: Queue) {
        self.claim = claim
        self.queue = queue
    }

    /// All that was said; nil when nothing was.
    package var json: JSON? {
        // The type is spelled out: a bare nil here would be JSON's own null, and every job would count as
        // having spoken.
        said.withLock { said -> JSON? in said.percent == nil && said.lines.isEmpty ? .none : said.json }
    }

    private func send(_ news: JSON) async throws {
        let state = said.withLock { $0.json }
        guard try await queue.report(claim, state: state, news: news) else { throw CancellationError() }
    }
}

extension Report: Reporter {
    package func progress(_ percent: Double, _ message: String) async throws {
        let message = String(message.prefix(Self.lengthLimit))
        said.withLock { ($0.percent, $0.message) = (percent, message) }
        try await send(["percent": .double(percent), "message": .string(message)])
    }

    package func note(_ line: String) async throws {
        let entry: JSON = [
            "at": .string(Moment.now.text), "line": .string(String(line.prefix(Self.lengthLimit))),
        ]
        said.withLock {
            $0.lines.append(entry)
            if $0.lines.count > Self.lineLimit { $0.lines.removeFirst() }
        }
        try await send(["log": entry])
    }

    package func say(_ text: String, at place: Int, to user: ID? = nil) async throws {
        var news: [JSON.Member] = [.init("text", .string(text)), .init("at", .integer(Int64(place)))]
        if let user { news.append(.init("audience", .string(user.text))) }
        guard try await queue.tell(claim, news: .object(news)) else { throw CancellationError() }
    }

    package func enqueue(_ child: Envelope) async throws { try await queue.enqueue([child]) }
}
