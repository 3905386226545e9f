import Core
import Queue
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct `A change of a row` {
    private static let detail: JSON = ["actor": "system"]

    /// Tells changes of new rows in one batch; their ids.
    @discardableResult private func announce(
        _ stage: Stage, _ count: Int = 1, noun: String = "task", workspace: String = "red",
        to audience: String? = nil
    ) async throws -> [ID] {
        let kind = try #require(Event.Kind(rawValue: "\(noun):created"))
        let announcements = (0..<count).map { _ in
            Announcement(
                id: ID(),
                event: Event(
                    kind, row: ID(), workspace: workspace,
                    change: .init(noun: noun, version: 1, audience: audience), detail: Self.detail))
        }
        try await Queue(Queue.changes, on: stage.redis).announce(announcements)
        return announcements.map(\.event.job)
    }

    @Test func `is told with its noun, version and the event before`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            let at = try await browser.subscribe("{\"noun\":\"task\"}")
            #expect(at["subscription"] == "noun:task" && at["at"] == "~changes:0")
            try await announce(stage, noun: "note")
            let rows = try await announce(stage, 2)
            #expect(
                try await browser.text() == [
                    "type": "event", "subscription": "noun:task", "previous": nil, "id": "~changes:2:0",
                    "event": "task:created", "row": .string(rows[0].text), "noun": "task", "version": 1,
                    "detail": Self.detail,
                ])
            #expect(try await browser.text()["previous"] == "~changes:2:0")
            #expect(try await browser.isSilent())
        }
    }

    @Test func `reaches who listens to its row or the workspace, beside the jobs`() async throws {
        try await Stage.with { stage in
            let rows = try await announce(stage, 3)
            let (one, all) = (try await Browser.open(stage.port), try await Browser.open(stage.port))
            try await one.subscribe("{\"row\":\"\(rows[1])\"}", after: "\"~changes:0\"")
            #expect(try await one.text()["row"]?.string == rows[1].text)
            try await all.subscribe("{\"workspace\":true}", after: "\"~changes:1:0\"")
            #expect(try await all.events(2) == ["~changes:1:1", "~changes:1:2"])
            try await stage.enqueue()
            #expect(try await all.events(1) == ["default:1:0"])
            #expect(try await one.isSilent())
        }
    }

    @Test(arguments: [("ada", true), ("bob", false), (nil, false)])
    func `or what an attempt says reaches only whom it is meant for`(user: String?, hears: Bool) {
        let listener = Relay.Principal(workspace: "red", user: user)
        let row = Event(
            .progress, job: ID(), workspace: "red", detail: ["text": "Hello", "at": 0, "audience": "ada"])
        #expect(listener.mayHear(row) == hears)
        #expect(listener.mayHear(Event(.progress, job: ID(), workspace: "red", detail: ["percent": 5])))
    }

    @Test func `never reaches who listens to a queue, a job or another workspace`() async throws {
        try await Stage.with { stage in
            let (red, blue) = (
                try await Browser.open(stage.port), try await Browser.open(stage.port, key: "blue")
            )
            try await red.subscribe("{\"queue\":\"default\"}")
            let row = try await announce(stage)[0]
            try await red.subscribe("{\"job\":\"\(row)\"}", after: "\"~changes:0\"")
            for target in ["{\"workspace\":true}", "{\"noun\":\"task\"}", "{\"row\":\"\(row)\"}"] {
                try await blue.subscribe(target, after: "\"~changes:0\"")
            }
            try await announce(stage, 2)
            try await announce(stage, workspace: "blue")
            #expect(try await blue.events(2) == ["~changes:3:0", "~changes:3:0"])
            #expect(try await blue.isSilent())
            #expect(try await red.isSilent())
        }
    }

    @Test func `that is one user's own reaches that user alone, live and replayed`() async throws {
        try await Stage.with { stage in
            try await announce(stage, to: "ada")
            let keys = ["red/ada", "red/bob", "red", "blue/ada"]
            var browsers: [Browser] = []
            for key in keys { browsers.append(try await Browser.open(stage.port, key: key)) }
            for browser in browsers {
                try await browser.subscribe("{\"noun\":\"task\"}", after: "\"~changes:0\"")
            }
            try await announce(stage, to: "ada")
            #expect(try await browsers[0].events(2) == ["~changes:1:0", "~changes:2:0"])
            for browser in browsers { #expect(try await browser.isSilent()) }
        }
    }

    @Test func `that was published while the relay heard nothing is told all the same`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.subscribe("{\"noun\":\"task\"}")
            for round in 1...5 {
                try await announce(stage)
                try await stage.deafen()
                try await announce(stage, 2)
                #expect(
                    try await browser.events(3) == [
                        "~changes:\(2 * round - 1):0", "~changes:\(2 * round):0", "~changes:\(2 * round):1",
                    ])
            }
        }
    }

    @Test(arguments: [
        "{\"noun\":\"Task\"}", "{\"row\":\"x\"}", "{\"noun\":\"task\",\"row\":null,\"workspace\":true}",
        "{\"workspace\":false}", "{\"queue\":\"~changes\"}", "{}",
    ])
    func `is not listened to by a wrong name`(target: String) async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            try await browser.send("{\"subscribe\":\(target)}")
            try await browser.text("error")
        }
    }
}
