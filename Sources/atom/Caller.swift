import Core
import Curl
import Foundation

/// Calls Atom's own API, for the commands that a person types.
struct Caller: Sendable {
    let base: String
    let key: String
    private let host: String
    private let relayPorts: [Int]
    private let curl = Curl()

    /// The API and the key that the settings name; the key file of `atom up` when there is no ATOM_ADMIN_KEY.
    init(_ settings: Settings) throws {
        host = settings.host == "0.0.0.0" ? "127.0.0.1" : settings.host
        relayPorts = [settings.port, settings.relayPort]
        base = "http://\(host):\(settings.port)"
        let kept = try? String(contentsOfFile: settings.keyFile, encoding: .utf8)
        guard let key = settings.adminKey ?? kept?.trimmingCharacters(in: .whitespacesAndNewlines) else {
            throw Failure(
                .unauthorized,
                "There is no key: set ATOM_ADMIN_KEY, or start `atom up` here once, which makes one.")
        }
        self.key = key
    }

    /// Where the relay may listen: on the API's port under `atom up`, else on its own.
    func lines() -> [LiveLine] { relayPorts.map { LiveLine(host: host, port: $0, key: key) } }

    func get(_ path: String) async throws -> JSON { try await call("GET", path, .none, type: nil) }

    func post(_ path: String, _ json: JSON) async throws -> JSON {
        try await call("POST", path, .bytes(json.bytes), type: "application/json")
    }

    /// Sends a file as it is.
    func upload(_ path: String, file: String, type: String) async throws -> JSON {
        try await call("POST", path, .bytes(Array(Data(contentsOf: URL(fileURLWithPath: file)))), type: type)
    }

    private func call(
        _ method: String, _ path: String, _ body: Curl.Request.Body, type: String?
    ) async throws -> JSON {
        var request = Curl.Request(method, base + path)
        request.headers = [.init("Authorization", "Bearer \(key)")]
        if let type { request.headers.append(.init("Content-Type", type)) }
        request.body = body
        request.addresses = .open
        let response: Curl.Response
        do { response = try await curl.send(request) } catch let fault as Curl.Fault {
            throw Failure(.unavailable, "\(base) does not answer. Is `atom up` running there?", cause: fault)
        }
        let json = response.body.isEmpty ? JSON.null : try JSONParser.parse(response.body)
        guard response.head.status < 400 else {
            let pointer = json["pointer"]?.string.map { " (\($0))" } ?? ""
            throw Failure(
                .invalid,
                (json["detail"]?.string ?? json["title"]?.string ?? "status \(response.head.status)")
                    + pointer)
        }
        return json
    }
}
