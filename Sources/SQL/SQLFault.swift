/// What a database, or the way to it, refused; the room above puts it into words for the caller.
package struct SQLFault: Error, Sendable, Hashable {
    /// What went wrong, as far as a program can act on it.
    package enum Kind: String, Sendable {
        /// The row is there already.
        case unique
        /// The row refers to one that is not there, or is referred to.
        case foreignKey
        /// A required column is null, or a check does not hold.
        case constraint
        /// Another transaction was in the way and nothing was written: running again may succeed.
        case busy
        /// It took longer than the limit allows: a statement, or the wait for a connection.
        case timeout
        /// More is waiting than the limit allows.
        case full
        /// The server does not answer. A write on its way may or may not have happened.
        case unreachable
        /// The statement is wrong, or speaks of a table that is not there.
        case syntax
        /// A value or an address that cannot be used.
        case invalid
        /// The transaction is over, or a statement before this one failed.
        case aborted
        /// The database has a migration that this program does not know.
        case newer
        /// A migration that was applied reads differently now.
        case changed
        /// The database was closed.
        case closed
        case other
    }

    package let kind: Kind
    package let message: String
    /// PostgreSQL's SQLSTATE or SQLite's extended result code.
    package let code: String?

    package init(_ kind: Kind, _ message: String, code: String? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    /// True when nothing was written and the same work may succeed at once.
    package var isRetryable: Bool { kind == .busy }

    /// True when a statement or its values were refused, and the connection can go on.
    var isAboutData: Bool {
        switch kind {
        case .unique, .foreignKey, .constraint, .syntax, .invalid, .other: true
        case .busy, .timeout, .full, .unreachable, .aborted, .newer, .changed, .closed: false
        }
    }
}

extension SQLFault: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(message)" + (code.map { " [\($0)]" } ?? "") }
}
