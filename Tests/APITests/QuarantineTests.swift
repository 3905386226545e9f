import Core
import Queue
import Redis
import Testing

@testable import API

extension Running {
    /// Puts frames into quarantine, each as the frame of that workspace.
    fileprivate func refuse(_ frames: [(text: String, workspace: String?)]) async throws {
        for frame in frames {
            _ = try await redis.send(Command("LPUSH", "\(settings.prefix):{default}:taken", frame.text))
            let failure = Failure(.invalid, "It is no job.", at: "/name")
            #expect(
                try await queue().refuse(Array(frame.text.utf8), for: failure, workspace: frame.workspace))
        }
    }
}

@Suite struct `The quarantine of a queue` {
    private static let path = "/api/queues/default/quarantine"

    @Test func `shows what was refused and why, the newest first`() async throws {
        try await Running.with { house in
            try await house.refuse([("first", house.workspace.text), ("second", nil)])
            let list = try await house.get(Self.path).json
            #expect(list["total"] == 2)
            #expect(list["frames"]?.array?.compactMap { $0["frame"]?.string } == ["second", "first"])
            let frame = try #require(list["frames"]?.array?.first)
            #expect(frame["reason"] == "It is no job.")
            #expect(frame["pointer"] == "/name")
            #expect(frame["bytes"] == 6)
            #expect(frame["at"]?.string.flatMap { Moment($0) } != nil)
            #expect(try await house.get("\(Self.path)?limit=1").json["frames"]?.array?.count == 1)
        }
    }

    @Test func `is emptied, but for the frames of another workspace`() async throws {
        try await Running.with { house in
            try await house.refuse([("ours", house.workspace.text), ("theirs", ID().text), ("broken", nil)])
            #expect(try await house.get(Self.path).json["total"] == 2)
            let emptied = try await house.delete(Self.path)
            #expect(emptied.status == 200)
            #expect(emptied.json == ["deleted": 2])
            #expect(try await house.get(Self.path).json["total"] == 0)
            #expect(try await house.queue().quarantine().map(\.frame) == ["theirs"])
        }
    }

    @Test func `is for owners and admins`() async throws {
        try await Running.with { house async throws in
            #expect(try await house.get(Self.path, key: house.viewer).status == 403)
            #expect(try await house.delete(Self.path, key: house.viewer).status == 403)
            #expect(try await house.get("/api/queues/A%20B/quarantine").status == 404)
        }
    }
}

@Suite struct `G16 A callback that a request asks for` {
    private static let body: JSON = [
        "name": "analyze_workspace", "callback_url": "https://example.org/told",
    ]

    @Test func `is refused where nothing signs it`() async throws {
        try await Running.with { house async throws in
            #expect(try await house.post("/api/jobs", Self.body).refusal == "422 /callback_url")
            #expect(try await house.get("/api/callbacks/secret").status == 404)
        }
    }

    @Test func `is kept with the job, and its secret is told to admins`() async throws {
        let signing: (inout API.Settings) -> Void = { $0.callbackSecret = { "whsec_\($0)" } }
        try await Running.with(adjust: signing) { house in
            let asked = try await house.post("/api/jobs", Self.body)
            #expect(asked.status == 202)
            var shift = Queue.Shift()
            shift.wanted = 1
            let claim = try #require(try await house.queue().work(shift).claims.first)
            #expect(claim.envelope.callback == "https://example.org/told")
            let secret = try await house.get("/api/callbacks/secret").json
            #expect(secret == ["secret": .string("whsec_\(house.workspace)")])
            #expect(try await house.get("/api/callbacks/secret", key: house.viewer).status == 403)
            for url in ["ftp://a.b/", "nonsense", "https://", "https://a:b@c.d/", "https://a.b/ c"] {
                let body: JSON = ["name": "analyze_workspace", "callback_url": .string(url)]
                #expect(try await house.post("/api/jobs", body).refusal == "422 /callback_url", "\(url)")
            }
        }
    }
}
