import Core

extension Series {
    /// The next time at which somebody is to be told of an instance, and which one.
    package struct Alarm: Sendable, Hashable {
        package let due: Moment
        package let instance: Instance
        package let minutes: Int
    }

    /// The alarms after `moment`, of which each instance has one as long before its start as `minutes` say.
    package func nextAlarm(after moment: Moment, minutes: Set<Int>) -> Alarm? {
        minutes.compactMap { minutes in
            let lead = Duration.seconds(minutes * 60)
            return next(after: moment + lead).map {
                Alarm(due: $0.start - lead, instance: $0, minutes: minutes)
            }
        }.min { ($0.due, $0.minutes) < ($1.due, $1.minutes) }
    }

    /// The alarms after `start` up to `end`, in order, at most `most`.
    package func alarms(after start: Moment, upTo end: Moment, minutes: Set<Int>, most: Int) -> [Alarm] {
        var found: [Alarm] = []
        for one in minutes {
            var from = start
            while found.count < most * minutes.count, let alarm = nextAlarm(after: from, minutes: [one]),
                alarm.due <= end
            {
                found.append(alarm)
                from = alarm.due
            }
        }
        return Array(found.sorted { ($0.due, $0.minutes) < ($1.due, $1.minutes) }.suffix(most))
    }
}
