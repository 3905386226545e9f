import Core
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The local servers that play the providers; `scripts/with-servers` starts them.
package struct StandIns: Sendable {
    /// One account of a provider, which no other test has.
    package let provider: String
    package let account: String

    package init(_ provider: String, account: String) {
        self.provider = provider
        self.account = account
    }

    /// Where they all are, such as `http://127.0.0.1:20000`.
    package static var root: String {
        get throws {
            try #require(
                ProcessInfo.processInfo.environment["ATOM_TEST_STANDINS"],
                "ATOM_TEST_STANDINS is not set; run the tests with scripts/test")
        }
    }

    /// Where a provider is.
    package static func base(_ provider: String) throws -> String { try "\(root)/\(provider)" }

    package var base: String { get throws { try Self.base(provider) } }

    /// What the provider did for the account, oldest first.
    package func effects(_ kind: String? = nil) async throws -> [JSON] {
        let all = try await control("GET")["effects"]?.array ?? []
        return all.filter { kind == nil || $0["kind"]?.string == kind }
    }

    /// The calls that came, whatever became of them.
    package func calls() async throws -> Int { Int(try await control("GET")["calls"]?.integer ?? -1) }

    /// The calls that were held without an answer, and those of them that were hung up on.
    package func held() async throws -> (waiting: Int, left: Int) {
        let now = try await control("GET")
        return (Int(now["waiting"]?.integer ?? -1), now["left"]?.array?.count ?? -1)
    }

    /// Lets something go wrong with coming calls, such as `{"kind": "drop_after", "times": 1}`.
    package func fault(_ fault: JSON) async throws { _ = try await control("POST", "/faults", fault) }

    /// Has the provider do something by itself.
    @discardableResult
    package func act(_ wish: JSON) async throws -> JSON { try await control("POST", "/act", wish) }

    private func control(_ method: String, _ path: String = "", _ body: JSON? = nil) async throws -> JSON {
        let url = try #require(URL(string: "\(try Self.root)/control/\(provider)/\(account)\(path)"))
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.bytes) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            throw Failure(
                .broken, "The stand-in answered \(status): \(String(decoding: data, as: UTF8.self))")
        }
        return data.isEmpty ? .null : try JSONParser.parse(Array(data))
    }
}
