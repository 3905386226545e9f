import Automation
import Core
import Curl
import Foundation
import Queue
import Store
import TestHouse
import Testing
import Workspace

@testable import API
@testable import Integrations

private func telegram(_ number: Int) -> String { Hooked.update(number) }

@Suite struct `A call at an address for providers` {
    private let token = "X-Telegram-Bot-Api-Secret-Token"

    @Test(arguments: Engine.allCases)
    func `is kept once with one job, however often it comes`(_ engine: Engine) async throws {
        try await Hooked.with(engine) { house in
            let hook = try await Hooked.bot(house)
            for _ in 0..<3 {
                let answer = try await hook.call(telegram(1), [token: "s1"])
                #expect(answer.status == 200)
                #expect(answer.body.isEmpty)
            }
            #expect(try await hook.jobs() == 1)
            #expect(try await hook.call(telegram(2), [token: "s1"]).status == 200)
            #expect(try await hook.jobs() == 2)
            // Both jobs arrive, by the push that follows the answer or by the sweep.
            while try await house.queue().depths().backlog < 2 {
                _ = try await house.outbox.sweep(olderThan: .zero)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await house.queue().depths().backlog == 2)
        }
    }

    @Test func `is turned away without a word of why, and counted`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            var texts: Set<String> = []
            for headers in [[:], [token: "s2"], [token: "S1"], [token: "s1 "], [token: ""]] {
                let answer = try await hook.call(telegram(1), headers)
                // White space around a header's value is no part of it (RFC 9110).
                if headers[token] == "s1 " { continue }
                #expect(answer.status == 401, "\(headers)")
                texts.insert(answer.json["detail"]?.string ?? "")
            }
            #expect(texts == ["This call could not be verified."])
            let metrics = try await house.get("/metrics").text
            #expect(
                metrics.contains(
                    "atom_webhook_rejected_total{provider=\"telegram\",reason=\"forged\"} 2"))
            #expect(
                metrics.contains(
                    "atom_webhook_rejected_total{provider=\"telegram\",reason=\"unsigned\"} 2"))
        }
    }

    @Test func `finds nobody where nothing was opened`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let id = hook.path.split(separator: "/").last ?? ""
            for path in ["/hooks/telegram/nobody", "/hooks/github/\(id)", "/hooks/nothing/\(id)"] {
                let answer = try await house.ask(
                    "POST", path, .bytes(Array(telegram(1).utf8)), as: .init(headers: [token: "s1"]))
                #expect(answer.status == 404)
            }
            #expect(try await hook.call("", [:], method: "GET").status == 404)
            let closed = try await house.delete("/api/integrations/\(hook.connection)/hook")
            #expect(closed.status == 204)
            #expect(try await hook.call(telegram(1), [token: "s1"]).status == 404)
        }
    }

    @Test func `is taken with the secret and the one before it, and with no older one`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            func turn(_ secret: String) async throws {
                let answer = try await house.send(
                    "PUT", "/api/integrations/\(hook.connection)/hook", ["secret": .string(secret)])
                #expect(answer.status == 200)
                #expect(answer.json["secret"] == nil)
            }
            try await turn("s2")
            #expect(try await hook.call(telegram(1), [token: "s1"]).status == 200)
            #expect(try await hook.call(telegram(2), [token: "s2"]).status == 200)
            try await turn("s3")
            #expect(try await hook.call(telegram(3), [token: "s1"]).status == 401)
            #expect(try await hook.call(telegram(4), [token: "s2"]).status == 200)
            #expect(try await hook.call(telegram(5), [token: "s3"]).status == 200)
            let shown = try await house.get("/api/integrations/\(hook.connection)").text
            #expect(!shown.contains("s3") && !shown.contains("webhook_secret"))
        }
    }

    @Test func `is not longer than a megabyte`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let long = String(repeating: " ", count: 1 << 20) + telegram(1)
            #expect(try await hook.call(long, [token: "s1"]).status == 413)
            let hub = try await Hooked(house, "github", ["token": "t", "repositories": "o/r"], secret: "s1")
            #expect(try await hub.call(long, ["X-Hub-Signature-256": "sha256=x"]).status == 401)
        }
    }

    @Test func `is verified over the bytes as they came`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked(
                house, "github", ["token": "t", "repositories": "o/r"], secret: "It's a Secret to Everybody")
            let header = "X-Hub-Signature-256"
            let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            #expect(try await hook.call("Hello, World!", [header: good]).status == 200)
            #expect(try await hook.call("Hello, World! ", [header: good]).status == 401)
            #expect(
                try await hook.call("Hello, World!", [header: good, "X-GitHub-Delivery": "2"]).status == 200)
            // Repeated under another name, which nobody signed, it is still the same call.
            #expect(try await hook.jobs() == 1)
        }
    }

    @Test func `is verified at the address that the outside knows`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked(
                house, "twilio", ["account_sid": "AC1", "auth_token": "12345"], secret: "x")
            let body = "MessageSid=SM1&SmsStatus=received&From=%2B4930123456&Body=Hi"
            let text = "BodyHiFrom+4930123456MessageSidSM1SmsStatusreceived"
            for (base, sid) in [("", 200), (":443", 200), (":8443", 401)] {
                let url = Hooked.home + base + hook.path
                let code = Scheme.Mac.code(Array((url + text).utf8), Array("12345".utf8), .sha1).base64
                let answer = try await hook.call(
                    body,
                    [
                        "X-Twilio-Signature": code, "Content-Type": "application/x-www-form-urlencoded",
                        "Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com",
                    ])
                #expect(answer.status == sid, "\(base)")
                guard sid == 200 else { continue }
                #expect(answer["content-type"] == "text/xml")
                #expect(answer.text.hasSuffix("<Response/>"))
            }
            #expect(try await hook.jobs() == 1)
        }
    }

    @Test func `may be the beginning of an acquaintance`() async throws {
        try await Hooked.with { house in
            let slack = try await Hooked(house, "slack", ["bot_token": "xoxb-1"], secret: "sig")
            let body = "{\"type\":\"url_verification\",\"challenge\":\"c1\"}"
            let now = "\(Moment.now.milliseconds / 1_000)"
            let code = Hex.text(Scheme.Mac.code(Array("v0:\(now):\(body)".utf8), Array("sig".utf8), .sha256))
            let headers = ["X-Slack-Request-Timestamp": now, "X-Slack-Signature": "v0=\(code)"]
            #expect(try await slack.call(body, headers).text == "c1")
            #expect(try await slack.call(body, [:]).status == 401)
            let graph = try await Hooked(house, "dropbox", secret: "s")
            let echo = try await graph.call("", [:], method: "GET", query: "?challenge=a%20b")
            #expect(echo.text == "a b")
            #expect(echo["content-type"]?.hasPrefix("text/plain") == true)
            let trello = try await Hooked(house, "trello", secret: "s")
            #expect(try await trello.call("", [:], method: "HEAD").status == 200)
            for provider in [slack, graph, trello] { #expect(try await provider.jobs() == 0) }
        }
    }

    @Test func `may bring the secret itself, once`() async throws {
        try await Hooked.with { house in
            let asana = try await Hooked(house, "asana")
            let first = try await asana.call("{}", ["X-Hook-Secret": "b53"])
            #expect(first.status == 200)
            #expect(first["X-Hook-Secret"] == "b53")
            #expect(try await asana.call("{}", ["X-Hook-Secret": "other"]).status == 401)
            let body = "{\"events\":[{}]}"
            let code = Hex.text(Scheme.Mac.code(Array(body.utf8), Array("b53".utf8), .sha256))
            #expect(try await asana.call(body, ["X-Hook-Signature": code]).status == 200)
        }
    }

    @Test func `has a secret made up where that is ours to choose`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked(house, "webhook")
            let secret = try #require(hook.made.flatMap { Webhooks.Secret($0) })
            let body = "{\"type\":\"invoice.paid\"}"
            let signature = try Webhooks.Signature.sign(
                id: "msg_1", at: .now, body: Array(body.utf8), secrets: [secret])
            let headers = [
                "webhook-id": "msg_1", "webhook-timestamp": signature.timestamp,
                "webhook-signature": signature.text,
            ]
            #expect(try await hook.call(body, headers).status == 200)
            #expect(try await hook.call(body, headers).status == 200)
            #expect(try await hook.jobs() == 1)
            let again = try await house.send("PUT", "/api/integrations/\(hook.connection)/hook", [:])
            #expect(again.json["secret"] == nil)
        }
    }
}

@Suite struct `The address of a connection` {
    @Test func `is opened by those who look after connections of the workspace only`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let path = "/api/integrations/\(hook.connection)/hook"
            for (key, status) in [(house.viewer, 403), (house.stranger, 404)] {
                #expect(try await house.ask("PUT", path, .none, as: .init(key: key)).status == status)
                #expect(try await house.delete(path, key: key).status == status)
            }
            #expect(try await house.send("PUT", path, ["scret": "x"]).refusal == "400 /scret")
            #expect(try await house.send("PUT", path, ["secret": ""]).refusal == "422 /secret")
        }
    }

    @Test func `gives everybody a code for a chat of their own`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked(house, "discord", ["bot_token": "1:x"], secret: "s1")
            let path = "/api/integrations/\(hook.connection)/link"
            let made = try await house.ask("POST", path, .none, as: .init(key: house.viewer))
            #expect(made.status == 201)
            #expect(made.json["code"]?.string?.count == 32)
            #expect(try await house.ask("POST", path, .none, as: .init(key: house.stranger)).status == 404)
            let trello = try await Hooked(house, "trello", secret: "s")
            let none = try await house.post("/api/integrations/\(trello.connection)/link", [:])
            #expect(none.status == 409)
        }
    }
}
