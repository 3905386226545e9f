/// A job as it travels and waits: who asked for what, and under which limits. It never changes after enqueue.
///
/// Its text is a JSON object with one-letter names in a fixed order, the level, the workspace and the flow
/// first (the scripts read these by position) and the arguments last, so that they stay raw bytes until the
/// job decodes them.
public struct Envelope: Sendable, Hashable {
    /// How urgent a job is; a higher level is always claimed first.
    public enum Level: String, Sendable, CaseIterable, Codable {
        case high, normal, low

        var letter: UInt8 {
            switch self {
            case .high: UInt8(ascii: "h")
            case .normal: UInt8(ascii: "n")
            case .low: UInt8(ascii: "l")
            }
        }
    }

    public let id: ID
    public let name: String
    /// Whose job it is; empty where a program knows no workspaces. Neither quotes, backslashes, white space
    /// nor control characters.
    public let workspace: String
    public let level: Level
    public let created: Moment
    /// When it may first run, if not at once.
    public var due: Moment?
    /// When it is no longer worth starting.
    public var expires: Moment?
    /// Attempts that may end in an error, where the request set its own limit.
    public var attempts: Int?
    /// The longest one attempt may run, where the request set its own limit.
    public var timeout: Duration?
    public var tags: [String]
    /// When it must have ended: no attempt starts or goes on after it.
    public var deadline: Moment?
    /// When the last retry may start, where the request set a time instead of a number.
    public var retryUntil: Moment?
    /// The version of its arguments' shape.
    public var version = 1
    /// The trace it belongs to, as a W3C `traceparent`.
    public var trace: String?
    /// The job that asked for it.
    public var parent: ID?
    /// Who asked for it, as the timeline shows it.
    public var actor: String?
    /// The address that is told when it has ended.
    public var callback: String?
    /// What it shares with others while it waits and runs.
    public var flow = Flow()
    /// What becomes of it when it cannot start at once.
    public var overflow = Overflow.queue
    /// The lock it holds, so that no equal job is enqueued beside it.
    public var unique: Unique?
    /// The arguments: a JSON object as UTF-8.
    public var arguments: [UInt8]

    public init(
        id: ID = ID(), name: String, arguments: [UInt8], workspace: String = "", level: Level = .normal,
        created: Moment? = nil, due: Moment? = nil, expires: Moment? = nil, attempts: Int? = nil,
        timeout: Duration? = nil, tags: [String] = []
    ) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.workspace = workspace
        self.level = level
        self.created = created ?? Moment(milliseconds: id.milliseconds)
        self.due = due
        self.expires = expires
        self.attempts = attempts
        self.timeout = timeout
        self.tags = tags
    }
}
