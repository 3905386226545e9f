import Automation
import Core
import Curl
import Foundation
import Integrations
import Store
import TestHouse
import Testing

@testable import API

/// A running API whose mailbox provider is the authorization server among the stand-ins.
private struct Bureau: Sendable {
    let house: Running
    let service: StandIns

    static func with(_ engine: Engine = .sqlite, _ body: (Bureau) async throws -> Void) async throws {
        let service = StandIns("oauth", account: "client-\(ID())")
        let base = try service.base
        try await Running.with(
            engine,
            adjust: {
                $0.allowedOrigins = ["https://app.example.org"]
                $0.publicURL = "https://atom.example.org"
            },
            services: {
                $0.bases = [
                    "gmail": "\(base)/api", "gmail.authorize": "\(base)/authorize",
                    "gmail.token": "\(base)/token", "gmail.revoke": "\(base)/revoke",
                ]
                $0.clients = ["gmail": .init(id: service.account, secret: "secret-of-\(service.account)")]
            }
        ) { try await body(Bureau(house: $0, service: service)) }
    }

    /// The path and query with which the service sends the browser back, and the cookie that it kept.
    func consent(_ wish: JSON = ["consent": true]) async throws -> (path: String, cookie: String) {
        let begun = try await house.post("/api/integrations/gmail/connect", wish)
        #expect(begun.status == 200, "\(begun.text)")
        var request = Curl.Request("GET", try #require(begun.json["authorize_url"]?.string))
        request.addresses = .open
        let curl = Curl()
        defer { curl.close() }
        let location = try #require(try await curl.send(request).head["location"])
        #expect(location.hasPrefix("https://atom.example.org/api/integrations/oauth/callback?"))
        let cookie = try #require(begun["set-cookie"])
        #expect(cookie.contains("HttpOnly; SameSite=Lax; Secure"))
        return (
            String(location.dropFirst("https://atom.example.org".count)), String(cookie.prefix { $0 != ";" })
        )
    }

    /// A browser comes back, with its cookie where it has one.
    func comeBack(_ path: String, _ cookie: String?) async throws -> Heard {
        try await house.ask(
            "GET", path, as: .init(key: nil, type: nil, headers: cookie.map { ["Cookie": $0] } ?? [:]))
    }
}

@Suite struct `The integrations of a workspace` {
    private static let path = "/api/integrations"

    @Test(arguments: Engine.allCases) func `are connected by fields, which are never shown again`(
        _ engine: Engine
    ) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post(
                "\(Self.path)/stripe/connect",
                [
                    "name": "Shop",
                    "fields": ["secret_key": "sk_canary_123", "webhook_secret": "whsec_canary"],
                ])
            #expect(made.status == 201, "\(made.text)")
            let place = try #require(made["location"])
            let shown = try await house.get(place)
            #expect(shown.json == made.json)
            let all = [made, shown, try await house.get(Self.path), try await house.get("\(place)/history")]
            for answer in all { #expect(!answer.text.contains("canary"), "\(answer.text)") }
            #expect(shown.json["provider"] == "stripe" && shown.json["status"] == "active")
            #expect(try await house.get(place, key: house.stranger).status == 404)
            #expect(try await house.get(Self.path, key: house.stranger).json["connections"] == [])
            let twice = try await house.post(
                "\(Self.path)/stripe/connect", ["name": "Shop", "fields": ["secret_key": "sk"]])
            #expect(twice.status == 409)
            let changed = try await house.send("PUT", place, ["name": "Store", "status": "disabled"])
            #expect(changed.json["name"] == "Store" && changed.json["status"] == "disabled")
            #expect(try await house.post("\(place)/health", [:]).status == 409)
            #expect(try await house.delete(place).status == 204)
            #expect(try await house.get(place).status == 404)
        }
    }

    @Test func `say what can be connected here, and how`() async throws {
        try await Bureau.with { bureau in
            let list = try await bureau.house.get("\(Self.path)/available").json["integrations"]?.array ?? []
            #expect(list.count == Providers.all.count)
            let gmail = try #require(list.first { $0["name"] == "gmail" })
            #expect(gmail["how"] == ["fields", "consent"])
            let calendar = try #require(list.first { $0["name"] == "google_calendar" })
            #expect(calendar["how"] == ["fields"])
        }
    }

