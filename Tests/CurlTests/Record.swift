import Curl
import Foundation
import Synchronization

/// What threads of a test's server have seen; a test waits for it to hold something.
final class Record<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiting: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var values: [Value] { state.withLock { $0.values } }

    func add(_ value: Value) {
        let ready = state.withLock { state in
            state.values.append(value)
            let ready = state.waiting.filter { $0.0 <= state.values.count }
            state.waiting.removeAll { $0.0 <= state.values.count }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    /// The values, once there are `count` of them.
    func wait(for count: Int) async -> [Value] {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.values.count < count { state.waiting.append((count, continuation)) }
                return state.values.count >= count
            }
            if isReady { continuation.resume() }
        }
        return values
    }
}

/// Holds a server's thread until the test lets it go on.
final class Gate: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    /// Bounded, so that a failing test leaves no thread behind.
    func pass() { _ = semaphore.wait(timeout: .now() + 30) }
}

extension AddressGuard {
    /// For servers of the tests.
    static let loopback = AddressGuard(allowing: [Network("127.0.0.0/8"), Network("::1")].compactMap { $0 })
}

extension Curl.Request {
    /// A request that may reach the tests' own servers.
    static func local(_ method: String, _ url: String, body: Body = .none) -> Curl.Request {
        var request = Curl.Request(method, url, body: body)
        request.addresses = .loopback
        return request
    }
}

/// The fault that `body` throws.
func fault(_ body: () async throws -> some Sendable) async -> Curl.Fault.Kind? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? Curl.Fault)?.kind
    }
}
