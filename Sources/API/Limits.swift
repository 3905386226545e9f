import Queue

/// The upper bounds of what one request may ask for.
enum Limits {
    /// Entries of one page of a list.
    static let page = 200
    static let jobsInBatch = Queue.batchLimit
    /// Characters of the reason for a cancel.
    static let reason = 500
    /// Characters of an `Idempotency-Key`.
    static let idempotencyKey = 255
    /// Characters of a query parameter of which nothing else is said.
    static let parameter = 200
    /// Bytes of a request's target.
    static let target = 8_192
    /// Uploads that one workspace keeps at once.
    static let uploads = 1_000
    /// Files of tasks that one workspace keeps at once.
    static let attachments = 100_000
    /// How long a key or session that was found stays found without asking the database: with the question
    /// itself, a right that was lost is gone within a second.
    static let keyMemory: Duration = .milliseconds(900)
    /// Bytes of an API key.
    static let key = 512
    /// API keys that one user may have at once.
    static let keysOfUser = 100
    /// Keys remembered at once.
    static let keysRemembered = 10_000
    /// Tries to put one job in the queue when the reply was lost.
    static let tries = 3
    /// The share of its memory from which on Redis is given no new jobs.
    static let memoryShare = 0.85
    static let connections = 10_000
    static let idle_s: Int64 = 75
    /// Bytes of one header, and of all headers together.
    static let header = 16_384
    static let headers = 65_536
}
