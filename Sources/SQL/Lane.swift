import Foundation

/// One connection on a thread of its own, so that no call that blocks runs on Swift's cooperative pool.
final class Lane: Sendable {
    private let mailbox: Mailbox

    /// - Parameter opening: makes the connection; it is called on the lane's thread.
    init(_ name: String, limit: Int, opening: @escaping @Sendable () -> any Connection) {
        let mailbox = Mailbox(limit: limit)
        self.mailbox = mailbox
        let thread = Thread {
            let connection = opening()
            while let batch = mailbox.take() { connection.serve(batch) }
            connection.close()
            mailbox.leave()
        }
        thread.name = name
        thread.start()
    }

    /// Statements that wait for this connection.
    var waiting: Int { mailbox.count }

    func send(
        _ sql: String, _ values: [Value] = [], scope: String? = nil, continues: Bool = false
    ) async throws -> Answer {
        for value in values { try value.check() }
        try Value(scope).check()
        return try await withCheckedThrowingContinuation {
            mailbox.put(Request(sql: sql, values: values, scope: scope, continues: continues, waiter: $0))
        }
    }

    func close() async { await mailbox.close() }
}
