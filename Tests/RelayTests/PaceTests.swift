import Core
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(2))) struct `The relay's patience` {
    @Test func `ends with a client that does not read, and the others keep their pace`() async throws {
        let change: (inout Relay.Settings) -> Void = {
            $0.limits.outgoingBytes = 64 << 10
            $0.limits.closePatience = .milliseconds(300)
        }
        try await Stage.with(change) { stage in
            let (fast, slow) = (try await Browser.open(stage.port), try await Browser.open(stage.port))
            try await fast.subscribe("{\"workspace\":true}")
            try await slow.subscribe("{\"workspace\":true}")
            try await slow.read(false)
            var told: [String] = []
            while stage.relay.metrics.droppedSlow == 0 {
                try await stage.enqueue(200)
                told += try await fast.events(200)
                guard told.count < 200_000 else { throw Browser.Surprise(description: "nobody was dropped") }
            }
            try await Stage.until { stage.relay.metrics.connections == 1 }
            try await stage.enqueue(200)
            told += try await fast.events(200)
            #expect(Set(told).count == told.count)
            #expect(stage.relay.metrics.droppedSlow == 1)
        }
    }

    @Test func `lets a client that reads slowly take a replay at its own speed`() async throws {
        let change: (inout Relay.Settings) -> Void = {
            $0.limits.outgoingBytes = 512 << 10
            $0.limits.pageBatches = 3
        }
        try await Stage.with(change) { stage in
            for _ in 0..<15 { try await stage.enqueue(1_000) }
            let reference = try await stage.reference()
            let browser = try await Browser.open(stage.port)
            try await browser.read(false)
            try await browser.send("{\"subscribe\":{\"queue\":\"default\"},\"after\":\"default:0\"}")
            try await Stage.until { stage.relay.metrics.eventsSent > 1_000 }
            try await browser.read(true)
            try await browser.text("subscribed")
            #expect(try await browser.events(reference.count) == reference)
            #expect(stage.relay.metrics.droppedSlow == 0)
        }
    }

    @Test func `ends with a client that answers no ping, and not with one that does`() async throws {
        let change: (inout Relay.Settings) -> Void = {
            // Long enough for a busy machine to answer in time.
            $0.limits.pingPeriod = .seconds(4)
            $0.limits.pongPatience = .milliseconds(3_500)
        }
        try await Stage.with(change) { stage in
            let (living, dead) = (try await Browser.open(stage.port), try await Browser.open(stage.port))
            for _ in 0..<2 {
                #expect(await living.word() == .ping)
                try await living.send(0x8A, [])
            }
            #expect(await dead.word() == .ping)
            #expect(await dead.word() == .close(1011))
            #expect(stage.relay.metrics.droppedSilent == 1)
            try await living.send("{\"ping\":1}")
            try await living.text("pong")
        }
    }
}
