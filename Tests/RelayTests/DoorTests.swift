import Core
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct `The door of the relay` {
    private func status(
        _ port: Int, _ headers: [String: String] = [:], _ target: String = "GET /ws"
    ) async throws
        -> Int
    {
        let browser = try await Browser.knock(port, headers, target: target)
        guard case .head(let status, _) = await browser.word() else { return 0 }
        return status
    }

    @Test func `takes a key from either header and refuses a wrong one at once`() async throws {
        try await Stage.with { stage in
            let answers = [
                try await status(stage.port, ["X-API-Key": "red"]),
                try await status(stage.port, ["Authorization": "Bearer blue"]),
                try await status(stage.port, ["Authorization": "bearer wrong"]),
                try await status(stage.port, ["X-API-Key": "wrong"]),
            ]
            #expect(answers == [101, 101, 401, 401])
            #expect(stage.relay.metrics.refused == 2)
        }
    }

    @Test func `takes a key from the first message and what was asked behind it`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port, key: nil)
            try await browser.send("{\"auth\":\"red\"}")
            try await browser.send("{\"subscribe\":{\"queue\":\"default\"},\"ref\":7}")
            #expect(try await browser.text() == ["type": "authenticated"])
            let answer = try await browser.text()
            #expect(answer["type"] == "subscribed" && answer["ref"] == 7)
        }
    }

    @Test func `sends away with 4401 who gives a wrong key, none, or something else first`() async throws {
        try await Stage.with({ $0.limits.keyPatience = .milliseconds(300) }) { stage in
            let silent = try await Browser.open(stage.port, key: nil)
            let wrong = try await Browser.open(stage.port, key: nil)
            try await wrong.send("{\"auth\":\"wrong\"}")
            #expect(await wrong.farewell() == 4401)
            let hasty = try await Browser.open(stage.port, key: nil)
            try await hasty.send("{\"subscribe\":{\"workspace\":true}}")
            #expect(await hasty.farewell() == 4401)
            #expect(await silent.farewell() == 4401)
        }
    }

    @Test func `lets browsers in from the listed origins only, and all that are no browsers`() async throws {
        try await Stage.with({ $0.origins = ["https://app.example.com"] }) { stage in
            let key = ["X-API-Key": "red"]
            let good = key.merging(["Origin": "https://app.example.com"]) { $1 }
            let bad = key.merging(["Origin": "https://evil.example.com"]) { $1 }
            var answers: [Int] = []
            for headers in [good, bad, key] { answers.append(try await status(stage.port, headers)) }
            #expect(answers == [101, 403, 101])
        }
    }

    @Test func `answers plain requests: health, a hint where to upgrade, nothing elsewhere`() async throws {
        try await Stage.with { stage in
            func plain(_ target: String) async throws -> (Int, String) {
                let browser = try await Browser.knock(stage.port, target: target, upgrades: false)
                guard case .head(let status, let text) = await browser.word() else { return (0, "") }
                return (status, text)
            }
            let health = try await plain("GET /health")
            #expect(health.0 == 200 && health.1.contains("\"status\":\"ok\""))
            let hint = try await plain("GET /ws")
            #expect(hint.0 == 426 && hint.1.contains("Upgrade: websocket"))
            let answers = [
                try await plain("GET /other").0, try await plain("POST /health").0,
                try await status(stage.port, [:], "GET /other"),
                try await status(stage.port, ["Sec-WebSocket-Version": "8"]),
                try await status(stage.port, ["Upgrade": "h2c"], "GET /health"),
                try await status(stage.port, ["Sec-WebSocket-Protocol": "x"], "GET /ws?a=b"),
            ]
            #expect(answers == [404, 405, 404, 426, 200, 101])
        }
    }

    @Test func `takes no more connections than it has places, and gives a place again`() async throws {
        try await Stage.with({ $0.limits.connections = 2 }) { stage in
            let first = try await Browser.open(stage.port)
            _ = try await Browser.open(stage.port)
            let refused = try await Browser.knock(stage.port, ["X-API-Key": "red"])
            guard case .head(503, let text) = await refused.word() else {
                throw Browser.Surprise(description: "a third connection got in")
            }
            #expect(text.contains("Retry-After: 1"))
            try await first.cut()
            try await Stage.until { try await status(stage.port, ["X-API-Key": "red"]) == 101 }
        }
    }

    @Test func `closes a connection that never becomes anything`() async throws {
        try await Stage.with({ $0.limits.handshakePatience = .seconds(2) }) { stage in
            let open = try await Browser.open(stage.port)
            let idle = try await Browser.knock(stage.port, target: "unfinished", upgrades: false)
            _ = await idle.farewell()
            #expect(try await open.isSilent())
        }
    }

    @Test func `says 1001 to all when the relay ends`() async throws {
        var browsers: [Browser] = []
        try await Stage.with { stage in
            browsers = [try await Browser.open(stage.port), try await Browser.open(stage.port, key: nil)]
        }
        for browser in browsers { #expect(await browser.farewell() == 1001) }
    }
}
