import Core
import Synchronization

/// A condition that somebody should look after, read from what a check-up found.
struct Alarm: Sendable {
    /// How soon somebody should.
    enum Severity: String, CaseIterable {
        case critical, warning
    }

    let name: String
    let severity: Severity
    let part: String
    /// The detail of the part that is compared; nil where the part being down is the alarm.
    var detail: String?
    /// The alarm is raised above it.
    var threshold = 0.0
    /// True where it is raised below it.
    var isBelow = false
    /// What is wrong and what to do.
    let advice: String

    /// What is beyond the threshold, nil where nothing is.
    func value(_ parts: [Checkup.Part]) -> Double? {
        guard let part = parts.first(where: { $0.name == part }) else { return nil }
        guard let detail else { return part.isUp ? nil : 1 }
        guard let number = part.number(detail) else { return nil }
        return (isBelow ? number < threshold : number > threshold) ? number : nil
    }

    func json(_ value: Double, since: Moment) -> JSON {
        [
            "name": .string(name), "severity": JSON(severity), "since": JSON(since), "value": .double(value),
            "threshold": .double(threshold), "advice": .string(advice),
        ]
    }
}

/// Since when each alarm is raised, as far as this process saw it.
final class AlarmBook: Sendable {
    private let since = Mutex<[String: Moment]>([:])

    /// The alarms that are raised, the critical ones first.
    func raised(_ alarms: [Alarm], by parts: [Checkup.Part], at now: Moment = .now) -> [JSON] {
        let found = alarms.compactMap { alarm in alarm.value(parts).map { (alarm: alarm, value: $0) } }
        return since.withLock { since in
            since = since.filter { name, _ in found.contains { $0.alarm.name == name } }
            for each in found where since[each.alarm.name] == nil { since[each.alarm.name] = now }
            let sorted =
                found.filter { $0.alarm.severity == .critical }
                + found.filter { $0.alarm.severity != .critical }
            return sorted.map { $0.alarm.json($0.value, since: since[$0.alarm.name] ?? now) }
        }
    }
}
