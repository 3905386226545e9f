import ArgumentParser
import Calendar
import Core

/// The schedules, from a terminal.
struct Timetable: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: "Look at when schedules fire.", subcommands: [Preview.self])

    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the next firings of one timing, or of each timing that stdin holds.",
            discussion: """
                With --stdin each line is a timing in JSON, as the API takes it, with "from" and either
                "count" or "until" beside it; each answer is a JSON array of RFC 3339 times, or an object
                with "error".
                """)

        @Option(help: "A cron expression of five fields, or six with the seconds first.") var cron: String?
        @Option(help: "A fixed interval in seconds.") var every: Double?
        @Option(help: "A moment that the interval counts from.") var anchor: String?
        @Option(help: "One moment, such as 2026-03-29T01:30:00Z.") var at: String?
        @Option(help: "An RFC 5545 rule, such as FREQ=MONTHLY;BYDAY=-1FR.") var rrule: String?
        @Option(help: "Where the rule begins, in local time.") var dtstart: String?
        @Option(help: "A local time that the rule leaves out; may be repeated.") var exdate: [String] = []
        @Option(help: "A local time that the rule adds; may be repeated.") var rdate: [String] = []
        @Option(help: "An IANA time zone, such as Europe/Berlin.") var zone: String?
        @Option(help: "What becomes of a time the clock jumps over: next, skip or shift.") var gap: String?
        @Option(help: "Which counts of a time shown twice: first, second or both.") var overlap: String?
        @Option(help: "Firings after this moment; now, unless told.") var from: String?
        @Option(help: "Firings before this moment.") var until: String?
        @Option(help: "How many at most.") var count: Int?
        @Flag(help: "Read timings from stdin, one in each line.") var stdin = false

        func run() throws {
            guard !stdin else { return Self.answerLines() }
            let inquiry = try Inquiry(spec)
            for moment in try inquiry.firings {
                let local = inquiry.zone.map { "  \($0.wall(at: moment)) \($0.name)" } ?? ""
                say(moment.text + local)
            }
        }

        /// What the options say, in the form of a line of stdin.
        private var spec: JSON {
            let texts = [
                ("cron", cron), ("anchor", anchor), ("at", at), ("rrule", rrule), ("dtstart", dtstart),
                ("zone", zone), ("gap", gap), ("overlap", overlap), ("from", from), ("until", until),
            ]
            var members = texts.compactMap { name, text in text.map { JSON.Member(name, .string($0)) } }
            if let every { members.append(.init("every_seconds", .double(every))) }
            if let count { members.append(.init("count", .integer(Int64(count)))) }
            for (name, dates) in [("exdates", exdate), ("rdates", rdate)] where !dates.isEmpty {
                members.append(.init(name, .array(dates.map { .string($0) })))
            }
            return .object(members)
        }

        private static func answerLines() {
            while let line = readLine() { say(answer(line).text) }
        }

        private static func answer(_ line: String) -> JSON {
            do {
                let inquiry = try Inquiry(try JSONParser.parse(Array(line.utf8)))
                return .array(try inquiry.firings.map { .string($0.text) })
            } catch let failure as Failure {
                return ["error": .string(failure.message), "at": failure.pointer.map { .string($0) } ?? nil]
            } catch {
                return ["error": .string("The line is no JSON: \(error).")]
            }
        }
    }
}

/// One question for firings: a timing and where to look.
private struct Inquiry {
    private let timing: Timing
    private let from: Moment
    private let until: Moment?
    private let count: Int

    /// More than a person reads and less than a terminal minds.
    private static let most = 100_000

    init(_ spec: JSON) throws {
        let own: Set = ["from", "until", "count"]
        timing = try Timing(.object((spec.members ?? []).filter { !own.contains($0.name) }))
        from = try Self.moment(spec, "from") ?? .now
        until = try Self.moment(spec, "until")
        let asked = spec["count"]?.integer.map { Int(clamping: $0) } ?? (until == nil ? 10 : Self.most)
        count = min(max(0, asked), Self.most)
    }

    private static func moment(_ spec: JSON, _ name: String) throws -> Moment? {
        guard let json = spec[name] else { return nil }
        guard let moment = json.string.flatMap({ Moment($0) }) else {
            throw Failure(.invalid, "\(name) is a time such as 2026-03-29T01:30:00Z.", at: "/\(name)")
        }
        return moment
    }

    /// The zone of the wall clock the timing follows, if it follows any.
    var zone: Zone? {
        switch timing {
        case .cron(_, let zone, _): zone
        case .rule(let recurrence, _): recurrence.zone
        case .every, .at: nil
        }
    }

    var firings: [Moment] {
        get throws {
            guard let until else { return timing.preview(count, after: from) }
            var found: [Moment] = []
            for moment in timing.firings(after: from) {
                guard moment < until, found.count < count else { break }
                found.append(moment)
            }
            return found
        }
    }
}
