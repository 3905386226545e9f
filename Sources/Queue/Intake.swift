import Core
import Redis

/// New jobs sorted into the groups that the enqueue script takes.
struct Intake {
    /// Where each job stood in the caller's order, in the order of the script.
    let places: [Int]
    /// High, normal, low, shared, later.
    private let groups: [[Envelope]]
    private let sorted: [Envelope]
    private let now = Moment.now
    /// The one job, where it may be in the queue already.
    let known: ID?

    init(_ envelopes: [Envelope], isKnown: Bool = false) {
        known = isKnown ? envelopes.first?.id : nil
        var (groups, places) = ([[Envelope]](repeating: [], count: 5), [[Int]](repeating: [], count: 5))
        for (place, envelope) in envelopes.enumerated() {
            let group = Self.group(of: envelope, now)
            groups[group].append(envelope)
            places[group].append(place)
        }
        self.groups = groups
        self.places = places.flatMap { $0 }
        sorted = groups.flatMap { $0 }
    }

    private static func group(of envelope: Envelope, _ now: Moment) -> Int {
        if let due = envelope.due, due > now { return 4 }
        return envelope.flow.isEmpty ? envelope.level.place - 1 : 3
    }

    /// Writes ARGV[3] to ARGV[9].
    func appendCounts(to command: inout Command) {
        for group in groups { command.append(Int64(group.count)) }
        command.append(Int64(sorted.count(where: \.hasRules)))
        let lines = sorted.enumerated().map { index, envelope in
            let kind: Event.Kind = index < sorted.count - groups[4].count ? .waiting : .scheduled
            return "\(kind.rawValue) \(envelope.id.text) \(envelope.workspace)"
        }
        command.append(lines.joined(separator: "\n"))
    }

    /// Writes ARGV[19] and what follows.
    func appendJobs(to command: inout Command) {
        for envelope in sorted { command.append(envelope.id.text) }
        for envelope in sorted {
            command.append(envelope.id.text)
            command.append(envelope.bytes)
        }
        for envelope in groups[3] { command.append(envelope.group) }
        for envelope in groups[4] {
            command.append((envelope.due ?? now).milliseconds)
            command.append(envelope.id.text)
        }
        for (index, envelope) in sorted.enumerated() where envelope.hasRules {
            append(envelope, at: index + 1, to: &command)
        }
    }

    private func append(_ envelope: Envelope, at place: Int, to command: inout Command) {
        let unique = envelope.unique
        command.append(Int64(place))
        command.append(envelope.overflow.rawValue)
        command.append(unique?.key ?? "")
        command.append(unique?.until.rawValue ?? "")
        command.append(unique?.lifetime?.milliseconds ?? 0)
        command.append(unique?.conflict.rawValue ?? "")
        command.append(unique?.maximumWait?.milliseconds ?? 0)
        command.append(envelope.callback == nil ? "0" : "1")
        command.append(envelope.parent?.text ?? "")
    }
}

extension Envelope.Level {
    /// The level as the scripts count it: 1 is claimed first.
    var place: Int {
        switch self {
        case .high: 1
        case .normal: 2
        case .low: 3
        }
    }
}

extension Envelope {
    /// True when the enqueue script must know more of it than its place.
    fileprivate var hasRules: Bool {
        unique != nil || callback != nil || parent != nil || overflow != .queue
    }

    /// The name of the group it waits in.
    var group: String { "\(level.place);\(flow.text)" }
}
