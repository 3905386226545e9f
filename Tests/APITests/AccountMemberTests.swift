import Core
import Curl
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `An invitation` {
    @Test(arguments: Engine.allCases)
    func `brings somebody new in, by mail and token`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let ada = try await house.register("ada")
            let made = try await house.say(
                "POST", "/api/workspace/invitations", ["email": "New@example.org", "role": "member"],
                by: ada.access)
            #expect(made.status == 201)
            let token = try #require(made.json["token"]?.string)
            let list = try await house.get("/api/workspace/invitations", key: ada.access)
            #expect(list.json["invitations"]?.array?.first?["email"]?.string == "new@example.org")
            #expect(!list.text.contains(token))
            let jobs = try await house.get("/api/jobs?name=send_email", key: ada.access).json["jobs"]?.array
            #expect(jobs?.count == 1)
            let bare = try await house.say("POST", "/api/auth/invitations/accept", ["token": .string(token)])
            #expect(bare.refusal == "422 /name")
            let accept: JSON = [
                "token": .string(token), "name": "New", "password": .string(Running.password),
            ]
            let grant = try await house.say("POST", "/api/auth/invitations/accept", accept)
            #expect(grant.status == 200)
            #expect(grant.json["user"]?["role"]?.string == "member")
            #expect(grant.json["workspace"]?["id"]?.string == ada.workspace)
            let again = try await house.say("POST", "/api/auth/invitations/accept", accept)
            #expect(again.refusal == "404 /token")
            let access = grant.json["access_token"]?.string ?? ""
            #expect(try await house.say("POST", "/api/tasks", ["title": "x"], by: access).status == 201)
            #expect(try await house.get("/api/workspace/invitations", key: access).status == 403)
        }
    }

    @Test func `is followed by whose address it names, and by nobody else`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let (bob, eve) = (try await house.register("bob"), try await house.register("eve"))
            let made = try await house.say(
                "POST", "/api/workspace/invitations", ["email": .string(bob.email), "role": "admin"],
                by: ada.access)
            let token = made.json["token"] ?? .null
            let accept = { (json: JSON, key: String?) in
                try await house.say("POST", "/api/auth/invitations/accept", json, by: key)
            }
            #expect(try await accept(["token": token], eve.access).status == 403)
            #expect(try await accept(["token": token], house.key).status == 403)
            // Who invited has seen the token too, and must not come in as the guest.
            let stolen: JSON = ["token": token, "name": "Bob", "password": "a new password for bob"]
            #expect(try await accept(stolen, nil).status == 401)
            let grant = try await accept(["token": token, "password": .string(bob.password)], nil)
            #expect(grant.status == 200 && grant.json["user"]?["role"]?.string == "admin")
        }
    }

    @Test func `is refused where it makes no sense`() async throws {
        try await Running.with { house in
            let ada = try await house.register("ada")
            let admin = try await house.invite("bob", as: "admin", by: ada)
            let cases: [(JSON, String, String)] = [
                (["email": .string(admin.email), "role": "viewer"], ada.access, "409 /email"),
                (["email": "x", "role": "viewer"], ada.access, "422 /email"),
                (["email": "x@example.org", "role": "king"], ada.access, "422 /role"),
                (["email": "x@example.org"], ada.access, "400 /role"),
                (["email": "x@example.org", "role": "admin"], admin.access, "403 -"),
                (["email": "x@example.org", "role": "owner"], admin.access, "403 -"),
            ]
            for (json, key, refusal) in cases {
                let answer = try await house.say("POST", "/api/workspace/invitations", json, by: key)
                #expect(answer.refusal == refusal, "\(json.text)")
            }
            let made = try await house.say(
                "POST", "/api/workspace/invitations", ["email": "y@example.org", "role": "viewer"],
                by: admin.access)
            let path = try #require(made["location"])
            #expect(try await house.delete(path, key: house.key).status == 404)
            #expect(try await house.delete(path, key: ada.access).status == 204)
            #expect(try await house.delete(path, key: ada.access).status == 404)
            let late = try await house.say(
                "POST", "/api/auth/invitations/accept",
                ["token": made.json["token"] ?? .null, "name": "Y", "password": .string(Running.password)])
            #expect(late.refusal == "404 /token")
        }
    }
}

