extension Curl {
    /// Why a transfer did not come to its end.
    package struct Fault: Error, Sendable {
        package enum Kind: String, Sendable {
            /// The request itself cannot be sent: its address, a header, a mailbox.
            case invalid
            /// The name leads to an address that the guard does not permit.
            case forbiddenAddress
            /// The name has no address.
            case unresolved
            /// Nobody answers at the address.
            case unreachable
            /// The other side's certificate or its TLS is not accepted.
            case untrusted
            /// No connection within the time for connecting.
            case connectTimeout
            /// No answer began within the time for the first byte.
            case firstByteTimeout
            /// The whole took longer than it may.
            case totalTimeout
            /// The connection broke, or what came is no answer.
            case lost
            /// The answer is longer than it may be.
            case tooLarge
            /// More redirects than are followed.
            case redirected
            /// The mailbox does not let us in, or not do what was asked.
            case refused
            /// Too many transfers are waiting already.
            case full
            /// This Curl is closed.
            case closed
        }

        package let kind: Kind
        /// What happened, in words; never holds a secret.
        package let message: String
        /// True when the other side may have got the request, so that a repeat may do its work twice.
        package let mayHaveArrived: Bool

        init(_ kind: Kind, _ message: String, mayHaveArrived: Bool = false) {
            self.kind = kind
            self.message = message
            self.mayHaveArrived = mayHaveArrived
        }
    }
}

extension Curl.Fault: CustomStringConvertible {
    package var description: String { "\(kind.rawValue): \(message)" }
}
