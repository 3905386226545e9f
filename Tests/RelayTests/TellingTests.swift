import Core
import Queue
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct `A subscription to the relay` {
    @Test func `tells what happens to one job, each event with its id and the one before`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            let job = Envelope(name: "test", arguments: Array("{}".utf8), workspace: "red")
            let at = try await browser.subscribe("{\"job\":\"\(job.id)\"}")
            #expect(at["subscription"]?.string == "job:\(job.id)" && at["at"] == [])
            try await stage.enqueue()
            try await stage.queue.enqueue([job])
            let first = try await browser.text()
            #expect(
                first == [
                    "type": "event", "subscription": .string("job:\(job.id)"), "previous": nil,
                    "id": "default:2:0",
                    "queue": "default", "event": "waiting", "job": .string(job.id.text),
                ])
            _ = try await stage.queue.cancel(job.id, reason: "enough")
            let second = try await browser.text()
            #expect(second["event"] == "cancelled" && second["previous"] == "default:2:0")
        }
    }

    @Test func `to a queue or the workspace tells all of their own`() async throws {
        try await Stage.with { stage in
            let mail = try await stage.other()
            let (queue, workspace) = (try await Browser.open(stage.port), try await Browser.open(stage.port))
            try await stage.enqueue()
            try await Stage.until {
                try await queue.subscribe("{\"queue\":\"default\"}")["at"] == "default:1"
            }
            #expect(
                try await workspace.subscribe("{\"workspace\":true}")["at"] == ["default:1", "~changes:0"])
            try await stage.enqueue(2)
            try await stage.enqueue(in: mail)
            #expect(try await queue.events(2) == ["default:2:0", "default:2:1"])
            #expect(try await queue.isSilent())
            #expect(try await workspace.events(3) == ["default:2:0", "default:2:1", "mail:1:0"])
        }
    }

    @Test func `never tells of another workspace, by job, queue or replay`() async throws {
        try await Stage.with { stage in
            let (red, blue) = (
                try await Browser.open(stage.port), try await Browser.open(stage.port, key: "blue")
            )
            let job = Envelope(name: "test", arguments: Array("{}".utf8), workspace: "red")
            try await stage.enqueue()
            try await red.subscribe("{\"workspace\":true}", after: "\"default:0\"")
            #expect(try await red.events(1) == ["default:1:0"])
            for target in ["{\"job\":\"\(job.id)\"}", "{\"queue\":\"default\"}", "{\"workspace\":true}"] {
                try await blue.subscribe(target, after: "\"default:0\"")
            }
            try await stage.queue.enqueue([
                job, Envelope(name: "test", arguments: Array("{}".utf8), workspace: "other"),
            ])
            #expect(try await red.events(1) == ["default:2:0"])
            try await stage.enqueue(workspace: "blue")
            #expect(try await blue.events(2) == ["default:3:0", "default:3:0"])
            #expect(try await blue.isSilent())
            #expect(try await red.isSilent())
        }
    }

    @Test func `ends when it is told to`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}")
            try await browser.subscribe("{\"workspace\":true}")
            try await browser.send("{\"unsubscribe\":{\"queue\":\"default\"}}")
            try await browser.text("unsubscribed")
            try await stage.enqueue()
            #expect(try await browser.text()["subscription"] == "workspace")
            #expect(try await browser.isSilent())
        }
    }

    @Test func `hears of a queue that comes into being later`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"workspace\":true}")
            try await stage.enqueue(in: Queue("newborn", on: stage.redis))
            #expect(try await browser.events(1) == ["newborn:1:0"])
        }
    }
}
