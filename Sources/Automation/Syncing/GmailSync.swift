import Core
import Integrations
import Workspace

/// Brings the messages of a label of Gmail into communications: first all of them, then what has happened
/// since.
struct GmailSync: Sync {
    func streams(of connection: Connection) async throws -> [String] {
        [connection.settings["label"]?.string ?? "INBOX"]
    }

    func page(
        of stream: String, after cursor: JSON, over connection: Connection, at now: Moment
    ) async throws -> SyncPage {
        let gmail = Gmail(connection.line)
        if let start = cursor["history"]?.string {
            return try await news(since: start, cursor["page"]?.string, stream, gmail)
        }
        // What comes in while the list is read is in the history after this.
        let start = if let known = cursor["start"]?.string { known } else { try await gmail.historyID() }
        let list = try await gmail.messages(label: stream, page: cursor["page"]?.string)
        let ids = (list["messages"]?.array ?? []).compactMap { $0["id"]?.string }
        let messages = try await fetch(ids, gmail)
        let next: JSON =
            if let page = list["nextPageToken"]?.string {
                ["start": .string(start), "page": .string(page)]
            } else { ["history": .string(start)] }
        return SyncPage(next: next, end: next["page"] == nil ? .now : .more) { desk in
            for message in messages { try await Self.put(message, &desk) }
        }
    }

    private func news(
        since start: String, _ page: String?, _ label: String, _ gmail: Gmail
    ) async throws -> SyncPage {
        guard let history = try await gmail.history(since: start, page: page) else { throw SyncLost() }
        let records = history["history"]?.array ?? []
        let gone = Set(records.flatMap { $0.ids("messagesDeleted") })
        let touched = records.flatMap {
            $0.ids("messagesAdded") + $0.ids("labelsAdded") + $0.ids("labelsRemoved")
        }
        var seen: Set<String> = []
        let ids = touched.filter { !gone.contains($0) && seen.insert($0).inserted }
        let messages = try await fetch(ids, gmail)
        let next: JSON =
            if let page = history["nextPageToken"]?.string {
                ["history": .string(start), "page": .string(page)]
            } else {
                ["history": .string(history["historyId"]?.text.filter(\.isNumber) ?? start)]
            }
        return SyncPage(next: next, end: next["page"] == nil ? .now : .more) { desk in
            for message in messages {
                // What was in the label stays here when it is put into the archive.
                let isKnown = try await desk.link("mail", message.id) != nil
                if isKnown || message.labels.contains(label) { try await Self.put(message, &desk) }
            }
            for id in gone.sorted() { try await desk.remove("mail", id) }
        }
    }

    /// The messages that are still there, the oldest first.
    private func fetch(_ ids: [String], _ gmail: Gmail) async throws -> [GmailMessage] {
        var found: [GmailMessage] = []
        for id in ids {
            try Task.checkCancellation()
            if let json = try await gmail.message(id), let message = GmailMessage(json) {
                found.append(message)
            }
        }
        return found.sorted { $0.message.at < $1.message.at }
    }

    private static func put(_ mail: GmailMessage, _ desk: inout SyncDesk) async throws {
        if mail.labels.contains("TRASH") { return try await desk.remove("mail", mail.id) }
        try await desk.put(.init("mail", mail.id, version: mail.version), mail.message)
    }
}

extension JSON {
    /// The ids of the messages that a record of the history speaks of.
    fileprivate func ids(_ name: String) -> [String] {
        (self[name]?.array ?? []).compactMap { $0["message"]?["id"]?.string }
    }
}