    @Test func `take what a service needs and nothing else, and never repeat it`() async throws {
        try await Running.with { house in
            let cases: [(String, JSON, String)] = [
                ("stripe", ["fields": [:]], "422 /fields/secret_key"),
                ("stripe", ["fields": ["secret_key": "canary", "shop": "x"]], "422 /fields/shop"),
                ("stripe", ["fields": ["secret_key": "can\u{0}ary"]], "422 /fields/secret_key"),
                ("stripe", ["fields": ["secret_key": ""]], "422 /fields/secret_key"),
                ("stripe", ["fields": ["secret_key": 7]], "400 /fields/secret_key"),
                ("stripe", ["fields": ["secret_key": "canary"], "name": ""], "422 /name"),
                ("stripe", ["consent": true], "422 -"),
                ("openai", ["fields": ["base_url": "https://a:canary@h/"]], "422 /fields/base_url"),
                ("openai", ["fields": ["base_url": "file:///etc/passwd"]], "422 /fields/base_url"),
                ("gmail", ["consent": true], "409 -"),
                ("nobody", ["fields": [:]], "404 -"),
                ("01JAAAAAAAAAAAAAAAAAAAAAAA", ["fields": [:]], "404 -"),
            ]
            for (provider, body, refusal) in cases {
                let answer = try await house.post("\(Self.path)/\(provider)/connect", body)
                #expect(answer.refusal == refusal, "\(provider) \(body.text) \(answer.text)")
                #expect(!answer.text.contains("canary"))
            }
            let viewer = Running.Manner(key: house.viewer)
            let refused = try await house.ask(
                "POST", "\(Self.path)/stripe/connect", .bytes(Array(#"{"fields":{"secret_key":"x"}}"#.utf8)),
                as: viewer)
            #expect(refused.status == 403)
        }
    }

    @Test func `do not let the address move under a secret that is kept`() async throws {
        try await Running.with { house in
            let made = try await house.post(
                "\(Self.path)/openai/connect",
                ["fields": ["api_key": "sk-1", "base_url": "https://models.example.org/v1", "model": "m"]])
            let place = try #require(made["location"])
            let settings: JSON = ["base_url": "https://evil.example.org/v1", "model": "m"]
            #expect(
                try await house.send("PUT", place, ["settings": settings]).refusal == "422 /settings/base_url"
            )
            let secret: JSON = ["base_url": "https://models.example.org/v1", "api_key": "sk-2"]
            #expect(
                try await house.send("PUT", place, ["settings": secret]).refusal == "422 /settings/api_key")
            let good: JSON = ["base_url": "https://models.example.org/v1", "model": "n"]
            #expect(try await house.send("PUT", place, ["settings": good]).status == 200)
            let anew = try await house.post(
                "\(place)/connect", ["fields": ["base_url": "https://evil.example.org/v1"]])
            #expect(anew.status == 200 && anew.json["id"] == made.json["id"])
            // The old secret did not come along.
            let id = try #require(ID(anew.json["id"]?.string ?? ""))
            let tools = house.tools
            #expect(
                try await tools.connections.open(id, in: house.workspace).line.credentials["api_key"] == nil)
        }
    }
}

@Suite struct `A consent in the browser` {
    @Test(arguments: Engine.allCases) func `ends with a connection and a page that says so`(
        _ engine: Engine
    ) async throws {
        try await Bureau.with(engine) { bureau in
            let (path, cookie) = try await bureau.consent()
            let page = try await bureau.comeBack("\(path)&authuser=0&hd=example.org", cookie)
            #expect(
                page.status == 200 && page["content-type"]?.hasPrefix("text/html") == true, "\(page.text)")
            let list = try await bureau.house.get("/api/integrations").json["connections"]?.array ?? []
            #expect(list.count == 1 && list[0]["status"] == "active")
            let id = list[0]["id"]?.string ?? ""
            #expect(try await bureau.house.post("/api/integrations/\(id)/health", [:]).json["health"] == "ok")
            // Nothing of it works twice.
            #expect(try await bureau.comeBack(path, cookie).status == 403)
            #expect(try await bureau.house.delete("/api/integrations/\(id)").status == 204)
            #expect(try await bureau.service.effects("revoke").count == 1)
        }
    }

    @Test func `is not finished in another's browser`() async throws {
        try await Bureau.with { bureau in
            let (path, cookie) = try await bureau.consent()
            let other = try await bureau.consent()
            for kept in [nil, "atom_consent_x=y", other.cookie, String(cookie.dropLast()) + "!"] {
                #expect(try await bureau.comeBack(path, kept).status == 403, "\(kept ?? "none")")
            }
            #expect(try await bureau.service.effects("exchange").isEmpty)
            #expect(try await bureau.comeBack(path, cookie).status == 200)
        }
    }

    @Test func `goes on to a page of an allowed origin, and to no other`() async throws {
        try await Bureau.with { bureau in
            for evil in [
                "https://evil.example", "https://app.example.org.evil.example/",
                "https://app.example.org@evil/",
                "//evil.example", "javascript:alert(1)", "https://app.example.org/#x",
            ] {
                let answer = try await bureau.house.post(
                    "/api/integrations/gmail/connect", ["consent": true, "redirect": .string(evil)])
                #expect(answer.refusal == "422 /redirect", "\(evil)")
            }
            let (path, cookie) = try await bureau.consent(
                ["consent": true, "redirect": "https://app.example.org/done?x=1"])
            let answer = try await bureau.comeBack(path, cookie)
            #expect(answer.status == 303)
            #expect(answer["location"]?.hasPrefix("https://app.example.org/done?x=1&connection_id=") == true)
        }
    }

    @Test func `can be finished by the user who began it, and by nobody else`() async throws {
        try await Bureau.with { bureau in
            let (path, _) = try await bureau.consent()
            let pairs = path.split(separator: "?")[1].split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                return JSON.Member(parts[0], .string(parts[1].removingPercentEncoding ?? ""))
            }
            let body = JSON.object(pairs.filter { $0.name != "scope" })
            let stranger = Running.Manner(key: bureau.house.stranger)
            let callback = "/api/integrations/oauth/callback"
            #expect(
                try await bureau.house.ask("POST", callback, .bytes(body.bytes), as: stranger).status == 403)
            let ended = try await bureau.house.post(callback, body)
            #expect(ended.status == 200 && ended.json["provider"] == "gmail", "\(ended.text)")
        }
    }

    @Test func `tells why there is none`() async throws {
        try await Bureau.with { bureau in
            let (path, cookie) = try await bureau.consent()
            let state =
                path.split(separator: "&").first { $0.contains("state=") }?.split(separator: "=")[1] ?? ""
            let denied = try await bureau.comeBack(
                "/api/integrations/oauth/callback?error=access_denied&state=\(state)", cookie)
            #expect(denied.status == 403 && denied.text.contains("access_denied"))
        }
    }
}
