import Core
import HTTPTypes
import Hummingbird
import Store

/// A request that carries an `Idempotency-Key`, and what makes it the same as another one.
struct Repeatable: Sendable {
    let workspace: ID
    let key: String
    let fingerprint: String

    /// Nil when the request has no key. Throws 400 for a key that is too long or no plain text.
    init?(_ call: Call, _ content: String) throws {
        guard let key = call.request.headers[.idempotencyKey] else { return nil }
        guard (1...Limits.idempotencyKey).contains(key.utf8.count),
            key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Failure(
                .invalid,
                "The Idempotency-Key must be 1 to \(Limits.idempotencyKey) printable characters, no space."
            )
        }
        workspace = try call.workspace
        self.key = key
        fingerprint = Fingerprint.of(call.request.method.rawValue, call.request.uri.path, content)
    }

    /// Unique among all workspaces.
    var global: String { Fingerprint.of(workspace.text, key) }
}

/// Ends the transaction of a request that was answered before.
private struct Replayed: Error {
    let answer: Answer
}

extension Call {
    /// Runs `body` in one transaction with the memory of its key: of equal requests, one is done.
    func once(
        _ repeatable: Repeatable?, _ body: @escaping @Sendable (Store) async throws -> Answer
    ) async throws -> Answer {
        guard let repeatable else { return try await store.transaction(body) }
        do {
            return try await store.transaction { store in
                try await reserve(repeatable, store)
                let answer = try await body(store)
                try await store.idempotency.complete(
                    repeatable.workspace, key: repeatable.key,
                    Store.Idempotency.Response(status: answer.status.code, body: answer.text))
                return answer
            }
        } catch let replayed as Replayed {
            return replayed.answer
        }
    }

    private func reserve(_ repeatable: Repeatable, _ store: Store) async throws {
        let found = try await store.idempotency.reserve(
            repeatable.workspace, key: repeatable.key, fingerprint: repeatable.fingerprint)
        switch found {
        case .fresh: return
        case .mismatch: throw Problem.keyMismatch
        case .inProgress: throw Problem.keyInProgress
        case .replay(let response): throw Replayed(answer: try replay(response))
        }
    }

    private func replay(_ response: Store.Idempotency.Response) throws -> Answer {
        let json = try JSONParser.parse(Array(response.body.utf8))
        let answer = Answer(HTTPResponse.Status(code: response.status), json).with(.idempotentReplay, "true")
        guard let id = json["id"]?.string else { return answer }
        return answer.with(.location, "\(request.uri.path)/\(id)")
    }
}
