import Core
import Integrations
import TestHouse

/// A suite about calendars of Google: a connection to one, and the events in it.
protocol GoogleSuite {}

extension GoogleSuite {
    static func with(
        on engine: Engine = .sqlite, _ body: (SyncHouse) async throws -> Void
    ) async throws {
        try await SyncHouse.with(.googleCalendar, ("access_token", "ya29."), on: engine, body)
    }

    static func event(_ id: String, _ title: String, hour: Int = 9) -> JSON {
        let time = { (hour: Int) -> JSON in
            [
                "dateTime": .string("2026-03-02T\(hour < 10 ? "0" : "")\(hour):00:00+01:00"),
                "timeZone": "Europe/Berlin",
            ]
        }
        return ["id": .string(id), "summary": .string(title), "start": time(hour), "end": time(hour + 1)]
    }

    static func put(_ event: JSON) -> JSON { ["put": event] }
}
