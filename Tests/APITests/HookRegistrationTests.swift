import Core
import Curl
import Integrations
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `A bot whose address is opened` {
    private let token = "X-Telegram-Bot-Api-Secret-Token"

    private func open(_ hook: Hooked, _ body: JSON = [:]) async throws -> Heard {
        try await hook.house.send("PUT", "/api/integrations/\(hook.connection)/hook", body)
    }

    private func close(_ hook: Hooked) async throws -> Heard {
        try await hook.house.delete("/api/integrations/\(hook.connection)/hook")
    }

    private func told(_ hook: Hooked) async throws -> [JSON] {
        try await #require(hook.there).effects("webhook")
    }

    @Test func `is told where to call, with which secret, and what about`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let first = try #require(try await told(hook).last)
            #expect(first["url"]?.string == Hooked.home + hook.path)
            #expect(first["secret"] == "s1")
            #expect(first["updates"] == ["message", "channel_post", "callback_query"])
            let turned = try await open(hook, ["secret": "s2"])
            #expect(turned.json["registered"] == true)
            #expect(try await told(hook).last?["secret"] == "s2")
            #expect(try await open(hook).status == 200)
            #expect(try await told(hook).map { $0["secret"] } == ["s1", "s2", "s2"])
            let other = try await Hooked.bot(house, secret: nil)
            let made = try #require(other.made)
            #expect(try await told(other).last?["secret"]?.string == made)
            #expect(try await other.call(Hooked.update(1), [token: made]).status == 200)
        }
    }

    @Test func `calls no more when it is closed`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            #expect(try await close(hook).status == 204)
            #expect(try await told(hook).last?["url"] == "")
            #expect(try await close(hook).status == 404)
            #expect(try await told(hook).count == 2)
        }
    }

    @Test func `says what it does not take, and takes what is mended`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let refused = try await open(hook, ["secret": "no blanks, please"])
            #expect(refused.status == 409)
            let words = refused.json["detail"]?.string ?? ""
            #expect(words.contains("secret token contains unallowed characters"), "\(words)")
            #expect(words.contains("open it again"), "\(words)")
            #expect(try await open(hook, ["secret": "s3"]).status == 200)
            #expect(try await hook.call(Hooked.update(1), [token: "s3"]).status == 200)
        }
    }

    @Test func `may be away, and is told later`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            let away: JSON = ["kind": "status", "status": 503, "times": 2]
            try await hook.there?.fault(away)
            #expect(try await open(hook, ["secret": "s2"]).status == 503)
            #expect(try await close(hook).status == 503)
            // What it was told before still holds.
            #expect(try await hook.call(Hooked.update(1), [token: "s1"]).status == 200)
            #expect(try await close(hook).status == 204)
            #expect(try await hook.call(Hooked.update(2), [token: "s1"]).status == 404)
        }
    }

    @Test func `is closed also when it lets us in no more`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked.bot(house)
            try await hook.there?.fault(["kind": "status", "status": 401, "times": 1])
            #expect(try await close(hook).status == 204)
            #expect(try await hook.call(Hooked.update(1), [token: "s1"]).status == 404)
        }
    }

    @Test func `is told nothing where nobody knows how the outside reaches us`() async throws {
        try await Running.with(services: { $0.bases["telegram"] = try StandIns.base("telegram") }) { house in
            let there = StandIns("telegram", account: "\(UInt32.random(in: 1...UInt32.max))")
            let fields: JSON = ["bot_token": .string("\(there.account):secret-\(there.account)")]
            let made = try await house.post("/api/integrations/telegram/connect", ["fields": fields])
            let path = "/api/integrations/\(made.json["id"]?.string ?? "")/hook"
            let opened = try await house.send("PUT", path, [:])
            #expect(opened.status == 200, "\(opened.text)")
            #expect(opened.json["registered"] == false)
            #expect(try await house.delete(path).status == 204)
            #expect(try await there.effects().isEmpty)
        }
    }

    @Test func `is the only one that is told: others are by a person`() async throws {
        try await Hooked.with { house in
            let hook = try await Hooked(house, "slack", ["bot_token": "xoxb-1"], secret: "sig")
            #expect(try await open(hook).json["registered"] == false)
            #expect(try await close(hook).status == 204)
        }
    }
}
