import Core
import HTTPTypes
import Queue
import Store
import Work

/// How safely a job was accepted.
enum Acceptance: String, Sendable, CaseIterable {
    /// It is in Redis, whose append-only file decides what a power cut may cost.
    case accepted
    /// It is committed in the database and reaches Redis at once or a little later.
    case durable
}

extension Office {
    /// Puts one job in its queue. Trying again after a lost reply is harmless, for the id is the same.
    func admit(_ order: Order, once: Queue.Once? = nil) async throws -> Queue.Admission {
        try await patiently {
            try await pressure.check()
            return try await queues.open(order.queue).admit(order.envelope, once: once)
        }
    }

    /// Puts jobs in one queue, all or none.
    func admit(_ envelopes: [Envelope], to name: String) async throws {
        try await pressure.check()
        let queue = try await queues.open(name)
        do { try await queue.enqueue(envelopes) } catch let failure as Failure
            where failure.kind == .unavailable
        {
            // The reply was lost, so the first job tells whether all of them or none arrived.
            let first = try await patiently { try await queue.admit(envelopes[0]) }
            if first == .accepted { try await queue.enqueue(Array(envelopes.dropFirst())) }
        } catch let failure as Failure {
            throw Self.sparing(failure)
        }
    }

    private func patiently<Value>(_ work: () async throws -> Value) async throws -> Value {
        var tries = 1
        while true {
            do { return try await work() } catch let failure as Failure {
                guard failure.kind == .unavailable, tries < Limits.tries else { throw Self.sparing(failure) }
                tries += 1
            }
        }
    }

    /// A Redis without memory is our trouble, not the caller's haste: 503 instead of 429.
    static func sparing(_ failure: Failure) -> Failure {
        guard failure.kind == .limited, failure.pointer == nil else { return failure }
        return Failure(.unavailable, failure.message, at: nil, retryAfter: failure.retryAfter)
    }
}

extension Call {
    /// Commits jobs to the outbox, all or none, and pushes them; the same request again gets the same answer.
    func keep(_ orders: [Order], _ repeatable: Repeatable?, answer: Answer) async throws -> Answer {
        try await keep(orders, repeatable) { _ in answer }
    }

    /// The same together with the rows that `body` writes.
    func keep(
        _ orders: [Order], _ repeatable: Repeatable?,
        with body: @escaping @Sendable (Store) async throws -> Answer
    ) async throws -> Answer {
        let workspace = try self.workspace
        let entries = orders.map { $0.entry(workspace) }
        let isReachable = try await knows(Set(orders.map(\.queue)))
        let given = try await once(repeatable) { store in
            let answer = try await body(store)
            for entry in entries { try await store.outbox.add(entry) }
            return answer
        }
        if isReachable, given.headers[.idempotentReplay] == nil { await office.house.push(entries) }
        return given
    }

    /// False when Redis is away or full, which keeps no durable job out. Throws when there are too many
    /// queues.
    private func knows(_ queues: Set<String>) async throws -> Bool {
        for name in queues {
            do { _ = try await office.queues.open(name) } catch let failure as Failure {
                guard Office.sparing(failure).kind == .unavailable else { throw failure }
                return false
            }
        }
        return true
    }
}
