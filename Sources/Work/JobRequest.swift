import Core
import Foundation
import Queue

/// What a caller asks for when it enqueues one job: through the API, or in a frame that any Redis client
/// may push.
package struct JobRequest: Decodable, Sendable {
    package let name: String
    package let arguments: JSON?
    package let queue: String?
    let priority: String?
    let runAt: Moment?
    let delaySeconds: Double?
    let maxAttempts: Int?
    let timeoutSeconds: Double?
    let expiresAt: Moment?
    let tags: [String]?
    package let durable: Bool?
    package let callbackURL: String?
    let share: String?
    let limits: [Charge]?
    let exclusive: String?
    let overflow: String?
    let unique: Lock?
    let deadlineAt: Moment?
    let retryUntil: Moment?
    let parentID: String?

    enum CodingKeys: String, CodingKey {
        case name, arguments, queue, priority
        case runAt = "run_at"
        case delaySeconds = "delay_seconds"
        case maxAttempts = "max_attempts"
        case timeoutSeconds = "timeout_seconds"
        case expiresAt = "expires_at"
        case tags, durable
        case callbackURL = "callback_url"
        case share, limits, exclusive, overflow, unique
        case deadlineAt = "deadline_at"
        case retryUntil = "retry_until"
        case parentID = "parent_id"
    }

    /// The queue of a job that names none.
    package static let defaultQueue = "default"

    /// The job, once every rule holds.
    ///
    /// - Parameter check: throws when there is no such job or the arguments are not its own.
    /// - Throws: `Failure(.invalid)` for the first rule that does not hold; `.limited` at `/arguments` when
    ///   they are too large.
    package func order(
        workspace: String, now: Moment = .now, check: (_ name: String, _ arguments: JSON) throws -> Void
    ) throws -> Order {
        try checkName()
        let payload = try payload()
        try check(name, arguments ?? [:])
        var envelope = Envelope(
            name: name, arguments: payload, workspace: workspace, level: try level(),
            due: try due(now), expires: try expiry(now), attempts: try attempts(), timeout: try timeout(),
            tags: try labels())
        try apply(to: &envelope, now: now)
        return Order(envelope: envelope, queue: try place())
    }

    private func checkName() throws {
        guard (1...Limits.name).contains(name.unicodeScalars.count) else {
            throw Failure(.invalid, "name must have 1 to \(Limits.name) characters.", at: "/name")
        }
    }

    private func payload() throws -> [UInt8] {
        let bytes = (arguments ?? [:]).bytes
        guard bytes.count <= Queue.payloadLimit else {
            throw Failure(
                .limited, "The arguments of a job may have \(Queue.payloadLimit) bytes at most.",
                at: "/arguments")
        }
        return bytes
    }

    private func place() throws -> String {
        let name = queue ?? Self.defaultQueue
        guard Queue.isName(name) else {
            throw Failure(.invalid, "queue must have 1 to 64 of a-z, 0-9, _ and -.", at: "/queue")
        }
        return name
    }

    private func level() throws -> Envelope.Level {
        guard let priority else { return .normal }
        return try Rule.choice(priority, at: "/priority")
    }

    private func due(_ now: Moment) throws -> Moment? {
        if let delaySeconds {
            guard runAt == nil else {
                throw Failure(
                    .invalid, "run_at and delay_seconds exclude each other; send one.", at: "/run_at")
            }
            try Rule.number(delaySeconds, Limits.delay_s, at: "/delay_seconds", unit: "seconds")
            return delaySeconds > 0 ? now + .seconds(delaySeconds) : nil
        }
        guard let runAt else { return nil }
        guard runAt + Limits.clockSkew >= now else {
            throw Failure(.invalid, "run_at is in the past: it is \(now.text) now.", at: "/run_at")
        }
        guard runAt <= now + .seconds(Limits.delay_s.upperBound) else {
            throw Failure(.invalid, "run_at is more than 366 days ahead.", at: "/run_at")
        }
        return runAt
    }

    private func expiry(_ now: Moment) throws -> Moment? {
        guard let expiresAt else { return nil }
        guard expiresAt > now else {
            throw Failure(.invalid, "expires_at is in the past: it is \(now.text) now.", at: "/expires_at")
        }
        if let due = try due(now), expiresAt <= due {
            throw Failure(
                .invalid, "expires_at is not after the time the job may first run.", at: "/expires_at")
        }
        return expiresAt
    }

    private func attempts() throws -> Int? {
        guard let maxAttempts else { return nil }
        guard Limits.attempts.contains(maxAttempts) else {
            let range = Limits.attempts
            throw Failure(
                .invalid, "max_attempts must be \(range.lowerBound) to \(range.upperBound).",
                at: "/max_attempts")
        }
        return maxAttempts
    }

    private func timeout() throws -> Duration? {
        guard let timeoutSeconds else { return nil }
        try Rule.number(timeoutSeconds, Limits.timeout_s, at: "/timeout_seconds", unit: "seconds")
        return .seconds(timeoutSeconds)
    }

    private func labels() throws -> [String] {
        let tags = tags ?? []
        guard tags.count <= Limits.tags else {
            throw Failure(
                .invalid, "A job has \(Limits.tags) tags at most; these are \(tags.count).", at: "/tags")
        }
        for (index, tag) in tags.enumerated() { try Rule.text(tag, 1...Limits.tag, at: "/tags/\(index)") }
        return tags
    }

    /// Whether the address may be called is found out when it is, for names change where they lead.
    func callback() throws -> String? {
        guard let callbackURL else { return nil }
        let parts = URLComponents(string: callbackURL, encodingInvalidCharacters: false)
        guard callbackURL.utf8.count <= Limits.callback, let parts, parts.host?.isEmpty == false,
            ["http", "https"].contains(parts.scheme?.lowercased()), parts.user == nil, parts.password == nil
        else {
            throw Failure(
                .invalid,
                "callback_url must be an http or https address of \(Limits.callback) characters at most, "
                    + "without user and password.", at: "/callback_url")
        }
        return callbackURL
    }
}

extension JobRequest {
    /// The upper bounds of what one job may ask for.
    package enum Limits {
        /// Characters of a job's name.
        package static let name = 100
        package static let tags = 10
        /// Characters of a tag.
        package static let tag = 64
        package static let attempts = 1...100
        package static let timeout_s = 1.0...86_400.0
        /// How far ahead a job may be scheduled, in seconds.
        package static let delay_s = 0.0...31_622_400.0
        /// How far behind our clock a caller's may be before its "now" is the past.
        static let clockSkew: Duration = .seconds(5)
        /// Characters of the address that is told when the job has ended.
        package static let callback = 2_048
        /// Units of a limit that one job may cost.
        package static let cost = 1...10_000
        /// How long a lock may be held, and how long a job may be put off by those that replace it.
        package static let lifetime_s = 1.0...31_622_400.0
    }
}

/// A job that is ready to be accepted, and the queue it goes to.
package struct Order: Sendable {
    package let envelope: Envelope
    package let queue: String

    package init(envelope: Envelope, queue: String) {
        self.envelope = envelope
        self.queue = queue
    }
}
