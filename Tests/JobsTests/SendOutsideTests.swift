import Automation
import Core
import Integrations
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `A message to the outside` {
    /// A bench with a connection to the stand-in of one provider.
    private struct Line {
        let bench: Bench
        let provider: StandIns
        let store: Store

        /// A message and the job that is to send it.
        func promise(_ values: Values) async throws -> (message: Item, claim: Claim) {
            let id = ID()
            let claim = try await bench.claim("send_message", ["message_id": JSON(id)])
            let message = try await store.messages.promise(values, id: id, to: claim.envelope.id)
            return (message, claim)
        }

        /// The message after its job has run once.
        func send(_ values: Values) async throws -> (message: Item, verdict: Verdict) {
            let (message, claim) = try await promise(values)
            let verdict = await bench.attempt(claim)
            return (try await store.rows(.messages).require(message.id), verdict)
        }

        func message(_ channel: String, _ to: String, _ body: String, _ more: [String: JSON] = [:]) -> Values
        {
            Values(
                ["channel": .string(channel), "to": [.string(to)], "body": .string(body)]
                    .merging(more) { $1 })
        }

        func texts() async throws -> [String] {
            try await provider.effects("message").compactMap { ($0["text"] ?? $0["body"])?.string }
        }
    }

    private func with(
        _ provider: Provider, _ account: String, _ fields: [String: String],
        _ body: (Line) async throws -> Void
    ) async throws {
        let stand = StandIns(provider.name, account: account)
        let hooks = try Webhooks.Settings(allowing: ["127.0.0.1/32"])
        let bases = try [provider.name: stand.base]
        try await Bench.with(webhooks: hooks, bases: bases) { bench async throws in
            let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
            _ = try await bench.tools.connections.add(provider, "Ours", fields, through: store)
            try await body(Line(bench: bench, provider: stand, store: store))
        }
    }

    private func withTwilio(
        _ more: [String: String] = [:], _ body: (Line) async throws -> Void
    ) async throws {
        let account = "AC\(ID().text.lowercased())"
        let fields = [
            "account_sid": account, "auth_token": "token-\(account)", "whatsapp_from": "+14155550100",
            "sms_from": "+14155550101",
        ]
        try await with(.twilio, account, fields.merging(more) { $1 }, body)
    }

    private func withTelegram(_ body: (Line) async throws -> Void) async throws {
        let account = "\(Int.random(in: 1_000_000...999_999_999))"
        try await with(.telegram, account, ["bot_token": "\(account):secret-\(account)"], body)
    }

    private func withSlack(_ body: (Line) async throws -> Void) async throws {
        let account = "T\(ID())"
        try await with(.slack, account, ["bot_token": "xoxb-\(account)"], body)
    }

    private func withDiscord(_ body: (Line) async throws -> Void) async throws {
        let account = "\(ID())"
        try await with(.discord, account, ["bot_token": "bot-\(account)"], body)
    }

    private func failure(of verdict: Verdict) throws -> Failure {
        switch verdict {
        case .dead(let failure), .retry(_, let failure): return failure
        default:
            Issue.record("not failed but \(verdict)")
            throw Failure(.broken, "not failed")
        }
    }

    @Test func `goes as an SMS, and its receipt names what Twilio calls it`() async throws {
        try await withTwilio { line async throws in
            let (message, _) = try await line.send(
                line.message("sms", "+4930123456", "Hello", ["media": ["https://example.org/a.png"]]))
            #expect(message.status == .sent)
            let effects = try await line.provider.effects("message")
            #expect(effects.map { $0["to"]?.string } == ["+4930123456"])
            #expect(effects.first?["from"]?.string == "+14155550101")
            #expect(effects.first?["media"]?.array == ["https://example.org/a.png"])
            #expect(message["external_id"] == effects.first?["sid"])
            #expect(message["receipt"]["sandbox"]?.bool == false)
        }
    }

    @Test func `goes to WhatsApp within 24 hours of the last word from there`() async throws {
        try await withTwilio { line async throws in
            let other = "+4930123456"
            let text = line.message("whatsapp", other, "Hello")
            let refused = try failure(of: try await line.send(text).verdict)
            #expect(refused.kind == .invalid && refused.message.contains("24 hours"))
            #expect(try await line.provider.calls() == 0)
            let content: JSON = [
                "sid": .string("HX" + String(repeating: "0", count: 32)), "variables": ["1": "Ann"],
            ]
            let template = try await line.send(line.message("whatsapp", other, "", ["content": content]))
            #expect(template.message.status == .sent)
            try await line.store.rows(.messages).create(
                Values([
                    "channel": "whatsapp", "direction": "in", "from_address": .string(other),
                    "to": ["+14155550100"], "body": "Hi",
                ]))
            try await line.provider.act(["inbound": ["From": .string("whatsapp:\(other)"), "To": "x"]])
            #expect(try await line.send(text).message.status == .sent)
            let effects = try await line.provider.effects("message")
            #expect(effects.map { $0["to"]?.string } == ["whatsapp:\(other)", "whatsapp:\(other)"])
            #expect(effects.map { $0["body"]?.string } == ["", "Hello"])
        }
    }

    @Test func `takes the template of its connection outside of the 24 hours`() async throws {
        let sid = "HX" + String(repeating: "a", count: 32)
        try await withTwilio(["whatsapp_template": sid]) { line async throws in
            let (message, _) = try await line.send(line.message("whatsapp", "+4930123456", "News"))
            #expect(message.status == .sent)
            #expect(try await line.provider.effects("message").first?["content"]?.string == sid)
        }
    }

    @Test func `is found at Twilio after its answer was lost`() async throws {
        try await withTwilio { line async throws in
            try await line.provider.fault(["kind": "drop_after", "times": 1])
            let (message, verdict) = try await line.send(line.message("sms", "+4930123456", "Once"))
            _ = try result(of: verdict)
            let effects = try await line.provider.effects("message")
            #expect(effects.count == 1)
            #expect(message["external_id"] == effects.first?["sid"])
        }
    }

    @Test(arguments: ["slack", "discord"])
    func `is found where it was posted after its answer was lost`(_ name: String) async throws {
        let body: (Line) async throws -> Void = { line async throws in
            try await line.provider.fault(["kind": "drop_after", "times": 1])
            let (message, verdict) = try await line.send(line.message(name, "C77", "Once & <only>"))
            _ = try result(of: verdict)
            #expect(message.status == .sent)
            #expect(try await line.provider.effects("message").count == 1)
        }
        name == "slack" ? try await withSlack(body) : try await withDiscord(body)
    }

    @Test func `is a person's turn where Telegram's answer was lost`() async throws {
        try await withTelegram { line async throws in
            try await line.provider.fault(["kind": "drop_after", "times": 1])
            let (message, claim) = try await line.promise(line.message("telegram", "77001", "Once"))
            for _ in 1...2 {
                let death = try death(of: await line.bench.attempt(claim))
                #expect(death.message.hasPrefix("unknown"))
            }
            #expect(try await line.texts() == ["Once"])
            let house = line.bench.house
            let entry = try #require(try await house.store.effects.list(house.workspace, .unknown).first)
            #expect(entry.key == "message:\(message.id):1")
            #expect(Advice.of(entry)?.contains("Open the chat") == true)
        }
    }

    @Test(arguments: ["telegram", "slack"])
    func `is left to the next attempt by one that slept past its lease`(_ name: String) async throws {
        let body: (Line) async throws -> Void = { line async throws in
            let to = name == "slack" ? "C77" : "77001"
            let (message, claim) = try await line.promise(line.message(name, to, "Once"))
            let verdict = await Mandate.during({ false }) { await line.bench.attempt(claim) }
            #expect(try failure(of: verdict).kind == .unavailable)
            #expect(try await line.provider.calls() == 0)
            let house = line.bench.house
            let entry = try await house.store.effects.find(house.workspace, key: "message:\(message.id):1")
            #expect(entry?.state == .failed, "It was certainly not sent.")
            _ = try result(of: await line.bench.attempt(claim))
            #expect(try await line.texts() == ["Once"])
        }
        name == "slack" ? try await withSlack(body) : try await withTelegram(body)
    }

    @Test func `goes to Telegram in parts, none of them twice`() async throws {
        try await withTelegram { line async throws in
            let paragraphs = (1...3).map { "\($0) " + String(repeating: "wort ", count: 700) }
            let text = paragraphs.joined(separator: "\n")
            let (message, claim) = try await line.promise(line.message("telegram", "77001", text))
            try await line.provider.fault(["kind": "status", "times": 0, "status": 503])
            _ = try result(of: await line.bench.attempt(claim))
            let texts = try await line.texts()
            #expect(texts.count == 3)
            #expect(texts.map { $0.prefix(2) } == ["1 ", "2 ", "3 "])
            let sent = try await line.store.rows(.messages).require(message.id)
            #expect(sent["external_id"].string?.hasPrefix("77001:") == true)
            #expect(sent["receipt"]["more"]?.array?.count == 2)
        }
    }

    @Test func `goes on with the part that failed, not from the start`() async throws {
        try await withTelegram { line async throws in
            try await line.provider.act(["settings": ["pace": 2]])
            let text = String(repeating: "wort ", count: 1_200)
            let (_, claim) = try await line.promise(line.message("telegram", "77001", text))
            let held = try failure(of: await line.bench.attempt(claim))
            #expect(held.kind == .limited && held.retryAfter == .seconds(2))
            try await line.provider.act(["settings": ["pace": 0]])
            _ = try result(of: await line.bench.attempt(claim))
            #expect(try await line.texts().count == 2)
        }
    }

    @Test func `goes to Telegram as plain text when its markup does not parse`() async throws {
        try await withTelegram { line async throws in
            let values = line.message("telegram", "77001", "1. not *closed", ["format": "markdown"])
            #expect(try await line.send(values).message.status == .sent)
            let effects = try await line.provider.effects("message")
            #expect(effects.map { $0["mode"] } == [.null])
        }
    }

    @Test func `follows a group that has become another chat, and so does its contact`() async throws {
        try await withTelegram { line async throws in
            let contact = try await line.store.rows(.contacts).create(
                Values(["name": "Group", "telegram": "-77"]))
            #expect(try await line.send(line.message("telegram", "-77", "Hello")).message.status == .sent)
            let effects = try await line.provider.effects("message")
            #expect(effects.map { $0["chat"]?.integer } == [-100_077])
            let after = try await line.store.rows(.contacts).require(contact.id)
            #expect(after["telegram"].string == "-100077")
        }
    }

    @Test func `is not tried again where the bot was blocked`() async throws {
        try await withTelegram { line async throws in
            let text = line.message("telegram", "5", "Hello")
            for _ in 1...2 {
                let refused = try failure(of: try await line.send(text).verdict)
                #expect(refused.kind == .missing)
            }
            #expect(try await line.provider.calls() == 1)
        }
    }

    @Test func `calls nobody in Slack by a plain text`() async throws {
        try await withSlack { line async throws in
            _ = try await line.send(line.message("slack", "C77", "<!channel> & all"))
            #expect(try await line.texts() == ["&lt;!channel&gt; &amp; all"])
        }
    }

    @Test func `goes to Teams as a card, and to Discord through a webhook`() async throws {
        let account = "t\(ID().text.lowercased())"
        let root = try StandIns.base("teams")
        let path = "/workflows/\(account)/triggers/manual/paths/invoke?sig=sig-\(account)"
        try await with(.teams, account, ["base_url": root + path]) { line async throws in
            #expect(try await line.send(line.message("teams", "general", "Hello")).message.status == .sent)
            #expect(try await line.texts() == ["Hello"])
        }
        let hook = "https://discord.com/api/webhooks/123/hook-\(account)"
        try await with(.discord, account, ["webhook_url": hook]) { line async throws in
            #expect(try await line.send(line.message("discord", "x", "Hello")).message.status == .sent)
            #expect(try await line.texts() == ["Hello"])
        }
    }

    @Test func `is refused where its connection leads elsewhere`() async throws {
        try await withSlack { line async throws in
            let row = try #require(try await line.store.connections.usual("slack"))
            let text = line.message("sms", "+4930123456", "Hello", ["connection_id": JSON(row.id)])
            let refused = try failure(of: try await line.send(text).verdict)
            #expect(refused.message.contains("does not carry"))
        }
    }
}
