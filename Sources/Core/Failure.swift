/// The one error that crosses rooms: what kind it is, what the caller may read, what the log should keep.
public struct Failure: Error, Sendable {
    /// What went wrong, as few words as a caller can act on.
    public enum Kind: String, Sendable, CaseIterable {
        /// The request is wrong and stays wrong until it is changed.
        case invalid
        /// Nobody known is asking.
        case unauthorized
        /// Somebody known asks for what is not theirs to do.
        case forbidden
        /// There is no such thing, or not for this caller.
        case missing
        /// The thing is in a state that does not allow it.
        case conflict
        /// Too much, too fast or too large; `retryAfter` says when it may pass.
        case limited
        /// A part outside this process does not answer; later it may.
        case unavailable
        /// Our own fault.
        case broken
    }

    public let kind: Kind
    /// For the caller: what was wrong and what to do. Never holds a secret.
    public let message: String
    /// For the log: the error underneath.
    public let cause: String?
    /// The field the message speaks of, as a JSON pointer (RFC 6901) into the request, such as
    /// `/arguments/to`.
    public let pointer: String?
    /// When another try makes sense, if the other side said so.
    public let retryAfter: Duration?
    /// True when no other try is to be made, whatever the kind says.
    public private(set) var isPermanent = false

    public init(
        _ kind: Kind, _ message: String, cause: (any Error)? = nil, at pointer: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.message = message
        self.cause = cause.map { String(describing: $0) }
        self.pointer = pointer
        self.retryAfter = retryAfter
    }

    /// True when the same attempt may succeed later; a job that fails otherwise is not retried.
    public var isWorthRetrying: Bool {
        switch kind {
        case .limited, .unavailable, .broken: !isPermanent
        case .invalid, .unauthorized, .forbidden, .missing, .conflict: false
        }
    }

    /// The same failure as the last word: it is not tried again.
    public func permanently() -> Failure {
        var failure = self
        failure.isPermanent = true
        return failure
    }

    /// The same failure in other words, where its own are not for those who may read this one.
    package func worded(_ message: String) -> Failure { Failure(self, message: message) }

    /// The same failure with a sentence behind its message.
    func adding(_ sentence: String) -> Failure { Failure(self, message: "\(message) \(sentence)") }

    private init(_ other: Failure, message: String) {
        kind = other.kind
        self.message = message
        cause = other.cause
        pointer = other.pointer
        retryAfter = other.retryAfter
        isPermanent = other.isPermanent
    }
}

extension Failure: CustomStringConvertible {
    public var description: String {
        "\(kind.rawValue): \(message)" + (cause.map { " (\($0))" } ?? "")
    }
}
