import Core
import Curl

extension Provider {
    /// Google Calendar v3: its events are brought into the calendar here.
    package static let googleCalendar = Provider(
        "google_calendar", "Google Calendar", base: "https://www.googleapis.com/calendar/v3",
        entrance: Entrance(
            .bearer("access_token"),
            fields: [
                Field(
                    "access_token", "An access token; by consent it is renewed.", isSecret: true),
                Field(
                    "calendars", "The calendars to bring, with commas; primary unless told.",
                    isRequired: false),
                Field("webhook_secret", "What Google's notices carry.", isSecret: true, isRequired: false),
            ],
            consent: .google(["calendar.events", "calendar.readonly"])),
        rules: .google, abilities: [.receive, .sync],
        check: Check("/users/me/calendarList?maxResults=1", reading: Line.googleReading))
}

/// Reads calendars of Google.
package struct GoogleCalendar: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    /// Events that one page holds at most.
    static let pageSize = 100

    /// A page of a calendar's events, the deleted ones as cancelled; nil where Google has forgotten the
    /// sync token.
    ///
    /// - Parameters:
    ///   - page: the token of the page; nil for the first.
    ///   - sync: what the reading before ended with; nil to read all.
    package func events(of calendar: String, page: String?, sync: String?) async throws -> JSON? {
        try await line.askGoogle(
            "/calendars/\(calendar.encodedForQuery)/events",
            [
                ("maxResults", "\(Self.pageSize)"), ("singleEvents", "false"), ("showDeleted", "true"),
                ("pageToken", page), ("syncToken", sync),
            ], gone: 410)
    }

    /// Where Google is to tell of changes.
    package struct Channel: Sendable {
        package let id: String
        package let address: String
        /// What its notices carry, so that they are known to be Google's.
        package let token: String
        package let life_s: Int

        package init(id: String, address: String, token: String, life_s: Int) {
            (self.id, self.address, self.token, self.life_s) = (id, address, token, life_s)
        }
    }

    /// Has changes of a calendar told; its name for the channel, and when that ends.
    package func watch(
        _ calendar: String, _ channel: Channel
    ) async throws -> (
        resource: String, expiresAt: Moment
    ) {
        let body: JSON = [
            "id": .string(channel.id), "type": "web_hook", "address": .string(channel.address),
            "token": .string(channel.token), "params": ["ttl": .string("\(channel.life_s)")],
        ]
        let answer = try await post("/calendars/\(calendar.encodedForQuery)/events/watch", body).json
        guard let resource = answer["resourceId"]?.string, let text = answer["expiration"]?.string,
            let end = Int64(text)
        else { throw Failure(.broken, "Google Calendar opened a channel without saying until when.") }
        return (resource, Moment(milliseconds: end))
    }

    /// Ends a channel; one that has ended already is as good.
    package func stop(_ channel: String, resource: String) async throws {
        let body: JSON = ["id": .string(channel), "resourceId": .string(resource)]
        do { _ = try await post("/channels/stop", body) } catch let failure as Failure {
            guard failure.kind == .missing else { throw failure }
        }
    }

    private func post(_ path: String, _ body: JSON) async throws -> Line.Answer {
        // A channel that is opened twice tells twice, which does no harm.
        try await line.ask(
            Curl.Request(
                "POST", path, headers: [.init("Content-Type", "application/json")], body: .bytes(body.bytes)),
            reading: Line.googleReading)
    }
}
