import Core
import Queue

/// A schedule as the book holds it: what was asked for, and how it stands.
public struct Standing: Sendable {
    /// Why it does not fire, who said so, and since when.
    public struct Pause: Sendable, Hashable {
        public let reason: String
        public let by: String
        public let since: Moment
    }

    /// Where a schedule comes from.
    public enum Source: String, Sendable {
        case api
        /// The file of schedules, which removes what it no longer holds.
        case file
    }

    public let schedule: Schedule
    public let source: Source
    public let created: Moment
    public let updated: Moment
    public let pause: Pause?
    /// The last nominal time that its limit allows.
    public let last: Moment?
    /// The revision in the book, 0 before it is written.
    public let revision: Int64
    /// The next nominal time; nil while it is paused or when none follows.
    public let next: Moment?

    init(_ entry: ScheduleBook.Entry) throws {
        let parts = entry.id.split(separator: ":", maxSplits: 1).map(String.init)
        let value = entry.value
        guard parts.count == 2, let spec = value["spec"],
            let created = value["created"]?.string.flatMap({ Moment($0) }),
            let updated = value["updated"]?.string.flatMap({ Moment($0) })
        else { throw Failure(.broken, "The schedule \(entry.id) cannot be read.") }
        schedule = try Schedule(spec, name: parts[1], workspace: parts[0])
        source = value["source"]?.string.flatMap { Source(rawValue: $0) } ?? .api
        (self.created, self.updated) = (created, updated)
        pause = value["pause"].flatMap { Pause($0) }
        last = value["last"]?.string.flatMap { Moment($0) }
        (revision, next) = (entry.revision, entry.next)
    }

    /// A schedule that is written for the first time, or takes the place of `old` and keeps its pause.
    init(_ schedule: Schedule, source: Source, now: Moment, replacing old: Standing? = nil) {
        self.schedule = schedule
        self.source = source
        created = old?.created ?? now
        updated = now
        pause = old?.pause
        let counted = old.flatMap { $0.schedule.limit == schedule.limit ? $0.created : nil } ?? now
        last = schedule.last(from: counted)
        revision = old?.revision ?? 0
        next = pause == nil ? schedule.next(after: now, until: last) : nil
    }

    /// The same, paused or not.
    func paused(_ pause: Pause?, now: Moment) -> Standing {
        Standing(self, pause: pause, updated: now)
    }

    private init(_ old: Standing, pause: Pause?, updated: Moment) {
        (schedule, source, created) = (old.schedule, old.source, old.created)
        (self.pause, self.updated, last, revision) = (pause, updated, old.last, old.revision)
        next = pause == nil ? old.schedule.next(after: updated, until: old.last) : nil
    }

    /// What the book keeps.
    var value: JSON {
        .object(
            [
                .init("spec", schedule.json), .init("source", .string(source.rawValue)),
                .init("created", .string(created.text)), .init("updated", .string(updated.text)),
            ] + (pause.map { [.init("pause", $0.json)] } ?? [])
                + (last.map { [.init("last", .string($0.text))] } ?? []))
    }
}

extension Standing.Pause {
    /// As people and the book read it.
    public var json: JSON {
        ["reason": .string(reason), "by": .string(by), "since": .string(since.text)]
    }

    init?(_ json: JSON) {
        guard let reason = json["reason"]?.string, let by = json["by"]?.string,
            let since = json["since"]?.string.flatMap({ Moment($0) })
        else { return nil }
        self.init(reason: reason, by: by, since: since)
    }
}
