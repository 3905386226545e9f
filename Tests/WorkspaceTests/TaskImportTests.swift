import Core
import Testing

@testable import Workspace

@Suite struct `An import of tasks` {
    static let job = Garden.id(7)

    static func rows(_ text: String) throws -> [TaskImport.Row] {
        var reader = CSV()
        let records = reader.feed(Array(text.utf8)) + reader.finish()
        let plan = try TaskImport(header: #require(records.first), job: job, importedAt: Garden.now)
        return records.dropFirst().map(plan.row)
    }

    static func draft(_ header: String, _ row: String) throws -> TaskImport.Draft? {
        guard case .draft(let draft) = try rows("\(header)\n\(row)\n").first else { return nil }
        return draft
    }

    @Test func `reads every column it knows`() throws {
        let draft = try #require(
            try Self.draft(
                "Title,DESCRIPTION,Status,priority,project,Assigned To,time-estimate,time_spent,due_date,"
                    + "created_at,updated_at,completed_at,depends_on",
                " Plant ,\"two\r\nlines\",In Progress,HIGH,Pond,Ada,1.5,0.25,2026-12-01,-10d,"
                    + "2026-11-19T10:00:00+02:00,,Dig | Buy a | spade"))
        #expect(draft.title == "Plant")
        #expect(draft.description == "two\nlines")
        #expect(draft.status == .inProgress)
        #expect(draft.priority == .high)
        #expect(draft.project == "Pond")
        #expect(draft.assignedTo == "Ada")
        #expect(draft.timeEstimate == 1.5)
        #expect(draft.timeSpent == 0.25)
        #expect(draft.dueDate?.text == "2026-12-01T00:00:00.000Z")
        #expect(draft.createdAt == Garden.days(-10))
        #expect(draft.updatedAt.text == "2026-11-19T08:00:00.000Z")
        #expect(draft.completedAt == nil)
        #expect(draft.dependsOn == ["Dig", "Buy a", "spade"])
    }

    @Test func `fills in what a row leaves out`() throws {
        let draft = try #require(try Self.draft("title", "Plant"))
        #expect(draft.status == .todo)
        #expect(draft.priority == .medium)
        #expect(draft.createdAt == Garden.now)
        #expect(draft.updatedAt == Garden.now)
        #expect(draft.line == 2)
        #expect(draft.importKey == "\(Self.job.text):2")
        let done = try #require(try Self.draft("title,completed_at", "Plant,-3d"))
        #expect(done.status == .done)
        #expect(done.createdAt == Garden.days(-3))
    }

    @Test(arguments: [
        ("title", ",", "title", "title must not be empty."),
        ("status", "finished", "status", "must be one of todo, in_progress, done"),
        ("priority", "urgent", "priority", "must be one of low, medium, high"),
        ("time_estimate", "-4", "time_estimate", "must be 0 to 10000 hours"),
        ("time_estimate", "\"1,5\"", "time_estimate", "write hours as a number such as 1.5"),
        ("time_spent", "nan", "time_spent", "write hours as a number"),
        ("time_spent", "1e3", "time_spent", "write hours as a number"),
        ("due_date", "31.11.2026", "due_date", "write 2026-11-30"),
        ("due_date", "2026-11-31", "due_date", "write 2026-11-30"),
        ("due_date", "+12345d", "due_date", "write 2026-11-30"),
        ("completed_at", "-1d,x,todo", "completed_at", "but the status is todo"),
        ("assigned_to", "A\u{1B}[31m", "assigned_to", "control character U+001B"),
    ])
    func `says what is wrong with a bad row`(
        column: String, value: String, blamed: String, reason: String
    ) throws {
        let isTitle = column == "title"
        let text =
            isTitle
            ? "title,status\n,todo\ngood,todo\n"
            : "\(column),title,\(column == "status" ? "extra" : "status")\n\(value)"
                + (value.contains(",x") ? "" : ",x,") + "\n,good,\n"
        let rows = try Self.rows(text)
        guard case .bad(let bad) = rows[0], case .draft = rows[1] else {
            Issue.record("expected a bad row and a good one, not \(rows)")
            return
        }
        #expect(bad.line == 2)
        #expect(bad.column == blamed)
        #expect(bad.reason.contains(reason))
        #expect(bad.json["line"] == 2)
    }

    @Test func `keeps the good rows around broken ones`() throws {
        let rows = try Self.rows("title,status\nA,todo\n\"B,todo\nC,todo,more\n\"D\",done\n")
        #expect(
            rows.map { if case .bad(let bad) = $0 { "\(bad.line) \(bad.column ?? "-")" } else { "good" } }
                == ["good", "3 title", "4 -", "good"])
    }

    @Test func `reports the columns it does not know`() throws {
        var reader = CSV()
        let records = reader.feed(Array("title,colour,Shape\n".utf8))
        let plan = try TaskImport(header: records[0], job: Self.job, importedAt: Garden.now)
        #expect(plan.ignored == ["colour", "Shape"])
    }

    @Test func `refuses a header without a title and names what it found`() {
        let failure = #expect(throws: Failure.self) { try Self.rows("name,status\nx,todo\n") }
        #expect(failure?.message == "The header has no column \"title\"; it has: name, status.")
        #expect(throws: Failure.self) { try Self.rows("title,Title\nx,y\n") }
        #expect(throws: Failure.self) { try Self.rows("\"title\nx\n") }
    }
}
