import Core
import SQL

extension Store.Journal {
    /// What a change did to its row.
    package enum Action: String, Sendable, CaseIterable {
        case created, updated, deleted
    }

    /// One change of one row: who made it, when, and what became different.
    package struct Entry: Sendable, Hashable {
        package let id: ID
        package let workspace: ID
        /// Such as `task`, or `calendar:event`.
        package let noun: String
        /// What it is told as, such as `task:created`.
        package let event: String
        /// The id of the row.
        package let row: ID
        package let action: Action
        /// The row's version after the change; a deletion has the last one, or the one after it.
        package let version: Int
        /// `user:<id>`, `job:<id>` or `system`.
        package let actor: String
        package let request: String?
        /// The one user who may hear of it; nil where all of the workspace may.
        package let audience: ID?
        /// The JSON object field -> [before, after], as it is kept and hashed.
        package let text: String
        package let at: Moment

        package init(
            id: ID = ID(), workspace: ID, noun: String, event: String, row: ID, action: Action, version: Int,
            actor: String, request: String? = nil, audience: ID? = nil, changes: Changes = Changes(),
            at: Moment = .now
        ) {
            self.id = id
            self.workspace = workspace
            self.noun = noun
            self.event = event
            self.row = row
            self.action = action
            self.version = version
            self.actor = actor
            self.request = request
            self.audience = audience
            self.text = changes.json.text
            self.at = at
        }

        /// What became different, field -> [before, after].
        package var changes: JSON {
            get throws { try JSONParser.parse(Array(text.utf8)) }
        }
    }
}

extension Store.Journal.Entry {
    static let columns = columns(of: nil)

    /// In the order in which they are hashed.
    static let names = [
        "workspace_id", "id", "noun", "event", "row_id", "action", "version", "actor", "request_id",
        "audience", "changes", "at",
    ]

    /// The columns, each behind the name of the table where there are several.
    static func columns(of table: String?) -> String {
        names.map { (table.map { "\($0)." } ?? "") + $0 }.joined(separator: ", ")
    }

    var values: [Value] {
        [
            Value(workspace), Value(id), .text(noun), .text(event), Value(row), Value(action), Value(version),
            .text(actor), Value(request), Value(audience), .text(text), Value(at),
        ]
    }

    init(row: Row) throws {
        id = try row.get("id")
        workspace = try row.get("workspace_id")
        noun = try row.get("noun")
        event = try row.get("event")
        self.row = try row.get("row_id")
        action = try row.word("action")
        version = try row.get("version")
        actor = try row.get("actor")
        request = try row.get("request_id")
        audience = try row.get("audience")
        text = try row.get("changes")
        at = try row.get("at")
    }
}
