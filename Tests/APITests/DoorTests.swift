import Core
import Curl
import Testing

@testable import API

@Suite struct `The door` {
    @Test func `asks for a key and knows it by either header`() async throws {
        try await Running.with { house in
            let none = try await house.ask("GET", "/api/jobs", as: .init())
            #expect(none.status == 401)
            #expect(none["www-authenticate"] == "Bearer realm=\"atom\"")
            #expect(try await house.get("/api/jobs", key: "atom_wrong").status == 401)
            let other = try await house.ask("GET", "/api/jobs", as: .init(headers: ["X-API-Key": house.key]))
            #expect(other.status == 200)
        }
    }

    @Test func `lets a viewer read and nothing else`() async throws {
        try await Running.with { house in
            let read = try await house.get("/api/tasks", key: house.viewer)
            #expect(read.status == 200)
            let body = Curl.Request.Body.bytes(JSON.object([.init("title", "x")]).bytes)
            #expect(
                try await house.ask("POST", "/api/tasks", body, as: .init(key: house.viewer)).status == 403)
            #expect(try await house.delete("/api/tasks/\(ID())", key: house.viewer).status == 403)
        }
    }

    @Test func `names every request, by the caller's name where it is sane`() async throws {
        try await Running.with { house in
            let named = try await house.ask(
                "GET", "/nowhere", as: .init(key: house.key, headers: ["X-Request-ID": "abc-1"]))
            #expect(named["x-request-id"] == "abc-1")
            #expect(named.json["request_id"]?.string == "abc-1")
            let odd = try await house.ask(
                "GET", "/", as: .init(headers: ["X-Request-ID": "a b\"c"]))
            #expect(odd["x-request-id"].flatMap { ID($0) } != nil)
        }
    }

    @Test func `tells a wrong path from a wrong method`() async throws {
        try await Running.with { house in
            let path = try await house.get("/api/nothing")
            #expect(path.status == 404)
            #expect(path["content-type"] == "application/problem+json")
            let method = try await house.delete("/api/jobs")
            #expect(method.status == 405)
            #expect(method["allow"] == "GET, HEAD, POST")
            #expect(try await house.get("/api/tasks/import").status == 405)
        }
    }

    @Test func `answers HEAD as GET, without the body`() async throws {
        try await Running.with { house in
            let head = try await house.ask("HEAD", "/api/health/live", as: .init(type: nil))
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }

    @Test func `admits the pages of allowed origins only`() async throws {
        try await Running.with(adjust: { $0.allowedOrigins = ["https://app.example.org"] }) { house in
            let asks = ["Origin": "https://app.example.org", "Access-Control-Request-Method": "POST"]
            let yes = try await house.ask("OPTIONS", "/api/jobs", as: .init(type: nil, headers: asks))
            #expect(yes.status == 204)
            #expect(yes["access-control-allow-origin"] == "https://app.example.org")
            #expect(yes["access-control-allow-headers"]?.contains("Idempotency-Key") == true)
            let strange = asks.merging(["Origin": "https://evil.example"]) { $1 }
            let no = try await house.ask("OPTIONS", "/api/jobs", as: .init(type: nil, headers: strange))
            #expect(no.status == 403)
            #expect(no["access-control-allow-origin"] == nil)
            let call = try await house.ask(
                "GET", "/api/jobs", as: .init(key: house.key, headers: ["Origin": "https://app.example.org"]))
            #expect(call["access-control-allow-origin"] == "https://app.example.org")
            #expect(call["vary"] == "Origin")
        }
    }

    @Test func `marks every answer as private and as what it is`() async throws {
        try await Running.with { house in
            for path in ["/", "/api/jobs", "/nowhere"] {
                let answer = try await house.get(path)
                #expect(answer["x-content-type-options"] == "nosniff")
                #expect(answer["cache-control"] == "no-store")
                #expect(answer["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            }
        }
    }

    @Test func `refuses a parameter and headers without end`() async throws {
        try await Running.with { house in
            let long = try await house.get("/api/jobs?tag=" + String(repeating: "x", count: 201))
            #expect(long.status == 400)
            let header = ["X-Long": String(repeating: "x", count: 200_000)]
            let answer = try? await house.ask("GET", "/", as: .init(headers: header))
            #expect(answer.map { $0.status >= 400 } ?? true)
        }
    }

    @Test func `says so when its port is taken`() async throws {
        try await Running.with { house in
            let port = try #require(house.base.split(separator: ":").last.flatMap { Int($0) })
            let failure = await #expect(throws: Failure.self) {
                try await Running.with(adjust: { $0.port = port }) { _ in }
            }
            #expect(failure?.message.hasPrefix("127.0.0.1:\(port) is in use by another program.") == true)
        }
    }
}
