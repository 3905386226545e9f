import Core
import Curl
import TestHouse
import Testing

@testable import API

@Suite struct `Somebody new` {
    @Test(arguments: Engine.allCases)
    func `registers, logs in, and owns a workspace`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let made = try await house.say(
                "POST", "/api/auth/register",
                ["email": "Ada@Example.org", "password": .string(Running.password), "name": "Ada"])
            #expect(made.status == 201)
            #expect(made.json["token_type"]?.string == "Bearer" && made.json["expires_in"] == 900)
            #expect(made.json["user"]?["email"]?.string == "ada@example.org")
            #expect(made.json["user"]?["role"]?.string == "owner")
            #expect(made.json["workspace"]?["name"]?.string == "Ada's workspace")
            let login = try await house.say(
                "POST", "/api/auth/login",
                ["email": "ADA@example.org", "password": .string(Running.password)])
            #expect(login.status == 200)
            let access = try #require(login.json["access_token"]?.string)
            #expect(try await house.get("/api/tasks", key: access).status == 200)
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: access).status == 201)
            #expect(login.json["workspace"]?["id"] == made.json["workspace"]?["id"])
            #expect(login.json["access_token"] != made.json["access_token"])
        }
    }

    @Test func `is refused at the field that breaks a rule`() async throws {
        try await Running.with { house in
            let good: [JSON.Member] = [
                .init("email", "bob@example.org"), .init("password", .string(Running.password)),
                .init("name", "Bob"),
            ]
            _ = try await house.say("POST", "/api/auth/register", .object(good))
            let cases: [(String, JSON?, String)] = [
                ("email", "bob@example.org", "409 /email"), ("email", "BOB@example.org", "409 /email"),
                ("email", "bob", "422 /email"), ("email", "b@x.org\r\nBcc: y", "422 /email"),
                ("email", nil, "400 /email"), ("email", 5, "400 /email"),
                ("password", "short", "422 /password"),
                ("password", "password123", "422 /password"),
                ("password", "a\0bcdefghijklm", "422 /password"),
                ("name", " ", "422 /name"), ("name", "two\nlines", "422 /name"),
                ("name", .string(String(repeating: "x", count: 101)), "422 /name"),
                ("workspace_name", "", "422 /workspace_name"), ("role", "owner", "400 /role"),
            ]
            for (name, value, refusal) in cases {
                let others = good.filter { $0.name != name && !($0.name == "email" && name != "email") }
                let email: [JSON.Member] = name == "email" ? [] : [.init("email", "new@example.org")]
                let json = JSON.object(others + email + (value.map { [.init(name, $0)] } ?? []))
                let answer = try await house.say("POST", "/api/auth/register", json)
                #expect(answer.refusal == refusal, "\(json.text) \(answer.text)")
            }
        }
    }

    @Test func `may be called SQL or HTML`() async throws {
        try await Running.with { house in
            let name = "<script>alert(1)</script>'; drop table users; --"
            let ada = try await house.say(
                "POST", "/api/auth/register",
                [
                    "email": "o'brien@example.org", "password": "'; drop table x; --", "name": .string(name),
                    "workspace_name": .string(name),
                ])
            #expect(ada.status == 201)
            #expect(ada.json["user"]?["name"]?.string == name)
            let access = try #require(ada.json["access_token"]?.string)
            let members = try await house.get("/api/workspace/members", key: access)
            #expect(members.json["members"]?.array?.first?["name"]?.string == name)
            #expect(try await house.get("/api/workspace", key: access).json["name"]?.string == name)
        }
    }

    @Test func `with the key of a user without an account makes theirs`() async throws {
        try await Running.with { house in
            let register = { (email: String, key: String) in
                try await house.say(
                    "POST", "/api/auth/register",
                    ["email": .string(email), "password": .string(Running.password), "name": "Admin"], by: key
                )
            }
            #expect(try await register("other@example.org", house.key).refusal == "422 /email")
            #expect(try await register("admin@example.org", "atom_wrong").status == 401)
            let claimed = try await register("admin@example.org", house.key)
            #expect(claimed.status == 201)
            #expect(claimed.json["workspace"]?["id"]?.string == house.workspace.text)
            #expect(claimed.json["user"]?["role"]?.string == "admin")
            #expect(try await register("admin@example.org", house.key).status == 403)
            let access = try #require(claimed.json["access_token"]?.string)
            #expect(try await house.get("/api/auth/profile", key: access).status == 200)
            #expect(try await house.get("/api/auth/profile", key: house.viewer).status == 403)
        }
    }
}

@Suite struct `A login` {
    @Test func `fails alike for wrong passwords and unknown people, then has to wait`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let nobody = Person(json: .null, email: "nobody@example.org", password: "")
            var answers: [[String]] = []
            for person in [ada, nobody] {
                var heard: [String] = []
                for _ in 0..<6 {
                    let answer = try await house.login(person, "not the password")
                    heard.append("\(answer.status) \(answer.json["detail"]?.string ?? "")")
                    if answer.status == 429 { #expect(answer["retry-after"] == "30") }
                    if answer.status == 401 { #expect(answer["www-authenticate"] == "Bearer realm=\"atom\"") }
                }
                answers.append(heard)
            }
            #expect(answers[0] == answers[1])
            #expect(answers[0].map { $0.prefix(3) } == ["401", "401", "401", "401", "401", "429"])
            #expect(try await house.login(ada).status == 429)
        }
    }

