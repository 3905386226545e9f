import Core
import Queue

/// What a client asks for in one message.
enum Request: Sendable {
    case auth(String)
    case subscribe(Topic, after: After, ref: JSON?)
    case unsubscribe(Topic, ref: JSON?)
    case ping(JSON)

    /// From where a subscription wants to be told.
    enum After: Sendable, Hashable {
        case now
        /// After this event; other queues from now on.
        case one(Mark)
        /// After these events; a queue that is not named is new to the client and is told from its beginning.
        case all([Mark])
    }

    /// Throws `Failure(.invalid)` that says what is wrong with the text.
    init(_ text: [UInt8]) throws {
        let json: JSON
        do {
            json = try JSONParser.parse(text)
        } catch {
            throw Failure(.invalid, "The message is not JSON: \(error).", cause: error)
        }
        try self.init(json.decode(Wording.self))
    }

    private init(_ wording: Wording) throws {
        let ref = try wording.checkedRef()
        guard wording.count == 1 else { throw Self.unclear }
        guard wording.after == nil || wording.subscribe != nil else {
            throw Failure(.invalid, "\"after\" belongs to \"subscribe\".", at: "/after")
        }
        if let key = wording.auth {
            self = .auth(key)
        } else if let topic = try wording.subscribe?.topic() {
            self = .subscribe(topic, after: try After(wording.after, for: topic), ref: ref)
        } else if let topic = try wording.unsubscribe?.topic() {
            self = .unsubscribe(topic, ref: ref)
        } else if let number = wording.ping, number.string != nil || number.double != nil {
            self = .ping(number)
        } else {
            throw Failure(.invalid, "\"ping\" takes a number or a string.", at: "/ping")
        }
    }

    private static let unclear = Failure(
        .invalid, "Send one of \"auth\", \"subscribe\", \"unsubscribe\" and \"ping\" in a message.")
}

extension Request.After {
    init(_ json: JSON?, for topic: Topic) throws {
        switch json {
        case nil: self = .now
        case .string(let text): self = .one(try Self.mark(text, topic))
        case .array(let items) where items.count <= Queue.queueLimit:
            let marks = try items.map { try Self.mark($0.string, topic) }
            guard Set(marks.map(\.queue)).count == marks.count else {
                throw Failure(.invalid, "\"after\" names a queue twice.", at: "/after")
            }
            self = .all(marks)
        default: throw Self.unreadable
        }
    }

    private static func mark(_ text: String?, _ topic: Topic) throws -> Mark {
        guard let mark = text.flatMap({ Mark($0) }) else { throw unreadable }
        if let name = topic.queue, name != mark.queue {
            throw Failure(.invalid, "\"after\" is an event of another queue.", at: "/after")
        }
        return mark
    }

    private static let unreadable = Failure(
        .invalid, "\"after\" must be the id of an event, such as \"default:12:0\", or a list of one a queue.",
        at: "/after")
}

/// The members of a message as they are written.
private struct Wording: Decodable {
    let auth: String?
    let subscribe: Target?
    let unsubscribe: Target?
    let ping: JSON?
    let after: JSON?
    let ref: JSON?

    var count: Int {
        [auth != nil, subscribe != nil, unsubscribe != nil, ping != nil].count { $0 }
    }

    func checkedRef() throws -> JSON? {
        switch ref {
        case nil, .integer: return ref
        case .string(let text) where text.utf8.count <= 128: return ref
        default:
            throw Failure(
                .invalid, "\"ref\" must be a whole number or at most 128 bytes of text.", at: "/ref")
        }
    }
}

/// What a subscription names, as it is written.
private struct Target: Decodable {
    let job: ID?
    let queue: String?
    let noun: String?
    let row: ID?
    let workspace: Bool?

    func topic() throws -> Topic {
        let named = [job != nil, queue != nil, noun != nil, row != nil, workspace != nil].count { $0 }
        guard named == 1, workspace != false else { throw Self.unclear }
        if let job { return .job(job) }
        if let row { return .row(row) }
        if let queue { return .queue(try checked(queue, "queue")) }
        if let noun { return .noun(try checked(noun, "noun")) }
        return .workspace
    }

    private func checked(_ name: String, _ field: String) throws -> String {
        guard Queue.isName(name) else {
            throw Failure(
                .invalid, "A \(field)'s name is 1 to 64 of a-z, 0-9, _ and -.", at: "/subscribe/\(field)")
        }
        return name
    }

    private static let unclear = Failure(
        .invalid,
        "Name one of {\"job\": \"<id>\"}, {\"queue\": \"<name>\"}, {\"noun\": \"<name>\"}, "
            + "{\"row\": \"<id>\"} and {\"workspace\": true}.",
        at: "/subscribe")
}
