import SQL
import Testing

@Suite struct `A row` {
    private let row = Row(columns: ["n", "s", "nothing"], values: [1, "one", nil])

    @Test func `is read by name and type`() throws {
        #expect(try row.get("n", as: Int.self) == 1)
        #expect(try row.get("n", as: Bool.self))
        #expect(try row.get("n", as: Double.self) == 1)
        #expect(try row.get("s", as: String?.self) == "one")
        #expect(try row.get("nothing", as: String?.self) == nil)
        #expect(row["s"] == "one" && row["x"] == nil && row[0] == 1)
    }

    @Test func `says which column cannot be read, without its value`() throws {
        let type = #expect(throws: SQLFault.self) { try row.get("s", as: Int.self) }
        #expect(type?.message == "the column s holds a text, which cannot be read as Int")
        let null = #expect(throws: SQLFault.self) { try row.get("nothing", as: String.self) }
        #expect(null?.message == "the column nothing holds null, which cannot be read as String")
        let name = #expect(throws: SQLFault.self) { try row.get("m", as: Int.self) }
        #expect(name?.message == "the row has no column m; it has n, s, nothing")
    }
}
