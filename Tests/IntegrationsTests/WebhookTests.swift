import Core
import Curl
import Foundation
import Integrations
import Testing

@Suite struct `A webhook` {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let secrets: [Webhooks.Secret]

    init() throws { secrets = [try #require(Webhooks.Secret(Self.secret))] }

    private func message(_ url: String) -> Webhooks.Message {
        Webhooks.Message(id: "msg_1", url: url, body: Array("{\"a\":1}".utf8))
    }

    /// A receiver that gives every call the same answer.
    private func receiver(
        _ heard: Record<Heard> = Record(), _ status: String, _ headers: [String] = [], body: String = ""
    )
        throws -> Server
    {
        try Server { peer in
            while let request = peer.request() {
                heard.add(request)
                peer.answer(status, headers, body: body)
            }
        }
    }

    private func thrown(_ status: String, _ headers: [String] = []) async throws -> Failure? {
        let server = try receiver(Record(), status, headers)
        let integrations = try Integrations.local()
        return await failure { try await integrations.webhooks.send(message(server.url()), secrets: secrets) }
    }

    @Test func `arrives with a signature that the receiver can check`() async throws {
        let heard = Record<Heard>()
        let server = try receiver(heard, "204 No Content")
        let answer = try await Integrations.local().webhooks.send(
            message(server.url("/hook")), secrets: secrets)
        guard case .delivered(204, let took) = answer else {
            Issue.record("It was answered \(answer).")
            return
        }
        #expect(took > .zero)
        let seen = try #require(heard.values.first)
        #expect(seen.method == "POST" && seen.path == "/hook" && seen.body == Array("{\"a\":1}".utf8))
        #expect(seen.headers["webhook-id"] == "msg_1" && seen.headers["content-type"] == "application/json")
        let arrival = Arrival(
            url: server.url("/hook"), headers: seen.headers.map { .init($0.key, $0.value) }, body: seen.body)
        try #require(Schemes.of("webhook")).check(arrival, secrets: [Self.secret])
    }

    @Test(arguments: ["200 OK", "201 Created", "202 Accepted", "299 Odd"])
    func `is delivered with any status of success`(status: String) async throws {
        let server = try receiver(Record(), status, body: String(repeating: "long ", count: 100_000))
        let answer = try await Integrations.local().webhooks.send(message(server.url()), secrets: secrets)
        guard case .delivered(let seen, _) = answer else {
            Issue.record("It was answered \(answer).")
            return
        }
        #expect(seen == Int(status.prefix(3)))
    }

    @Test func `finds that its receiver is gone`() async throws {
        let server = try receiver(Record(), "410 Gone")
        #expect(
            try await Integrations.local().webhooks.send(message(server.url()), secrets: secrets) == .gone)
    }

    @Test(arguments: [
        "300 Choices", "301 Moved", "304 Same", "400 Bad", "401 No", "403 No", "404 No", "409 No", "422 No",
        "500 Oh",
        "502 Oh", "503 Later", "504 Late",
    ])
    func `is worth another try after any other answer`(status: String) async throws {
        let failure = try await thrown(status)
        #expect(
            failure?.kind == .unavailable && failure?.isWorthRetrying == true && failure?.retryAfter == nil)
    }

    @Test func `waits as long as the receiver asks, within bounds`() async throws {
        let limited = try await thrown("429 Slow", ["Retry-After: 120"])
        #expect(limited?.kind == .limited && limited?.retryAfter == .seconds(120))
        #expect(try await thrown("503 Later", ["Retry-After: 7"])?.retryAfter == .seconds(7))
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let date = formatter.string(from: Date(timeIntervalSinceNow: 3_600))
        let dated = try #require(try await thrown("503 Later", ["Retry-After: \(date)"])?.retryAfter)
        #expect(dated > .seconds(3_500) && dated <= .seconds(3_600))
        #expect(try await thrown("429 Slow", ["Retry-After: 99999999"])?.retryAfter == Webhooks.longestPause)
        for value in ["Thu, 01 Jan 1970 00:00:00 GMT", "-5", "soon", ""] {
            #expect(try await thrown("429 Slow", ["Retry-After: \(value)"])?.retryAfter == nil, "\(value)")
        }
    }

    @Test func `is not led elsewhere by a redirect`() async throws {
        let reached = Record<Heard>()
        let inside = try receiver(reached, "200 OK")
        let failure = try await thrown("307 Moved", ["Location: \(inside.url())"])
        #expect(failure?.kind == .unavailable && reached.values.isEmpty)
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254",
    ])
    func `does not reach into the own network`(host: String) async throws {
        let reached = Record<Heard>()
        let server = try receiver(reached, "200 OK")
        let settings = Integrations.Settings(mail: Mail.Settings(sender: Mail.Address("a@b.org")))
        let integrations = Integrations(settings, outbox: Kept())
        let failure = await failure {
            try await integrations.webhooks.send(message(server.url(host: host)), secrets: secrets)
        }
        #expect(failure?.kind == .forbidden && failure?.isWorthRetrying == false)
        #expect(reached.values.isEmpty)
    }

    @Test func `gives up on a receiver that keeps silent`() async throws {
        let server = try Server { peer in _ = peer.rest() }
        let integrations = try Integrations.local(timeout: .milliseconds(200))
        let failure = await failure {
            try await integrations.webhooks.send(message(server.url()), secrets: secrets)
        }
        #expect(failure?.kind == .unavailable)
    }

    @Test func `is refused when it can never be sent`() async throws {
        let integrations = try Integrations.local()
        for url in ["ftp://example.com/", "http://user:pass@example.com/", "no address", "http://a b/"] {
            let failure = await failure {
                try await integrations.webhooks.send(message(url), secrets: secrets)
            }
            #expect(failure?.kind == .invalid, "\(url)")
        }
        var large = message("http://127.0.0.1:1/")
        large.body = [UInt8](repeating: 0x20, count: Webhooks.largest + 1)
        let failure = await failure { try await integrations.webhooks.send(large, secrets: secrets) }
        #expect(failure?.kind == .invalid)
        #expect(throws: Failure.self) { try Webhooks.Settings(allowing: ["everything"]) }
    }

    @Test func `is tried as the specification has it`() {
        #expect(Webhooks.schedule.map(\.seconds) == [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000])
    }
}
