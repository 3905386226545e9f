/// One statement on its way to a connection, and who waits for the answer.
struct Request: Sendable {
    let sql: String
    let values: [Value]
    /// The only scope whose rows the statement may see; nil leaves that as it is.
    let scope: String?
    /// True within a transaction: only the connection that began it may run the statement, never a new one.
    let continues: Bool
    let waiter: CheckedContinuation<Answer, any Error>

    /// The bytes it takes on the wire, roughly.
    var size: Int {
        let prefix = scope.map { Scoped.sql.utf8.count + $0.utf8.count + 4 } ?? 0
        return values.reduce(sql.utf8.count + prefix) { $0 + $1.size }
    }

    func answer(_ result: Result<Answer, any Error>) { waiter.resume(with: result) }
}

/// What a statement gave: its rows, and how many it wrote.
struct Answer: Sendable {
    var rows: [Row] = []
    var affected = 0
}

/// One connection to a database; it is made, used and closed on the thread of its lane.
protocol Connection {
    /// Runs the statements in order, each for itself, and answers every one.
    func serve(_ batch: [Request])
    func close()
}
