import Core
import Curl
import TestHouse
import Testing

@testable import API

@Suite struct `The calendar over HTTP` {
    private static let events = "/api/calendar/events"

    private static func event(_ more: [String: JSON] = [:]) -> JSON {
        let values: [String: JSON] = [
            "title": "Standup", "starts_at": "2032-01-05T09:00:00Z", "ends_at": "2032-01-05T10:00:00Z",
        ]
        return .object(values.merging(more) { $1 }.map { .init($0.key, $0.value) })
    }

    private static func starts(_ heard: Heard) -> [String] {
        (heard.json["instances"]?.array ?? []).compactMap { $0["starts_at"]?.string }
    }

    @Test(arguments: Engine.allCases) func `makes, shows, changes and deletes an event`(
        engine: Engine
    ) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post(Self.events, Self.event(["rrule": "FREQ=DAILY;COUNT=4"]))
            #expect(made.status == 201 && made.json["conflicts"] == [])
            let path = try #require(made["location"])
            let shown = try await house.get(path)
            #expect(shown.status == 200 && shown["etag"] == "\"1\"" && shown.json["conflicts"] == nil)
            let month = try await house.get("\(Self.events)?month=2032-01")
            #expect(Self.starts(month).count == 4)
            let year = try await house.get("\(Self.events)?year=2032&zone=Europe/Berlin&q=stand")
            #expect(Self.starts(year).count == 4)
            let query = "scope=following&recurrence_id=2032-01-07T09:00:00Z"
            let rest = try await house.send(
                "PUT", "\(path)?\(query)", ["title": "Late"], ["If-Match": "\"1\""])
            #expect(rest.status == 200 && rest.json["title"] == "Late" && rest.json["id"] != made.json["id"])
            let stale = try await house.send("PUT", path, ["title": "Stale"], ["If-Match": "\"1\""])
            #expect(stale.status == 412)
            let one = "scope=this&recurrence_id=2032-01-06T09:00:00Z"
            #expect(try await house.delete("\(path)?\(one)").status == 204)
            let window = "from=2032-01-01T00:00:00Z&to=2032-02-01T00:00:00Z"
            #expect(
                Self.starts(try await house.get("\(path)/instances?\(window)")) == [
                    "2032-01-05T09:00:00.000Z"
                ])
            #expect(try await house.get("\(path)/history").json["changes"]?.array?.count == 3)
            #expect(try await house.get(path, key: house.stranger).status == 404)
            #expect(try await house.delete(path, key: house.viewer).status == 403)
            #expect(try await house.delete(path).status == 204)
            #expect(Self.starts(try await house.get("\(Self.events)?\(window)")).count == 2)
        }
    }

    @Test func `refuses what is wrong where it is wrong`() async throws {
        try await Running.with { house in
            let cases: [(JSON, String)] = [
                (Self.event(["starts_at": nil]), "400 /starts_at"), (["title": "x"], "422 /starts_at"),
                (Self.event(["ends_at": "2032-01-05T08:00:00Z"]), "422 /ends_at"),
                (Self.event(["rrule": "FREQ=X"]), "422 /rrule"), (Self.event(["uid": "x"]), "400 /uid"),
                (Self.event(["starts_at": "2032-01-05T09:00:00"]), "422 /starts_at"),
                (Self.event(["attendees": [["email": "x"]]]), "422 /attendees/0/email"),
                (Self.event(["colour": "x"]), "400 /colour"),
            ]
            for (body, wanted) in cases {
                #expect(try await house.post(Self.events, body).refusal == wanted, "\(body.text)")
            }
            for query in [
                "month=2032-13", "month=2032", "year=20", "from=x", "status=maybe", "limit=5",
            ] {
                #expect(try await house.get("\(Self.events)?\(query)").status == 400, "\(query)")
            }
            for query in [
                "from=2032-01-01T00:00:00Z&to=2031-01-01T00:00:00Z", "from=9999-12-31T23:59:59Z",
                "to=0001-01-01T00:00:00Z", "month=2032-01&from=2032-01-01T00:00:00Z",
                "month=2032-01&year=2032",
            ] {
                #expect(try await house.get("\(Self.events)?\(query)").status == 422, "\(query)")
            }
            #expect(try await house.get("\(Self.events)?zone=Nowhere").status == 422)
            let made = try await house.post(Self.events, Self.event(["rrule": "FREQ=DAILY"]))
            let path = try #require(made["location"])
            #expect(try await house.send("PUT", "\(path)?scope=this", ["title": "x"]).status == 422)
            let never = "scope=this&recurrence_id=2032-01-05T10:00:00Z"
            #expect(try await house.send("PUT", "\(path)?\(never)", ["title": "x"]).status == 404)
        }
    }

    @Test func `takes replies, tells conflicts and free time`() async throws {
        try await Running.with { house in
            let guests: JSON = [["email": "admin@example.org"], ["email": "bob@example.org"]]
            let made = try await house.post(
                Self.events, Self.event(["attendees": guests, "starts_at": "2032-01-05T09:20:00Z"]))
            let path = try #require(made["location"])
            let mine = try await house.post("\(path)/reply", ["reply": "accepted"])
            #expect(mine.status == 200)
            #expect(mine.json["attendees"]?.array?.map { $0["reply"] } == ["accepted", "needs_action"])
            let theirs = try await house.post(
                "\(path)/reply", ["reply": "declined", "email": "bob@example.org"])
            #expect(theirs.json["attendees"]?.array?.map { $0["reply"] } == ["accepted", "declined"])
            #expect(try await house.post("\(path)/reply", ["reply": "perhaps"]).refusal == "422 /reply")
            #expect(
                try await house.post("\(path)/reply", ["reply": "accepted", "email": "eve@example.org"])
                    .refusal == "422 /email")
            let query =
                "from=2032-01-05T08:00:00Z&to=2032-01-05T12:00:00Z&duration_minutes=60&step_minutes=30"
            let free = try await house.get(
                "/api/calendar/availability?people=admin@example.org,bob@example.org&\(query)")
            #expect(
                free.json["slots"]?.array?.map { $0["starts_at"] } == [
                    "2032-01-05T10:00:00.000Z", "2032-01-05T10:30:00.000Z", "2032-01-05T11:00:00.000Z",
                ])
            let bob = try await house.get("/api/calendar/availability?people=bob@example.org&\(query)")
            #expect(bob.json["slots"]?.array?.count == 5)
            for wrong in [
                "", "people=", "people=x", "people=bob@example.org&days=x",
                "people=bob@example.org&step_minutes=7",
            ] {
                let status = try await house.get("/api/calendar/availability?\(wrong)").status
                #expect(status == 400 || status == 422, "\(wrong)")
            }
        }
    }

    @Test func `tells what is at the same time`() async throws {
        try await Running.with { house in
            let soon = Moment(microseconds: (Moment.now.microseconds / 1_000_000 + 86_400) * 1_000_000)
            let times: [String: JSON] = ["starts_at": JSON(soon), "ends_at": JSON(soon + .seconds(600))]
            let first = try await house.post(Self.events, Self.event(times))
            let second = try await house.post(Self.events, Self.event(times))
            #expect(second.json["conflicts"]?.array?.map { $0["event_id"] } == [first.json["id"]])
        }
    }

    @Test(arguments: Engine.allCases) func `goes out and in as iCalendar`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            _ = try await house.post(
                Self.events, Self.event(["rrule": "FREQ=DAILY;COUNT=4", "time_zone": "Europe/Berlin"]))
            let file = try await house.get("/api/calendar/export.ics")
            #expect(file.status == 200 && file["content-type"] == "text/calendar; charset=utf-8")
            #expect(file.text.contains("DTSTART;TZID=Europe/Berlin:20320105T100000"))
            let manner = Running.Manner(key: house.stranger, type: "text/calendar")
            let taken = try await house.ask("POST", "/api/calendar/import", .bytes(file.body), as: manner)
            #expect(taken.json["created"] == 1 && taken.json["refused"] == 0)
            let wrong = try await house.ask(
                "POST", "/api/calendar/import", .bytes(Array("x".utf8)), as: manner)
            #expect(wrong.status == 422)
            let feed = try await house.post("/api/calendar/feeds", ["name": "Phone"])
            let url = try #require(feed.json["url"]?.string)
            let open = try await house.ask("GET", url, as: Running.Manner(key: nil, type: nil))
            #expect(open.status == 200 && open.text.contains("X-WR-CALNAME:Phone"))
            let tag = try #require(open["etag"])
            let same = try await house.ask(
                "GET", url, as: Running.Manner(key: nil, type: nil, headers: ["If-None-Match": tag]))
            #expect(same.status == 304)
            #expect(try await house.get("/api/calendar/feeds").json["feeds"]?.array?.count == 1)
            let id = try #require(feed.json["id"]?.string)
            #expect(try await house.delete("/api/calendar/feeds/\(id)").status == 204)
            #expect(try await house.ask("GET", url, as: Running.Manner(key: nil, type: nil)).status == 404)
        }
    }
}
