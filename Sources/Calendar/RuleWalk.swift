import Core

/// The local times of a recurrence rule: by elapsed steps where only the clock decides, else by days and
/// times.
enum RuleWalk: Sendable, Hashable {
    case steps(from: Wall, seconds: Int64)
    case days(RuleDays, Times, from: Wall)

    init(_ parts: RuleParts, start: Wall) throws {
        if parts.isPlainStep, let seconds = parts.frequency.seconds {
            self = .steps(from: start, seconds: seconds * Int64(parts.interval))
        } else {
            self = .days(RuleDays(parts, start: start.day), try Times(parts, start: start), from: start)
        }
    }

    /// The first time at or after `wall`, nil when there is none before the horizon.
    func next(from wall: Wall) -> Wall? {
        switch self {
        case .steps(let start, let seconds):
            let steps = (max(wall, start).seconds - start.seconds + seconds - 1) / seconds
            let found = Wall(seconds: start.seconds + steps * seconds)
            return found < .horizon ? found : nil
        case .days(let days, let times, let start):
            let from = max(wall, start)
            guard let day = days.first(from: from.day) else { return nil }
            if let time = times.first(from: day == from.day ? from.secondOfDay : 0) {
                return Wall(day, second: time)
            }
            guard let next = days.first(from: day.next), let time = times.first(from: 0) else { return nil }
            return Wall(next, second: time)
        }
    }

    /// The time with which a COUNT ends, counted from the start.
    func last(of count: Int) -> Wall? {
        if case .steps(let start, let seconds) = self {
            return Wall(seconds: start.seconds + Int64(count - 1) * seconds)
        }
        var (found, left) = (next(from: Wall(seconds: 0)), count - 1)
        while left > 0, let wall = found, let later = next(from: Wall(seconds: wall.seconds + 1)) {
            (found, left) = (later, left - 1)
        }
        return found
    }
}