@Suite struct `A member` {
    private func change(
        _ house: Running, _ id: String, _ role: String, by key: String
    ) async throws -> Int {
        try await house.say("PUT", "/api/workspace/members/\(id)", ["role": .string(role)], by: key).status
    }

    @Test(arguments: Engine.allCases)
    func `is what those above make of them`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let owner = try await house.register("owner")
            let admin = try await house.invite("admin", as: "admin", by: owner)
            let member = try await house.invite("member", as: "member", by: admin)
            #expect(try await change(house, member.id, "viewer", by: member.access) == 403)
            #expect(try await change(house, member.id, "viewer", by: admin.access) == 200)
            #expect(try await house.seconds(until: 403, "/api/callbacks/secret", by: member.access) <= 1)
            #expect(try await change(house, member.id, "admin", by: admin.access) == 403)
            #expect(try await change(house, owner.id, "viewer", by: admin.access) == 403)
            #expect(try await change(house, admin.id, "owner", by: admin.access) == 403)
            #expect(try await change(house, owner.id, "member", by: owner.access) == 409)
            #expect(try await change(house, member.id, "viewer", by: house.stranger) == 404)
            #expect(try await change(house, admin.id, "owner", by: owner.access) == 200)
            #expect(try await change(house, owner.id, "member", by: owner.access) == 200)
            let list = try await house.get("/api/workspace/members?limit=2", key: admin.access)
            #expect(list.json["members"]?.array?.count == 2 && list["link"] != nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `who leaves or is removed is out at once`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let owner = try await house.register("owner")
            let bob = try await house.invite("bob", as: "viewer", by: owner)
            let path = "/api/workspace/members/\(bob.id)"
            let key =
                try await house.say("POST", "/api/auth/keys", ["name": "k"], by: bob.access)
                .json["key"]?.string ?? ""
            #expect(try await house.get("/api/tasks", key: key).status == 200)
            let other = try await house.invite("eve", as: "member", by: owner)
            #expect(try await house.delete(path, key: other.access).status == 403)
            #expect(try await house.delete(path, key: bob.access).status == 204)
            #expect(try await house.get("/api/tasks", key: bob.access).status == 401)
            #expect(try await house.get("/api/tasks", key: key).status == 401)
            #expect(try await house.delete(path, key: owner.access).status == 404)
            let last = "/api/workspace/members/\(owner.id)"
            #expect(try await house.delete(last, key: owner.access).status == 409)
            let password: JSON = ["password": .string(owner.password)]
            let leave = try await house.say("DELETE", "/api/auth/account", password, by: owner.access)
            #expect(leave.status == 409)
            #expect(try await house.login(bob).status == 200)
            let removed = try await house.delete("/api/workspace/members/\(other.id)", key: owner.access)
            #expect(removed.status == 204)
            #expect(
                try await house.say("DELETE", "/api/auth/account", password, by: owner.access).status == 204)
        }
    }

    @Test func `works in a workspace whose name owners change`() async throws {
        try await Running.with { house in
            let owner = try await house.register("owner")
            let bob = try await house.invite("bob", as: "member", by: owner)
            let tag = try #require(try await house.get("/api/workspace", key: bob.access)["etag"])
            let name: JSON = ["name": "Garden"]
            #expect(try await house.say("PUT", "/api/workspace", name, by: bob.access).status == 403)
            let changed = try await house.say(
                "PUT", "/api/workspace", name, by: owner.access, ["If-Match": tag])
            #expect(changed.status == 200 && changed.json["name"]?.string == "Garden")
            let stale = try await house.say(
                "PUT", "/api/workspace", name, by: owner.access, ["If-Match": tag])
            #expect(stale.status == 412)
            let empty = try await house.say("PUT", "/api/workspace", ["name": ""], by: owner.access)
            #expect(empty.refusal == "422 /name")
        }
    }
}
