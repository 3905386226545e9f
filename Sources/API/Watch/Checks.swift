import Core
import Queue
import Store

// The parts that serve others: when one fails, requests are still answered.
extension Checkup {
    /// Without a relay nobody hears of events; they are kept for a while for when one is back.
    func relay() async -> Part {
        await aside("relay") { part in
            let book = Workers(
                ofRelaysOn: office.house.redis, prefix: office.house.queueSettings.prefix)
            let relays = try await book.list()
            let connections = relays.reduce(0) { $0 + ($1.about["connections"]?.integer ?? 0) }
            part.isDegraded = relays.isEmpty
            part.details = [
                .init("count", JSON(relays.count)), .init("connections", .integer(connections)),
            ]
        }
    }

    func schedules() async -> Part {
        await aside("schedules") { part in
            let book = ScheduleBook(on: office.house.redis, prefix: office.house.queueSettings.prefix)
            let now = Moment.now
            let patience = Duration.seconds(office.settings.thresholds.scheduleDelay_s)
            let (count, oldest) = try await book.overdue(before: now - patience)
            part.isDegraded = count > 0
            part.details = [
                .init("overdue", JSON(count)),
                .init("oldest_overdue_seconds", .double(oldest.map { (now - $0).seconds } ?? 0)),
            ]
        }
    }

    /// Changes that nobody was told of yet.
    func announcements() async -> Part {
        await aside("announcements") { part in
            let (count, oldest) = try await office.store.journal.backlog()
            let lag_s = oldest.map { max(0, (Moment.now - $0).seconds) } ?? 0
            part.isDegraded = lag_s > office.settings.thresholds.lag_s
            part.details = [.init("waiting", JSON(count)), .init("lag_seconds", .double(lag_s))]
        }
    }

    /// Durable jobs that have not reached their queues.
    func outbox() async -> Part {
        await aside("outbox") { part in
            let oldest = try await office.store.outbox.unpushed(before: .now, limit: 1).first
            let lag_s = oldest.map { max(0, (Moment.now - $0.createdAt).seconds) } ?? 0
            part.isDegraded = lag_s > office.settings.thresholds.lag_s
            part.details = [.init("lag_seconds", .double(lag_s))]
        }
    }

    /// What keeps jobs from starting because somebody set it so, or because the other side failed.
    func limits() async -> Part {
        await aside("limits") { part in
            let rules = Rules(on: office.house.redis, settings: office.house.queueSettings)
            async let limits = rules.limits()
            async let pauses = rules.pauses()
            async let breakers = rules.openBreakers()
            part.details = [
                .init("set", JSON(try await limits.count)), .init("paused", JSON(try await pauses.count)),
                .init("breakers_open", JSON(try await breakers.count)),
            ]
        }
    }

    /// A part that cannot be looked at degrades the house; what it needs is down under its own name.
    private func aside(_ name: String, _ body: (inout Part) async throws -> Void) async -> Part {
        var part = await look(name, body)
        if !part.isUp { (part.isUp, part.isDegraded) = (true, true) }
        return part
    }
}
