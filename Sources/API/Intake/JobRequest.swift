import Core
import Queue
import Store
import Workspace

/// What a caller asks for when it enqueues one job.
struct JobRequest: Decodable, Sendable {
    let name: String
    let arguments: JSON?
    let queue: String?
    let priority: String?
    let runAt: Moment?
    let delaySeconds: Double?
    let maxAttempts: Int?
    let timeoutSeconds: Double?
    let expiresAt: Moment?
    let tags: [String]?
    let durable: Bool?

    enum CodingKeys: String, CodingKey {
        case name, arguments, queue, priority
        case runAt = "run_at"
        case delaySeconds = "delay_seconds"
        case maxAttempts = "max_attempts"
        case timeoutSeconds = "timeout_seconds"
        case expiresAt = "expires_at"
        case tags, durable
    }

    static let defaultQueue = "default"

    /// The job, once every rule holds. Throws `Failure(.invalid)` for the first that does not, or 413.
    func order(for workspace: ID, _ jobs: KnownJobs, now: Moment = .now) throws -> Order {
        try checkName()
        let payload = try payload()
        try jobs.check(name, arguments ?? [:])
        let envelope = Envelope(
            name: name, arguments: payload, workspace: workspace.text, level: try level(),
            due: try due(now), expires: try expiry(now), attempts: try attempts(), timeout: try timeout(),
            tags: try labels())
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
            throw Problem.tooLarge("The arguments of a job", limit: Queue.payloadLimit, at: "/arguments")
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
}

/// A job that is ready to be accepted, and the queue it goes to.
struct Order: Sendable {
    let envelope: Envelope
    let queue: String

    func entry(_ workspace: ID) -> Store.Outbox.Entry {
        Store.Outbox.Entry(
            id: envelope.id, workspace: workspace, queue: queue, envelope: envelope.bytes,
            createdAt: envelope.created)
    }
}
