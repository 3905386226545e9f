import Calendar
import Core
import Queue
import Work

extension Schedule {
    /// Reads a schedule as the API and the file write it.
    ///
    /// - Parameters:
    ///   - json: the members but its name.
    ///   - check: throws when there is no such job or the arguments are not its own.
    /// - Throws: `Failure(.invalid)` at the member that is wrong, its pointer behind `pointer`.
    public init(
        _ json: JSON, name: String, workspace: String, at pointer: String = "",
        check: (_ name: String, _ arguments: JSON) throws -> Void = { _, _ in }
    ) throws {
        guard Self.isName(name) else {
            throw Failure(
                .invalid, "A schedule's name has 1 to 64 of a-z, 0-9, _ and -.", at: pointer + "/name")
        }
        let fields = try ScheduleFields(json, at: pointer)
        (self.name, self.workspace) = (name, workspace)
        timing = try Timing(try fields.member("timing"), at: pointer + "/timing")
        job = try fields.member("job")
        request = try fields.request(workspace, check)
        overlap = try fields.overlap()
        catchUp = try fields.seconds("catch_up_seconds", Limits.catchUp_s) ?? .seconds(3_600)
        jitter = try fields.seconds("jitter_seconds", Limits.jitter_s) ?? .zero
        start = try fields.moment("start")
        end = try fields.moment("end")
        limit = try fields.limit()
        about = try fields.about()
        if let start, let end, end < start {
            throw Failure(.invalid, "end is before start.", at: pointer + "/end")
        }
    }

    /// As `init` reads it, with what was left out spelled out.
    public var json: JSON {
        let fixed: [JSON.Member] = [
            .init("timing", timing.json), .init("job", job), .init("overlap", .string(overlap.rawValue)),
            .init("catch_up_seconds", .double(catchUp.seconds)),
            .init("jitter_seconds", .double(jitter.seconds)),
        ]
        let open: [(String, JSON?)] = [
            ("start", start.map { .string($0.text) }), ("end", end.map { .string($0.text) }),
            ("limit", limit.map { .integer(Int64($0)) }), ("about", about.map { .string($0) }),
        ]
        return .object(fixed + open.compactMap { name, value in value.map { .init(name, $0) } })
    }
}

/// The members of a schedule's JSON, read one by one.
private struct ScheduleFields {
    private let json: JSON
    private let pointer: String

    private static let names: Set = [
        "timing", "job", "overlap", "catch_up_seconds", "jitter_seconds", "start", "end", "limit", "about",
    ]
    /// What the schedule itself says of each of its jobs.
    private static let settled = [
        "run_at", "delay_seconds", "exclusive", "overflow", "durable", "expires_at", "deadline_at",
        "retry_until", "parent_id",
    ]

    init(_ json: JSON, at pointer: String) throws {
        (self.json, self.pointer) = (json, pointer)
        guard let members = json.members else {
            throw Failure(.invalid, "A schedule is an object with timing and job.", at: pointer)
        }
        for member in members where !Self.names.contains(member.name) {
            throw wrong(member.name, "is no member of a schedule.")
        }
    }

    private func wrong(_ name: String, _ rest: String) -> Failure {
        Failure(.invalid, "\(name) \(rest)", at: "\(pointer)/\(name)")
    }

    /// The value of a member, nil where it is missing or null.
    private func given(_ name: String) -> JSON? { json[name].flatMap { $0 == .null ? nil : $0 } }

    func member(_ name: String) throws -> JSON {
        guard let json = given(name) else { throw wrong(name, "is missing.") }
        return json
    }

    func request(
        _ workspace: String, _ check: (_ name: String, _ arguments: JSON) throws -> Void
    ) throws -> JobRequest {
        let job = try member("job")
        for name in Self.settled where job[name] != nil {
            throw wrong("job/\(name)", "is for the schedule to say, or not for scheduled jobs.")
        }
        do {
            let request = try job.decode(JobRequest.self)
            _ = try request.order(workspace: workspace, check: check)
            return request
        } catch let failure as Failure {
            throw Failure(
                failure.kind, failure.message, at: "\(pointer)/job" + (failure.pointer ?? ""))
        }
    }

    func overlap() throws -> Schedule.Overlap {
        guard let json = given("overlap") else { return .skip }
        guard let overlap = json.string.flatMap({ Schedule.Overlap(rawValue: $0) }) else {
            let words = Schedule.Overlap.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong("overlap", "is one of \(words).")
        }
        return overlap
    }

    func seconds(_ name: String, _ range: ClosedRange<Double>) throws -> Duration? {
        guard let json = given(name) else { return nil }
        guard let seconds = json.double, range.contains(seconds) else {
            throw wrong(name, "is from \(Int(range.lowerBound)) to \(Int(range.upperBound)) seconds.")
        }
        return .milliseconds(Int64((seconds * 1_000).rounded()))
    }

    func moment(_ name: String) throws -> Moment? {
        guard let json = given(name) else { return nil }
        guard let moment = json.string.flatMap({ Moment($0) }) else {
            throw wrong(name, "is an RFC 3339 time with a zone, such as 2026-03-29T01:30:00Z.")
        }
        return moment
    }

    func limit() throws -> Int? {
        guard let json = given("limit") else { return nil }
        let range = Schedule.Limits.count
        guard let limit = json.integer.map({ Int(clamping: $0) }), range.contains(limit) else {
            throw wrong("limit", "is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return limit
    }

    func about() throws -> String? {
        guard let json = given("about") else { return nil }
        guard let about = json.string, about.unicodeScalars.count <= Schedule.Limits.about else {
            throw wrong("about", "is a text of at most \(Schedule.Limits.about) characters.")
        }
        return about
    }
}
