import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/audit`: every change of the workspace, in a chain that nobody can alter unnoticed.
    enum Audit {
        static let routes = [
            Route(.get, "/api/audit", "List every change, newest first.", list).operating().paged()
                .query("noun", "Only changes of rows of this noun, such as task.", word)
                .query("row_id", "Only changes of this row.", Schema.id)
                .query("actor", "Only changes by this one, such as user:<id>.", Schema.text(1...200))
                .query("from", "Only changes at this time or later.", Schema.time)
                .query("to", "Only changes before this time.", Schema.time)
                .answering(200, "A page.", "AuditPage"),
            Route(.get, "/api/audit/verify", "Read the whole chain and make every hash anew.", verify)
                .operating().answering(200, "What was found.", "AuditVerdict"),
        ]

        private static let word: JSON = ["type": "string", "pattern": "^[a-z0-9_:]{1,64}$"]

        static let schemas: [JSON.Member] = [
            .init("AuditPage", Schema.page("entries", of: "AuditEntry")),
            .init(
                "AuditEntry",
                Schema.object(
                    [
                        "id": Schema.id, "position": Schema.count, "hash": hash, "noun": Schema.string,
                        "event": Schema.string, "row_id": Schema.id,
                        "action": Schema.choice(Store.Journal.Action.self), "version": Schema.count,
                        "actor": Schema.string, "request_id": Schema.optional(Schema.string),
                        "changes": Schema.object, "at": Schema.time,
                    ],
                    required: [
                        "id", "position", "hash", "noun", "event", "row_id", "action", "version", "actor",
                        "request_id", "changes", "at",
                    ])),
            .init(
                "AuditVerdict",
                Schema.object(
                    [
                        "valid": Schema.bool, "length": Schema.count, "head": hash,
                        "broken_at": Schema.optional(Schema.count),
                    ], required: ["valid", "length", "head", "broken_at"])),
        ]

        private static let hash: JSON = ["type": "string", "pattern": "^[0-9a-f]{64}$"]

        static func list(_ call: Call) async throws -> Answer {
            let (query, page) = (try query(of: call), try call.rows)
            let links = try await call.store.journal.chain(call.workspace, query, page: page)
            let user = call.principal?.user
            return call.page(
                "entries", try links.map { try $0.json(for: user) },
                next: links.count == page.limit ? links.last?.entry.id.text : nil)
        }

        private static func query(of call: Call) throws -> Store.Journal.Query {
            var query = Store.Journal.Query()
            query.noun = try call.query("noun", "1 to 64 of a-z, 0-9, _ and :") { text in
                (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(isOfNoun) ? text : nil
            }
            query.row = try call.query("row_id", "an id") { ID($0) }
            query.actor = try call.query("actor", "a text of 1 to 200 characters") { text in
                (1...200).contains(text.unicodeScalars.count) && !text.utf8.contains(0) ? text : nil
            }
            query.from = try call.query("from", "an RFC 3339 time with its zone") { Moment($0) }
            query.before = try call.query("to", "an RFC 3339 time with its zone") { Moment($0) }
            return query
        }

        private static func isOfNoun(_ byte: UInt8) -> Bool {
            (97...122).contains(byte) || (48...58).contains(byte) || byte == 95
        }

        static func verify(_ call: Call) async throws -> Answer {
            let verdict = try await call.store.journal.verify(call.workspace)
            return Answer([
                "valid": .bool(verdict.isValid), "length": JSON(verdict.length),
                "head": .string(verdict.head), "broken_at": JSON(verdict.brokenAt),
            ])
        }
    }
}

extension Store.Journal.Link {
    /// The link as the API shows it. What a row that is one person's own holds, only that person sees.
    fileprivate func json(for user: ID?) throws -> JSON {
        let isTheirs = entry.audience.map { $0 == user } ?? true
        return [
            "id": JSON(entry.id), "position": JSON(position), "hash": .string(hash),
            "noun": .string(entry.noun), "event": .string(entry.event), "row_id": JSON(entry.row),
            "action": JSON(entry.action), "version": JSON(entry.version), "actor": .string(entry.actor),
            "request_id": JSON(entry.request), "changes": isTheirs ? try entry.changes : [:],
            "at": JSON(entry.at),
        ]
    }
}
