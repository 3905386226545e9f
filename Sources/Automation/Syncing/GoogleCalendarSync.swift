import Core
import Integrations
import Store
import Workspace

/// Brings the events of Google calendars into the calendar here: series with their exceptions.
struct GoogleCalendarSync: Sync {
    func streams(of connection: Connection) async throws -> [String] {
        let named = (connection.settings["calendars"]?.string ?? "").listed
        return named.isEmpty ? ["primary"] : named
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let sync = cursor["sync"]?.string
        let answer = try await GoogleCalendar(connection.line).events(
            of: stream, page: cursor["page"]?.string, sync: sync)
        guard let answer else { throw SyncLost() }
        let (next, end) = try Self.next(answer, sync)
        let items = answer["items"]?.array ?? []
        let zone = answer["timeZone"]?.string ?? "UTC"
        return SyncPage(next: next, end: end) { desk in
            let book = try GoogleBook(calendar: stream, zone: zone)
            try await book.put(items, &desk)
        }
    }

    func forget(_ link: Store.ExternalLinks.Entry, _ desk: inout SyncDesk) async throws {
        guard link.kind == GoogleBook.exception else { return }
        try await GoogleBook.amend(link.remoteID, &desk)
    }

    private static func next(_ answer: JSON, _ sync: String?) throws -> (JSON, SyncPage.End) {
        if let page = answer["nextPageToken"]?.string {
            return (["page": .string(page), "sync": JSON(sync)], .more)
        }
        guard let token = answer["nextSyncToken"]?.string else {
            throw Failure(.unavailable, "Google Calendar does not say where to go on.")
        }
        return (["sync": .string(token)], sync == nil ? .all : .now)
    }
}
