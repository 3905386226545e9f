import Core
import SQL

extension Store {
    /// Where each import stands, so that it resumes there.
    package struct Imports: Sendable {
        let access: Access

        /// How far one import came; save it in the transaction of the tasks it counts.
        package struct Checkpoint: Sendable, Hashable {
            package let workspace: ID
            package let job: ID
            /// The bytes of the file that are done.
            package var offset: Int
            /// The lines that are done.
            package var line: Int
            package var created: Int
            package var rejected: Int
            /// The bad rows, a JSON array.
            package var errors: JSON
            /// What relative dates of the import count from.
            package let importedAt: Moment

            package init(workspace: ID, job: ID, importedAt: Moment) {
                self.workspace = workspace
                self.job = job
                self.importedAt = importedAt
                (offset, line, created, rejected, errors) = (0, 0, 0, 0, .array([]))
            }

            init(_ row: Row) throws {
                self.init(
                    workspace: try row.get("workspace_id"), job: try row.get("job_id"),
                    importedAt: try row.get("imported_at"))
                offset = try row.get("offset_bytes")
                line = try row.get("line")
                created = try row.get("created")
                rejected = try row.get("rejected")
                errors = try JSONParser.parse(Array(row.get("errors", as: String.self).utf8))
            }
        }

        package func load(_ workspace: ID, job: ID) async throws -> Checkpoint? {
            try await access.query(
                """
                select workspace_id, job_id, offset_bytes, line, created, rejected, errors, imported_at
                from imports where workspace_id = $1 and job_id = $2
                """, [Value(workspace), Value(job)], Checkpoint.init
            ).first
        }

        package func save(_ checkpoint: Checkpoint) async throws {
            try await access.execute(
                """
                insert into imports
                (workspace_id, job_id, offset_bytes, line, created, rejected, errors, imported_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                on conflict (workspace_id, job_id) do update set
                offset_bytes = excluded.offset_bytes, line = excluded.line, created = excluded.created,
                rejected = excluded.rejected, errors = excluded.errors
                """,
                [
                    Value(checkpoint.workspace), Value(checkpoint.job), Value(checkpoint.offset),
                    Value(checkpoint.line), Value(checkpoint.created), Value(checkpoint.rejected),
                    .text(checkpoint.errors.text), Value(checkpoint.importedAt),
                ])
        }
    }
}
