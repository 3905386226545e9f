import Core
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `The job remind_of_event` {
    @Test(arguments: Engine.allCases)
    func `tells of an event once, and does nothing for one that is gone`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
            let now = Moment(microseconds: Moment.now.microseconds / 1_000_000 * 1_000_000)
            let event = try await store.rows(.calendarEvents).create(
                Values([
                    "title": "Soon", "starts_at": JSON(now + .seconds(60)),
                    "ends_at": JSON(now + .seconds(90)),
                    "reminders": [["minutes_before": 1]],
                ]), at: now + .seconds(-60))
            let entries = try await bench.house.store.outbox.unpushed(before: .now + .seconds(60), limit: 9)
            let planned = try #require(try entries.map { try Envelope($0.envelope) }.first)
            #expect(planned.name == "remind_of_event" && planned.due == now)
            // At once, so that the test need not wait for the time it is due.
            let copy = Envelope(
                id: planned.id, name: planned.name, arguments: planned.arguments,
                workspace: bench.house.workspace.text)
            try await bench.queue.enqueue([copy])
            var shift = Queue.Shift()
            shift.wanted = 1
            let claim = try #require(try await bench.queue.work(shift).claims.first)
            #expect(try result(of: await bench.attempt(claim)) == ["reminders": 1])
            #expect(try result(of: await bench.attempt(claim))["skipped"] != nil)
            try await store.rows(.calendarEvents).delete(event.id)
            let gone = try await bench.claim("remind_of_event", ["event_id": JSON(event.id)])
            #expect(try result(of: await bench.attempt(gone))["skipped"] != nil)
        }
    }
}
