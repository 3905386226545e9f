import Core
import Curl
import Store

@testable import API

/// Somebody who is logged in.
struct Person: Sendable {
    let json: JSON
    let email: String
    let password: String

    var access: String { json["access_token"]?.string ?? "" }
    var refresh: String { json["refresh_token"]?.string ?? "" }
    var id: String { json["user"]?["id"]?.string ?? "" }
    var workspace: String { json["workspace"]?["id"]?.string ?? "" }
}

extension Running {
    static let password = "a password of nobody"

    /// Sends JSON as whoever shows `key`, or as nobody.
    func say(
        _ method: String, _ path: String, _ json: JSON? = nil, by key: String? = nil,
        _ headers: [String: String] = [:]
    ) async throws -> Heard {
        try await ask(
            method, path, json.map { .bytes($0.bytes) } ?? .none,
            as: Manner(key: key, type: json == nil ? nil : "application/json", headers: headers))
    }

    /// Registers somebody with a workspace of their own.
    func register(_ name: String) async throws -> Person {
        let email = "\(name)-\(ID().text.lowercased())@example.org"
        let answer = try await say(
            "POST", "/api/auth/register",
            ["email": .string(email), "password": .string(Self.password), "name": .string(name)])
        return Person(json: answer.json, email: email, password: Self.password)
    }

    func login(_ person: Person, _ password: String = password) async throws -> Heard {
        try await say(
            "POST", "/api/auth/login",
            ["email": .string(person.email), "password": .string(password)])
    }

    /// Registers somebody and brings them into the workspace of `host`.
    func invite(_ name: String, as role: String, by host: Person) async throws -> Person {
        let guest = try await register(name)
        let shown = try await say(
            "POST", "/api/workspace/invitations",
            ["email": .string(guest.email), "role": .string(role)], by: host.access)
        let grant = try await say(
            "POST", "/api/auth/invitations/accept", ["token": shown.json["token"] ?? .null],
            by: guest.access)
        return Person(json: grant.json, email: guest.email, password: guest.password)
    }

    /// Asks until the answer has this status; the seconds from now until the last request began that had
    /// another, which are the same on a busy machine. A second is what is promised.
    func seconds(until status: Int, _ path: String, by key: String) async throws -> Double {
        let start = ContinuousClock.now
        var last = Duration.zero
        while true {
            let begun = ContinuousClock.now - start
            guard begun < .seconds(20), try await get(path, key: key).status != status else {
                return last.seconds
            }
            last = begun
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
