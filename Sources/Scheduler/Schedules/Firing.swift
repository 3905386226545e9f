import Calendar
import Core
import Queue
import Work

/// One nominal time of a schedule, and the job it stands for.
struct Firing: Sendable {
    let schedule: Schedule
    let nominal: Moment

    /// The same in every process: two processes that fire at once make one job.
    var id: ID? {
        let digest = Unique.key(of: .array([.string(schedule.id), .integer(nominal.milliseconds)]))
        // 20 of its hexadecimal digits are the 80 bits that are random in other ids.
        let tail = digest.prefix(20)
        guard let top = UInt64(tail.prefix(4), radix: 16), let low = UInt64(tail.suffix(16), radix: 16) else {
            return nil
        }
        return ID(Self.text(UInt64(bitPattern: nominal.milliseconds) << 16 | top, low))
    }

    /// The 26 digits of an id.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var (high, low, text) = (high, low, "")
        for _ in 0..<26 {
            text.append(digits[Int(low & 31)])
            (low, high) = (low >> 5 | high << 59, high >> 5)
        }
        return String(text.reversed())
    }

    /// The job, to be run at its nominal time and a delay that spreads it.
    func order(now: Moment) throws -> Order {
        let due = nominal + Jitter.delay(of: schedule.id, at: nominal, most: schedule.jitter)
        return try schedule.order(id, due: due > now ? due : nil, now: now)
    }
}

extension Schedule {
    /// A job of this schedule, kept apart from its others by the overlap rule.
    func order(
        _ id: ID?, due: Moment? = nil, now: Moment, overlap: Overlap? = nil
    ) throws -> Order {
        let plain = try request.order(workspace: workspace, now: now) { _, _ in }
        var envelope = plain.envelope.copied(id ?? plain.envelope.id, created: now)
        envelope.due = due
        envelope.actor = "schedule:\(name)"
        if let overflow = (overlap ?? self.overlap).overflow {
            envelope.flow.exclusive = "schedule:\(self.id)"
            envelope.overflow = overflow
        }
        return Order(envelope: envelope, queue: plain.queue)
    }
}

extension Envelope {
    /// The same job under another id.
    fileprivate func copied(_ id: ID, created: Moment) -> Envelope {
        var copy = Envelope(
            id: id, name: name, arguments: arguments, workspace: workspace, level: level, created: created,
            due: due, expires: expires, attempts: attempts, timeout: timeout, tags: tags)
        (copy.version, copy.trace, copy.callback) = (version, trace, callback)
        (copy.flow, copy.overflow, copy.unique) = (flow, overflow, unique)
        return copy
    }
}