    @Test func `takes as long for who is unknown`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            var times: [[Duration]] = [[], []]
            for round in 0..<4 {
                let nobody = Person(json: .null, email: "nobody\(round)@example.org", password: "")
                for (index, person) in [ada, nobody].enumerated() {
                    let start = ContinuousClock.now
                    #expect(try await house.login(person, "not the password").status == 401)
                    times[index].append(ContinuousClock.now - start)
                }
            }
            let best = times.map { $0.min() ?? .zero }
            #expect(best[0] < best[1] * 2 && best[1] < best[0] * 2, "\(best)")
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends when its account does`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            #expect(try await house.get("/api/tasks", key: ada.access).status == 200)
            let wrong = try await house.say(
                "DELETE", "/api/auth/account", ["password": "wrong password"], by: ada.access)
            #expect(wrong.refusal == "403 /password")
            let password: JSON = ["password": .string(ada.password)]
            let gone = try await house.say("DELETE", "/api/auth/account", password, by: ada.access)
            #expect(gone.status == 204)
            #expect(try await house.get("/api/tasks", key: ada.access).status == 401)
            #expect(try await house.login(ada).status == 401)
            let refresh: JSON = ["refresh_token": .string(ada.refresh)]
            #expect(try await house.say("POST", "/api/auth/refresh", refresh).status == 401)
        }
    }

    @Test func `out ends the session and its tokens`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            #expect(try await house.say("POST", "/api/auth/logout", by: ada.access).status == 204)
            #expect(try await house.get("/api/tasks", key: ada.access).status == 401)
            let refresh: JSON = ["refresh_token": .string(ada.refresh)]
            #expect(try await house.say("POST", "/api/auth/refresh", refresh).status == 401)
            #expect(try await house.say("POST", "/api/auth/logout", by: house.key).status == 403)
            #expect(try await house.login(ada).status == 200)
        }
    }
}

@Suite struct `A profile` {
    @Test(arguments: Engine.allCases)
    func `is changed field by field, while its ETag holds`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            let path = "/api/auth/profile"
            let shown = try await house.get(path, key: ada.access)
            #expect(shown.json["time_zone"]?.string == "UTC" && shown.json["quiet_hours"] == .null)
            let tag = try #require(shown["etag"])
            let change: JSON = [
                "time_zone": "Europe/Berlin", "locale": "de-AT",
                "notification_channels": ["email", "telegram"],
                "quiet_hours": ["from": "22:00", "to": "07:00"],
            ]
            let changed = try await house.say("PUT", path, change, by: ada.access, ["If-Match": tag])
            #expect(changed.status == 200 && changed["etag"] != tag)
            for member in change.members ?? [] { #expect(changed.json[member.name] == member.value) }
            #expect(changed.json["name"]?.string == "ada")
            let stale = try await house.say("PUT", path, change, by: ada.access, ["If-Match": tag])
            #expect(stale.status == 412)
            let emptied = try await house.say("PUT", path, ["quiet_hours": nil], by: ada.access)
            #expect(emptied.json["quiet_hours"] == .null)
            #expect(emptied.json["time_zone"]?.string == "Europe/Berlin")
            let cases: [(JSON, String)] = [
                (["time_zone": "Mars/Olympus"], "422 /time_zone"), (["locale": "german"], "422 /locale"),
                (["time_zone": "../../etc/passwd"], "422 /time_zone"),
                (["notification_channels": ["fax"]], "422 /notification_channels/0"),
                (["quiet_hours": ["from": "25:00", "to": "07:00"]], "422 /quiet_hours/from"),
                (["quiet_hours": ["from": "22:00"]], "400 /quiet_hours/to"),
                (["email": "new@example.org"], "400 /email"), (["name": ""], "422 /name"),
            ]
            for (json, refusal) in cases {
                let answer = try await house.say("PUT", path, json, by: ada.access)
                #expect(answer.refusal == refusal, "\(json.text) \(answer.text)")
            }
        }
    }

    @Test func `takes another password and ends the other sessions`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let other = try await house.login(ada).json["access_token"]?.string ?? ""
            let change = { (current: String, new: String) in
                try await house.say(
                    "POST", "/api/auth/change-password",
                    ["current_password": .string(current), "new_password": .string(new)], by: ada.access)
            }
            #expect(try await change("wrong password", "another password").refusal == "403 /current_password")
            #expect(try await change(ada.password, "short").refusal == "422 /new_password")
            #expect(try await change(ada.password, "another password").status == 204)
            #expect(try await house.get("/api/tasks", key: other).status == 401)
            #expect(try await house.get("/api/tasks", key: ada.access).status == 200)
            #expect(try await house.login(ada).status == 401)
            #expect(try await house.login(ada, "another password").status == 200)
            let events = try await house.get("/api/auth/events", key: ada.access).json["events"]?.array ?? []
            #expect(events.compactMap { $0["event"]?.string } == ["password_changed", "registered"])
        }
    }
}
