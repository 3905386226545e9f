import Core
import Queue
import Redis
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(2))) struct `A client that comes back` {
    @Test func `gets what it missed, from the middle of a batch on`() async throws {
        try await Stage.with { stage in
            try await stage.enqueue(3)
            try await stage.enqueue(2, workspace: "blue")
            try await stage.enqueue(2)
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}", after: "\"default:1:1\"")
            let first = try await browser.text()
            #expect(first["id"] == "default:1:2" && first["previous"] == "default:1:1")
            #expect(try await browser.events(2) == ["default:3:0", "default:3:1"])
            try await stage.enqueue()
            #expect(try await browser.text()["previous"] == "default:3:1")
        }
    }

    @Test func `and names a position in each queue hears of queues it has not known`() async throws {
        try await Stage.with { stage in
            let mail = try await stage.other()
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"workspace\":true}")
            let late = try await stage.other("late")
            for queue in [stage.queue, mail, late] { try await stage.enqueue(in: queue) }
            _ = try await browser.events(3)
            try await browser.cut()
            let again = try await Browser.open(stage.port)
            try await again.subscribe("{\"workspace\":true}", after: "[\"default:1:0\",\"mail:0\"]")
            #expect(try await Set(again.events(2)) == ["mail:1:0", "late:1:0"])
            let one = try await Browser.open(stage.port)
            try await one.subscribe("{\"workspace\":true}", after: "\"mail:0\"")
            #expect(try await one.events(1) == ["mail:1:0"])
            #expect(try await one.isSilent())
        }
    }

    @Test func `too late is told what is missing`() async throws {
        try await Stage.with { stage in
            for _ in 0..<5 { try await stage.enqueue() }
            _ = try await stage.redis.send(Command("XTRIM", stage.queue.channel, "MAXLEN", "2"))
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}", after: "\"default:1:0\"")
            #expect(
                try await browser.text() == [
                    "type": "gap", "subscription": "queue:default", "from": "default:1:0", "to": "default:3",
                ])
            #expect(try await browser.events(2) == ["default:4:0", "default:5:0"])
            _ = try await stage.redis.send(Command("XTRIM", stage.queue.channel, "MAXLEN", "0"))
            try await browser.subscribe("{\"queue\":\"default\"}", after: "\"default:4:0\"")
            let gap = try await browser.text()
            #expect(gap["type"] == "gap" && gap["to"] == "default:5")
            try await stage.enqueue()
            #expect(try await browser.text()["previous"] == "default:5")
        }
    }

    @Test func `from a time Redis has forgotten is told so`() async throws {
        try await Stage.with { stage in
            try await stage.enqueue()
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}", after: "\"default:70:0\"")
            let gap = try await browser.text()
            #expect(gap["type"] == "gap" && gap["from"] == "default:70:0" && gap["to"] == "default:1")
            try await stage.enqueue()
            #expect(try await browser.events(1) == ["default:2:0"])
        }
    }

    @Test func `during a stream of events misses none and hears none twice`() async throws {
        try await Stage.with({ $0.limits.heldEvents = 5 }) { stage in
            for _ in 0..<300 { try await stage.enqueue(3) }
            let writer = Task { for _ in 0..<300 { try await stage.enqueue(3) } }
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"workspace\":true}", after: "\"default:0\"")
            let ids = try await browser.events(1_800)
            try await writer.value
            #expect(try await ids == stage.reference())
            #expect(try await browser.isSilent())
        }
    }

    @Test func `again and again, while Redis is cut too, sees the same as one who never left`() async throws {
        try await Stage.with { stage in
            let writer = Task {
                for _ in 0..<400 {
                    try await stage.enqueue(2)
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            var ids: [String] = []
            for cut in 0..<20 {
                let browser = try await Browser.open(stage.port)
                let after = ids.last.map { "\"\($0)\"" } ?? "\"default:0\""
                try await browser.subscribe("{\"workspace\":true}", after: after)
                if cut % 2 == 0 { try await stage.deafen() }
                ids += try await browser.events(Int.random(in: 1...30))
                try await browser.cut()
            }
            let last = try await Browser.open(stage.port)
            try await last.subscribe("{\"workspace\":true}", after: "\"\(ids[ids.count - 1])\"")
            ids += try await last.events(800 - ids.count)
            try await writer.value
            #expect(try await ids == stage.reference())
            #expect(stage.relay.metrics.gapsTold == 0)
        }
    }

    @Test func `after the relay was restarted goes on where it was`() async throws {
        try await Stage.with { stage in
            let (browser, ids) = (try await Browser.open(stage.port), try await stage.reference())
            #expect(ids.isEmpty)
            try await browser.subscribe("{\"queue\":\"default\"}")
            try await stage.enqueue()
            var settings = Relay.Settings()
            settings.port = 0
            let second = try await Stage.start(settings, stage.redis)
            try await stage.enqueue(2)
            let again = try await Browser.open(second.relay.port ?? 0)
            try await again.subscribe("{\"queue\":\"default\"}", after: "\"default:1:0\"")
            #expect(try await again.events(2) == ["default:2:0", "default:2:1"])
            second.task.cancel()
            try await second.task.value
            #expect(await again.farewell() == 1001)
        }
    }
}
