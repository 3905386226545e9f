import Core
import Testing

@testable import API

@Suite struct `A schedule of the API` {
    private static let spec: JSON = [
        "name": "nightly", "timing": ["cron": "0 3 * * *", "zone": "Europe/Berlin"],
        "job": ["name": "analyze_workspace", "arguments": ["seed": 7]],
    ]

    private func without(_ name: String) -> JSON {
        .object((Self.spec.members ?? []).filter { $0.name != name })
    }

    @Test func `is made, shown, replaced, listed and removed`() async throws {
        try await Running.with { house in
            let made = try await house.post("/api/schedules", Self.spec)
            #expect(made.status == 201)
            #expect(made["location"] == "/api/schedules/nightly")
            #expect(made.json["timing"]?["gap"]?.string == "next")
            #expect(made.json["next_at"]?.string.flatMap { Moment($0) } != nil)
            #expect(try await house.post("/api/schedules", Self.spec).refusal == "409 /name")
            let shown = try await house.get("/api/schedules/nightly").json
            #expect(shown["last_firings"] == [] && shown["missed"] == 0 && shown["paused"] == .null)
            let put = try await house.send("PUT", "/api/schedules/nightly", without("name"))
            #expect(put.status == 200 && put.json["revision"] == 2)
            #expect(try await house.send("PUT", "/api/schedules/weekly", without("name")).status == 200)
            let page = try await house.get("/api/schedules?limit=1").json
            #expect(page["schedules"]?.array?.count == 1 && page["next_cursor"]?.string == "nightly")
            let rest = try await house.get("/api/schedules?limit=1&cursor=nightly").json
            #expect(rest["schedules"]?.array?.first?["name"]?.string == "weekly")
            #expect(try await house.delete("/api/schedules/nightly").status == 204)
            #expect(try await house.get("/api/schedules/nightly").status == 404)
            #expect(try await house.delete("/api/schedules/nightly").status == 404)
        }
    }

    @Test func `is paused, resumed, triggered, filled in and looked ahead`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/schedules", Self.spec)
            let paused = try await house.post("/api/schedules/nightly/pause", ["reason": "holiday"]).json
            #expect(paused["paused"]?["reason"]?.string == "holiday" && paused["next_at"] == .null)
            #expect(paused["paused"]?["by"]?.string?.hasPrefix("user:") == true)
            let resumed = try await house.post("/api/schedules/nightly/resume", [:]).json
            #expect(resumed["paused"] == .null && resumed["next_at"] != .null)
            let triggered = try await house.post("/api/schedules/nightly/trigger", [:])
            let job = try #require(triggered.json["job"]?.string)
            #expect(triggered.status == 202)
            #expect(try await house.get("/api/jobs/\(job)").json["name"]?.string == "analyze_workspace")
            let range: JSON = ["from": "2026-01-01T00:00:00Z", "until": "2026-01-04T00:00:00Z"]
            #expect(
                try await house.post("/api/schedules/nightly/backfill", range).json["jobs"]?.array?.count
                    == 3)
            let ahead = try await house.get("/api/schedules/nightly/preview?count=3").json
            #expect(ahead["firings"]?.array?.count == 3)
        }
    }

    @Test func `is tried out before it is made`() async throws {
        try await Running.with { house in
            let answer = try await house.post(
                "/api/schedules/preview",
                [
                    "timing": ["cron": "30 2 * * *", "zone": "Europe/Berlin"], "count": 2,
                    "from": "2026-03-28T12:00:00Z",
                ])
            #expect(
                answer.json["firings"] == ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"])
        }
    }

    @Test(
        arguments: [
            (["name": "A"], "422 /name"), (["timing": ["cron": "61 * * * *"]], "422 /timing/cron"),
            (["timing": ["cron": "@daily", "zone": "Mars/Base"]], "422 /timing/zone"),
            (["job": ["name": "nothing_we_know"]], "422 /job/name"), (["overlap": "maybe"], "422 /overlap"),
            (["colour": "red"], "422 /colour"), (["limit": 0], "422 /limit"),
        ] as [(JSON, String)])
    func `is refused at the field that is wrong`(_ change: JSON, _ refusal: String) async throws {
        try await Running.with { house in
            let changed = change.members ?? []
            let kept = (Self.spec.members ?? []).filter { member in
                !changed.contains { $0.name == member.name }
            }
            let answer = try await house.post("/api/schedules", .object(kept + changed))
            #expect(answer.refusal == refusal, "\(answer.text)")
        }
    }

    @Test func `is its workspace's alone, and a viewer only reads it`() async throws {
        try await Running.with { house in
            _ = try await house.post("/api/schedules", Self.spec)
            #expect(try await house.get("/api/schedules/nightly", key: house.stranger).status == 404)
            #expect(
                try await house.get("/api/schedules", key: house.stranger).json["schedules"] == [])
            #expect(try await house.get("/api/schedules/nightly", key: house.viewer).status == 200)
            #expect(try await house.delete("/api/schedules/nightly", key: house.viewer).status == 403)
        }
    }
}
