/// Reads an envelope's one-letter members without building a tree, and takes the arguments as they stand.
struct EnvelopeReader {
    private let bytes: [UInt8]
    private var at = 0

    var id: ID?
    var name: String?
    var workspace = ""
    var level = Envelope.Level.normal
    var created: Moment?
    var due: Moment?
    var expires: Moment?
    var attempts: Int?
    var timeout: Duration?
    var tags: [String] = []
    var arguments: [UInt8] = Array("{}".utf8)
    var rare = Rare()

    /// What few jobs have.
    struct Rare {
        var deadline: Moment?
        var retryUntil: Moment?
        var version = 1
        var trace: String?
        var parent: ID?
        var actor: String?
        var callback: String?
        var flow = Flow()
        var overflow = Overflow.queue
        var unique: Unique?
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws {
        try expect(UInt8(ascii: "{"))
        while true {
            try expect(UInt8(ascii: "\""))
            let letter = try next()
            try expect(UInt8(ascii: "\""))
            try expect(UInt8(ascii: ":"))
            if letter == UInt8(ascii: "a") {
                // The arguments come last: they are everything up to the closing bracket.
                guard at < bytes.count, bytes.last == UInt8(ascii: "}") else { throw damage }
                arguments = Array(bytes[at..<bytes.count - 1])
                return
            }
            if letter == UInt8(ascii: "z") {
                try unpack()
            } else {
                try member(letter)
            }
            if at < bytes.count, bytes[at] == UInt8(ascii: "}") {
                guard at == bytes.count - 1 else { throw damage }
                return
            }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func member(_ letter: UInt8) throws {
        switch letter {
        case UInt8(ascii: "l"): level = Self.level(try plain().first)
        case UInt8(ascii: "w"): workspace = String(decoding: try plain(), as: UTF8.self)
        case UInt8(ascii: "i"): id = ID(String(decoding: try plain(), as: UTF8.self))
        case UInt8(ascii: "n"): name = try string()
        case UInt8(ascii: "c"): created = Moment(milliseconds: try number())
        case UInt8(ascii: "d"): due = Moment(milliseconds: try number())
        case UInt8(ascii: "x"): expires = Moment(milliseconds: try number())
        case UInt8(ascii: "m"): attempts = Int(try number())
        case UInt8(ascii: "t"): timeout = .milliseconds(try number())
        case UInt8(ascii: "g"): tags = try list()
        default: try rareMember(letter)
        }
    }

    private mutating func rareMember(_ letter: UInt8) throws {
        switch letter {
        case UInt8(ascii: "e"): rare.deadline = Moment(milliseconds: try number())
        case UInt8(ascii: "y"): rare.retryUntil = Moment(milliseconds: try number())
        case UInt8(ascii: "v"): rare.version = Int(try number())
        case UInt8(ascii: "r"): rare.trace = try string()
        case UInt8(ascii: "p"): rare.parent = ID(String(decoding: try plain(), as: UTF8.self))
        case UInt8(ascii: "b"): rare.actor = try string()
        case UInt8(ascii: "k"): rare.callback = try string()
        case UInt8(ascii: "o"): rare.overflow = Overflow(rawValue: try string()) ?? .queue
        case UInt8(ascii: "u"): rare.unique = Unique(try string())
        case UInt8(ascii: "f"):
            guard let flow = Flow(String(decoding: try plain(), as: UTF8.self)) else { throw damage }
            rare.flow = flow
        default: throw damage
        }
    }

    /// Makes compressed arguments whole.
    private mutating func unpack() throws {
        guard let packed = Base64.decode(try plain()) else { throw damage }
        do { arguments = try Deflate.inflate(packed, limit: Envelope.argumentLimit) } catch { throw damage }
    }

    private static func level(_ letter: UInt8?) -> Envelope.Level {
        Envelope.Level.allCases.first { $0.letter == letter } ?? .normal
    }

    private var damage: Failure { Failure(.broken, "A job's envelope is damaged at byte \(at).") }

    private mutating func next() throws -> UInt8 {
        guard at < bytes.count else { throw damage }
        at += 1
        return bytes[at - 1]
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard try next() == byte else { throw damage }
    }

    private mutating func number() throws -> Int64 {
        let start = at
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        var value: Int64 = 0
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57, at - start < 18 {
            value = value * 10 + Int64(bytes[at] - 48)
            at += 1
        }
        guard at > start else { throw damage }
        return bytes[start] == UInt8(ascii: "-") ? -value : value
    }

    /// A string without escapes.
    private mutating func plain() throws -> ArraySlice<UInt8> {
        try expect(UInt8(ascii: "\""))
        guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "\"")) else { throw damage }
        defer { at = end + 1 }
        return bytes[at..<end]
    }

    /// A string that may hold escapes, which are rare enough for the full parser.
    private mutating func string() throws -> String {
        let start = at
        let text = try plain()
        guard text.contains(UInt8(ascii: "\\")) else { return String(decoding: text, as: UTF8.self) }
        at = start
        guard let string = try value().string else { throw damage }
        return string
    }

    private mutating func list() throws -> [String] { try value().array?.compactMap(\.string) ?? [] }

    /// Any value, by finding its end outside of strings and handing it to the parser.
    private mutating func value() throws -> JSON {
        let start = at
        var (depth, inString) = (0, false)
        while at < bytes.count {
            let byte = bytes[at]
            if inString {
                if byte == UInt8(ascii: "\\") {
                    at += 1
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                depth -= 1
            }
            at += 1
            if depth == 0 && !inString { break }
        }
        guard let value = try? JSONParser.parse(Array(bytes[start..<min(at, bytes.count)])) else {
            throw damage
        }
        return value
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
        apply(reader.rare)
    }

    private mutating func apply(_ rare: EnvelopeReader.Rare) {
        (deadline, retryUntil, version) = (rare.deadline, rare.retryUntil, rare.version)
        (trace, parent, actor, callback) = (rare.trace, rare.parent, rare.actor, rare.callback)
        (flow, overflow, unique) = (rare.flow, rare.overflow, rare.unique)
    }
}
