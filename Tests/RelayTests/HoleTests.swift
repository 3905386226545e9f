import Core
import Queue
import Redis
import TestHouse
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(2))) struct `What Redis could not publish to the relay` {
    @Test func `is filled from the stream before anything newer is told`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}")
            let mail = try await stage.other()
            var ids: [String] = []
            for _ in 1...5 {
                try await stage.deafen()
                for _ in 0..<20 { try await stage.enqueue() }
                try await stage.enqueue(in: mail)
                ids += try await browser.events(20)
            }
            #expect(try await ids == stage.reference())
            #expect(stage.relay.metrics.redisLosses == 5)
            #expect(stage.relay.metrics.gapsFilled >= 5)
            #expect(stage.relay.metrics.gapsTold == 0)
            try await stage.enqueue()
            #expect(try await browser.events(1) == ["default:101:0"])
        }
    }

    @Test func `and its stream has no more is told as a gap, to those concerned`() async throws {
        try await Stage.with { stage in
            let mail = try await stage.other()
            let (queue, other) = (try await Browser.open(stage.port), try await Browser.open(stage.port))
            try await queue.subscribe("{\"queue\":\"default\"}")
            try await other.subscribe("{\"queue\":\"mail\"}")
            try await stage.enqueue()
            #expect(try await queue.events(1) == ["default:1:0"])
            let commands =
                [Command("CLIENT", "KILL", "TYPE", "pubsub")]
                + (0..<3).map { _ in Command("INCR", "atom:{default}:seq") }
            _ = try await stage.redis.pipeline(commands)
            try await stage.enqueue()
            #expect(
                try await queue.text() == [
                    "type": "gap", "subscription": "queue:default", "from": "default:1", "to": "default:4",
                ])
            #expect(try await queue.text()["previous"] == "default:4")
            try await stage.enqueue(in: mail)
            #expect(try await other.events(1) == ["mail:1:0"])
        }
    }

    @Test func `and numbers anew because its data is gone is told as a gap, and it goes on`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}")
            for _ in 0..<5 { try await stage.enqueue() }
            _ = try await browser.events(5)
            _ = try await stage.redis.send(Command("FLUSHALL"))
            try await stage.enqueue()
            let gap = try await browser.text()
            #expect(gap["type"] == "gap" && gap["from"] == "default:5" && gap["to"] == "default:0")
            #expect(try await browser.events(1) == ["default:1:0"])
            try await stage.enqueue()
            #expect(try await browser.events(1) == ["default:2:0"])
        }
    }

    @Test func `because it was down is told when it is back`() async throws {
        try await Stage.with(redis: ["aof"]) { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"workspace\":true}")
            try await stage.enqueue()
            #expect(try await browser.events(1) == ["default:1:0"])
            _ = try await stage.redis.send(Command("CONFIG", "SET", "appendfsync", "always"))
            try await stage.server.restart()
            try await Stage.until { (try? await stage.enqueue()) != nil }
            #expect(try await browser.events(1) == ["default:2:0"])
            #expect(stage.relay.metrics.redisLosses == 1)
        }
    }

    @Test func `and the stream shows as another past is told as a gap`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"queue\":\"default\"}")
            for _ in 0..<2 { try await stage.enqueue() }
            _ = try await browser.events(2)
            try await stage.deafen()
            let fork = Command(
                "EVAL", Self.fork, "2", "atom:{default}:events", "atom:{default}:seq", "\(ID())")
            _ = try await stage.redis.send(fork)
            let gap = try await browser.text()
            #expect(gap["type"] == "gap" && gap["from"] == "default:2" && gap["to"] == "default:4")
            try await stage.enqueue()
            #expect(try await browser.events(1) == ["default:5:0"])
        }
    }

    /// Loses the last batch and goes on for two others, as a Redis does that lost the end of its file.
    private static let fork = """
        redis.call('DEL', KEYS[1])
        for seq = 1, 4 do
          redis.call('XADD', KEYS[1], seq .. '-0', 't', 'waiting ' .. ARGV[1] .. ' red')
        end
        redis.call('SET', KEYS[2], 4)
        """
}
