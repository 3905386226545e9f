import Core
import Curl

@testable import API

/// One answer as a test reads it.
struct Heard: Sendable {
    let status: Int
    let head: Curl.Head
    let body: [UInt8]

    /// The body as JSON; null when it is none.
    var json: JSON { (try? JSONParser.parse(body)) ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(header: String) -> String? { head[header] }

    /// What a refusal says, for one comparison.
    var refusal: String { "\(status) \(json["pointer"]?.string ?? "-")" }
}

extension Running {
    private static let curl = Curl()

    /// How one request differs from the usual.
    struct Manner: Sendable {
        /// Nil sends none.
        var key: String?
        var type: String? = "application/json"
        var headers: [String: String] = [:]
    }

    /// Sends a request with the administrator's key, unless `manner` says otherwise.
    func ask(
        _ method: String, _ path: String, _ body: Curl.Request.Body = .none, as manner: Manner
    ) async throws -> Heard {
        var request = Curl.Request(method, base + path)
        request.body = body
        request.addresses = .open
        request.maxBytes = 16 << 20
        if let key = manner.key { request.headers.append(.init("Authorization", "Bearer \(key)")) }
        if let type = manner.type { request.headers.append(.init("Content-Type", type)) }
        for (name, value) in manner.headers { request.headers.append(.init(name, value)) }
        let response = try await Self.curl.send(request)
        return Heard(status: response.status, head: response.head, body: response.body)
    }

    func get(_ path: String, key: String? = nil) async throws -> Heard {
        try await ask("GET", path, as: Manner(key: key ?? self.key, type: nil))
    }

    func send(
        _ method: String, _ path: String, _ json: JSON, _ headers: [String: String] = [:]
    ) async throws -> Heard {
        try await ask(method, path, .bytes(json.bytes), as: Manner(key: key, headers: headers))
    }

    func post(_ path: String, _ json: JSON, _ headers: [String: String] = [:]) async throws -> Heard {
        try await send("POST", path, json, headers)
    }

    func delete(_ path: String, key: String? = nil) async throws -> Heard {
        try await ask("DELETE", path, as: Manner(key: key ?? self.key, type: nil))
    }
}
