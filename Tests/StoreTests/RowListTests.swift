import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A list of rows` {
    private func titles(_ house: RowHouse, _ set: (inout Rows.Query) -> Void) async throws -> String {
        var query = Rows.Query()
        set(&query)
        return try await house.things.list(query).compactMap { $0["title"].string }.joined()
    }

    private func field(_ name: String) -> Field { Noun.thing.field(name) ?? Field(name, .flag) }

    @Test(arguments: Engine.allCases)
    func `is narrowed by values, lists, bounds and conditions`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let project = try await house.store.rows(.projects).create(Values(["name": "P"])).id
            let rows: [[String: JSON]] = [
                ["title": "a", "tags": ["red", "blue"], "pages": 1, "grade": "high", "is_open": false],
                ["title": "b", "tags": ["re%d"], "pages": 2, "project_id": JSON(project)],
                ["title": "c", "tags": ["red\"", "x"], "pages": 3, "friends": [JSON(project)]],
                ["title": "d"],
            ]
            for row in rows { try await house.things.create(Values(row)) }
            let wanted: [(String, JSON, String)] = [
                ("grade", "high", "a"), ("is_open", false, "a"), ("pages", 2, "b"), ("pages", nil, "d"),
                ("project_id", JSON(project), "b"), ("tags", "red", "a"), ("tags", "re%d", "b"),
                ("tags", "red\"", "c"), ("tags", "r", ""), ("tags", "%", ""),
                ("friends", JSON(project), "c"), ("grade", "low", "dcb"),
            ]
            for (name, value, expected) in wanted {
                #expect(
                    try await titles(house) { $0.equal = [(field(name), value)] } == expected,
                    "\(name) \(value.text)")
            }
            #expect(try await titles(house) { $0.ranges = [(field("pages"), 2, nil)] } == "cb")
            #expect(try await titles(house) { $0.ranges = [(field("pages"), nil, 2)] } == "a")
            #expect(try await titles(house) { $0.ranges = [(field("pages"), 2, 3)] } == "b")
            let odd = Rows.Query.Condition("pages in (?, ?) and workspace_id = $1", [1, 3])
            #expect(try await titles(house) { $0.conditions = [odd] } == "ca")
            #expect(
                try await titles(house) {
                    $0.equal = [(field("grade"), "low")]
                    $0.conditions = [odd]
                } == "c")
        }
    }

    @Test(arguments: Engine.allCases)
    func `is searched by words without case and accents, the last one begun`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            let first = try await house.things.create(Values(["title": "Crème brûlée", "tags": ["Dessert"]]))
            try await house.things.create(Values(["title": "Creme fraiche 日本語"]))
            let find = { (text: String) in
                var query = Rows.Query()
                query.search = text
                return try await house.things.list(query).count
            }
            let wanted = [
                ("creme", 2), ("CRÈME", 2), ("creme bru", 1), ("bru creme", 0), ("brulee cre", 1),
                ("dessert", 1), ("rème", 0), ("日本", 1), ("", 0), ("!?", 0), ("creme brulee dessert", 1),
            ]
            for (text, count) in wanted { #expect(try await find(text) == count, "\(text)") }
            try await house.things.update(first.id, Values(["title": "Tarte"]))
            #expect(try await find("brulee") == 0)
            #expect(try await find("tarte dessert") == 1)
            try await house.things.update(first.id, Values(["pages": 1]))
            #expect(try await find("tarte dessert") == 1)
        }
    }

    @Test(
        arguments: Engine.allCases,
        [nil, "title", "grade", "pages", "weight", "price", "due"] as [String?])
    func `comes in pages in each order, every row once, empty ones last`(
        _ engine: Engine, _ name: String?
    ) async throws {
        try await RowHouse.with(engine) { house in
            for index in 0..<23 {
                let number = (index * 7) % 5
                var row: [String: JSON] = [
                    "title": .string("t\(number)"), "grade": .string(["low", "middle", "high"][number % 3]),
                ]
                if number != 0 {
                    row["pages"] = JSON(number)
                    row["weight"] = .double(Double(number) / 2)
                    row["price"] = .string("\(number * 10).5")
                    row["due"] = JSON(Moment(milliseconds: Int64(number)))
                }
                try await house.things.create(Values(row))
            }
            let all = try await house.things.list()
            for isAscending in [true, false] {
                var query = Rows.Query()
                (query.order, query.isAscending, query.limit) = (name.map(field), isAscending, 4)
                let expected = all.sorted { left, right in
                    let key = { (item: Item) in Self.key(item, name) }
                    let (one, two) = (key(left), key(right))
                    if one == nil || two == nil, one != two { return two == nil }
                    if let one, let two, one != two { return isAscending ? one < two : one > two }
                    return isAscending ? left.id < right.id : left.id > right.id
                }
                #expect(try await pages(house, query) == expected.map(\.id), "\(isAscending)")
            }
        }
    }

    /// Every page of the list, by cursors that are written and read again.
    private func pages(_ house: RowHouse, _ query: Rows.Query) async throws -> [ID] {
        var (query, seen) = (query, [ID]())
        while true {
            let items = try await house.things.list(query)
            seen += items.map(\.id)
            guard items.count == query.limit, let last = items.last else { return seen }
            let text = Rows.Cursor(last, by: query.order).text(by: query.order)
            query.after = try #require(Rows.Cursor(text, by: query.order))
        }
    }

    private static func key(_ item: Item, _ name: String?) -> Double? {
        guard let name, item[name] != .null else { return name == nil ? 0 : nil }
        switch name {
        case "grade": return ["low": 1, "middle": 2, "high": 3][item[name].string ?? ""]
        case "due": return (item.values.time(name)?.microseconds).map(Double.init)
        case "title", "price": return item[name].string.flatMap { Double($0.filter { $0 != "t" }) }
        default: return item[name].double
        }
    }

    @Test func `has no page behind a cursor of another list`() {
        let pages = Rows.Cursor("x", by: nil)
        #expect(pages == nil)
        let item = Item(
            id: ID(), values: Values(["pages": 1, "title": "t"]), version: 1, createdAt: .now, updatedAt: .now
        )
        let text = Rows.Cursor(item, by: field("pages")).text(by: field("pages"))
        #expect(Rows.Cursor(text, by: field("pages")) != nil)
        #expect(Rows.Cursor(text, by: field("title")) == nil)
        #expect(Rows.Cursor(text, by: nil) == nil)
        #expect(Rows.Cursor("e30", by: field("pages")) == nil)
    }

    @Test(arguments: Engine.allCases)
    func `has a limit, whatever is asked`(_ engine: Engine) async throws {
        try await RowHouse.with(engine) { house in
            try await house.store.transaction { store in
                for _ in 0..<201 { try await store.rows(Shelf(.thing)).create(Values(["title": "t"])) }
            }
            #expect(try await titles(house) { $0.limit = 100_000 }.count == 200)
            #expect(try await titles(house) { $0.limit = -1 }.count == 1)
            #expect(try await house.things.count(Rows.Query()) == 201)
        }
    }
}
