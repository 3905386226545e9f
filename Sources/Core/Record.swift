/// What is known of a job that has ended, kept for the retention.
public struct Record: Sendable {
    public var state: State
    public var started: Moment?
    public var finished: Moment
    public var worker: String?
    /// Attempts that were started, crashes aside.
    public var attempts: Int
    public var crashes: Int
    /// The errors of its attempts, oldest first, as JSON text.
    public var errors: [UInt8]?
    /// What the job returned, as JSON text.
    public var result: [UInt8]?
    /// What its last attempt said of itself, as JSON text.
    public var progress: [UInt8]?
    /// What happened to it beside being enqueued, started and ended, as the text of a JSON array.
    public var history: [UInt8]?
    /// Why it was cancelled.
    public var reason: String?
    /// The envelope, with or without its arguments.
    public var envelope: [UInt8]?

    public init(
        state: State, finished: Moment, started: Moment? = nil, worker: String? = nil, attempts: Int = 0,
        crashes: Int = 0, errors: [UInt8]? = nil, result: [UInt8]? = nil, reason: String? = nil,
        envelope: [UInt8]? = nil
    ) {
        self.state = state
        self.started = started
        self.finished = finished
        self.worker = worker
        self.attempts = attempts
        self.crashes = crashes
        self.errors = errors
        self.result = result
        self.reason = reason
        self.envelope = envelope
    }

    /// The text: a JSON object with one-letter names.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.raw("{\"s\":\"")
        writer.raw(state.rawValue.utf8)
        writer.raw("\",\"f\":")
        writer.write(finished.milliseconds)
        if let started { writer.add(",\"b\":", started.milliseconds) }
        if attempts > 0 { writer.add(",\"e\":", Int64(attempts)) }
        if crashes > 0 { writer.add(",\"x\":", Int64(crashes)) }
        if let worker { writer.add(",\"k\":", worker) }
        if let reason { writer.add(",\"y\":", reason) }
        if let errors { writer.add(",\"E\":", errors) }
        if let result { writer.add(",\"r\":", result) }
        if let progress { writer.add(",\"p\":", progress) }
        if let history { writer.add(",\"h\":", history) }
        if let envelope { writer.add(",\"o\":", envelope) }
        writer.raw("}")
        return writer.bytes
    }

    /// The record that `bytes` write. Throws `Failure(.broken)` where it is damaged.
    public init(_ bytes: [UInt8]) throws {
        // The arguments stand in the envelope, and that in the record.
        let json = try JSONParser.parse(bytes, within: 2)
        guard let state = json["s"]?.string.flatMap(State.init), let finished = json["f"]?.integer else {
            throw Failure(.broken, "The record of an ended job is damaged.")
        }
        self.init(
            state: state, finished: Moment(milliseconds: finished),
            started: json["b"]?.integer.map(Moment.init(milliseconds:)), worker: json["k"]?.string,
            attempts: Int(json["e"]?.integer ?? 0), crashes: Int(json["x"]?.integer ?? 0),
            errors: json["E"]?.bytes, result: json["r"]?.bytes, reason: json["y"]?.string,
            envelope: json["o"]?.bytes)
        (progress, history) = (json["p"]?.bytes, json["h"]?.bytes)
    }
}

/// Where a job is. Nothing stores it: it follows from the key that holds the job's id.
public enum State: String, Sendable, CaseIterable, Codable {
    case waiting, scheduled, running, done, dead, cancelled, parked, expired
}

extension JSONWriter {
    fileprivate mutating func add(_ name: StaticString, _ number: Int64) {
        raw(name)
        write(number)
    }

    fileprivate mutating func add(_ name: StaticString, _ text: String) {
        raw(name)
        write(text)
    }

    fileprivate mutating func add(_ name: StaticString, _ json: [UInt8]) {
        raw(name)
        raw(json)
    }
}
