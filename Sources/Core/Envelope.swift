/// A job as it travels and waits: who asked for what, and under which limits. It never changes after enqueue.
///
/// Its text is a JSON object with one-letter names in a fixed order, the level and the workspace first (the
/// scripts read these two by position) and the arguments last, so that they stay raw bytes until the job
/// decodes them.
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
    /// The arguments: a JSON object as UTF-8.
    public let arguments: [UInt8]

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

    /// The text, arguments included.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: arguments.count + 160)
        writeHead(to: &writer)
        writer.raw(",\"a\":")
        writer.raw(arguments)
        writer.raw("}")
        return writer.bytes
    }

    /// The text without its arguments, for the records of ended jobs.
    package var head: [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writeHead(to: &writer)
        writer.raw("}")
        return writer.bytes
    }

    private func writeHead(to writer: inout JSONWriter) {
        writer.raw("{\"l\":\"")
        writer.raw(CollectionOfOne(level.letter))
        writer.raw("\",\"w\":\"")
        writer.raw(workspace.utf8)
        writer.raw("\",\"i\":\"")
        writer.raw(id.text.utf8)
        writer.raw("\",\"n\":")
        writer.write(name)
        writer.raw(",\"c\":")
        writer.write(created.milliseconds)
        if let due { writer.member(",\"d\":", due.milliseconds) }
        if let expires { writer.member(",\"x\":", expires.milliseconds) }
        if let attempts { writer.member(",\"m\":", Int64(attempts)) }
        if let timeout { writer.member(",\"t\":", timeout.milliseconds) }
        if !tags.isEmpty {
            writer.raw(",\"g\":")
            writer.write(.array(tags.map(JSON.string)))
        }
    }
}

extension Envelope {
    /// The envelope that `bytes` write, arguments present or not. Throws `Failure(.broken)`: whatever stands
    /// in Redis was written by an envelope, so anything else is damage.
    public init(_ bytes: [UInt8]) throws {
        var reader = EnvelopeReader(bytes)
        try reader.read()
        guard let id = reader.id, let name = reader.name else {
            throw Failure(.broken, "A job's envelope lacks its id or name.")
        }
        self.init(
            id: id, name: name, arguments: reader.arguments, workspace: reader.workspace, level: reader.level,
            created: reader.created, due: reader.due, expires: reader.expires, attempts: reader.attempts,
            timeout: reader.timeout, tags: reader.tags)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ number: Int64) {
        raw(name)
        write(number)
    }
}
