/// The upper bounds of one database: nothing waits, queues or tries for ever.
package struct Limits: Sendable {
    /// How long a transaction waits for a connection.
    package var leaseWait: Duration = .seconds(10)
    /// Callers that may wait for a connection at once.
    package var leaseQueue = 1_024
    /// How long PostgreSQL may work on one statement.
    package var statement: Duration = .seconds(30)
    /// How long SQLite waits for another process that writes.
    package var busyWait: Duration = .seconds(5)
    /// Statements that may wait for one connection.
    package var mailbox = 4_096
    /// Runs of a statement or transaction that others were in the way of.
    package var tries = 6
    /// The first pause between two runs; it doubles, and a random part spreads the callers.
    package var pause: Duration = .milliseconds(10)
    /// The longest pause between two attempts to connect.
    package var reconnect: Duration = .seconds(2)

    package init() {}
}
