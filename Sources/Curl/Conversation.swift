/// What is said in one transfer, in HTTP or SMTP; the loop's thread asks it as the transfer goes on.
protocol Conversation: AnyObject, Sendable {
    var addresses: AddressGuard { get }
    /// The body to send.
    var source: Source { get }
    /// How often it may be said again: after a redirect, or on a fresh connection when a reused one broke.
    var repeats: Int { get }
    /// True when only a callback may stop it. libcurl ends a mail that is removed from the middle of its
    /// body as if it were whole, and the server would deliver half a message.
    var stopsByCallback: Bool { get }
    /// The longest wait for the first byte of the answer, counted from the start.
    var firstByteTimeout: Duration? { get }
    /// False once whoever wants it may not have it any more; asked before the first byte goes out.
    var isWanted: Bool { get }
    /// True once the answer has begun.
    var hasBegun: Bool { get }

    func prepare(_ easy: Easy) throws
    /// A line of the answer's head, or of the dialogue with a mail server.
    func hear(line: UnsafeBufferPointer<UInt8>) -> Bool
    /// A piece of the answer's body.
    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Taken
    /// A command that libcurl sent to a mail server.
    func note(command: UnsafeBufferPointer<UInt8>)
    /// It is over, one way or the other; called exactly once.
    func end(_ ending: Ending)
}

/// What becomes of a piece of an answer.
enum Taken {
    case kept
    /// Not now: it comes again when the transfer goes on.
    case later
    /// No more of it is wanted, and the transfer ends.
    case refused
}
