/// Times of day: each hour of a set with each minute and each second of two others.
struct Times: Sendable, Hashable {
    let hours: Numbers
    let minutes: Numbers
    let seconds: Numbers

    /// The first second of a day, at or after `second`, that is one of the times.
    func first(from second: Int) -> Int? {
        let (hour, minute) = (second / 3_600, second / 60 % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.first(from: second % 60) {
                return hour * 3_600 + minute * 60 + found
            }
            if let next = minutes.first(from: minute + 1) { return hour * 3_600 + earliest(next) }
        }
        guard let next = hours.first(from: hour + 1), let minute = minutes.first() else { return nil }
        return next * 3_600 + earliest(minute)
    }

    private func earliest(_ minute: Int) -> Int { minute * 60 + (seconds.first() ?? 0) }
}
