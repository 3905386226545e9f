import Core
import SQL
import Store
import TestHouse
import Workspace

extension Noun {
    /// A noun with a field of every kind.
    static let thing = Noun(
        "thing", "things", table: "made_things",
        fields: [
            Field("title", .text(1...100)).required().searched().sorted(),
            Field("tags", .texts(1...20, most: 5)).or([]).filtered().searched(),
            Field("grade", .word(["low", "middle", "high"])).or("low").filtered().sorted(),
            Field("is_open", .flag).or(true).filtered(),
            Field("pages", .whole(0...1_000)).optional().filtered().sorted().ranged(),
            Field("weight", .number(0...10, unit: "kg")).optional().sorted(),
            Field("price", .decimal).optional().sorted(),
            Field("due", .time).optional().sorted().ranged(),
            Field("day", .date).optional(),
            Field("zone", .zone).optional(),
            Field("mail", .email).optional(),
            Field("link", .url).optional(),
            Field("color", .color).optional(),
            Field("owner_id", .user).optional().filtered(),
            Field("project_id", .row("projects")).optional().filtered(),
            Field("friends", .rows("projects", most: 3)).or([]).filtered(),
            Field("extra", .object(bytes: 100)).or([:]),
            Field("any_json", .json(schema: [:])).optional(),
            Field("code", .text(1...9)).optional(),
            Field("seen_at", .time).optional().shown(),
        ],
        laws: [
            { values throws(Failure) in
                guard values.text("title") != "law" else {
                    throw Failure(.invalid, "title is a law.", at: "/title")
                }
            }
        ])

    /// A noun whose rows belong to one person.
    static let secret = Noun(
        "secret", "secrets", table: "private_notes",
        fields: [
            Field("text", .text(1...100)).required().searched(),
            Field("user_id", .user).optional().shown(),
            Field("shared", .flag).or(false),
        ], privacy: .init(owner: "user_id", unless: "shared"))
}

/// A store with the tables of the made-up nouns.
struct RowHouse: Sendable {
    let fresh: FreshStore
    /// The store as the workspace sees it.
    let store: Store
    let user: ID

    var things: Rows { store.rows(Shelf(.thing)) }

    static func with(_ engine: Engine, _ body: (RowHouse) async throws -> Void) async throws {
        try await FreshStore.with(engine) { fresh async throws in
            for table in tables { try await fresh.database.execute(table) }
            let house = RowHouse(
                fresh: fresh, store: fresh.store.scoped(Scope(workspace: fresh.workspace)),
                user: try await fresh.newcomer("ann"))
            try await body(house)
        }
    }

    private static let ends = """
        version bigint not null, created_at bigint not null, updated_at bigint not null,
        primary key (workspace_id, id)
        """

    private static let tables = [
        """
        create table made_things (
            workspace_id text not null, id text not null, title text not null, tags text not null,
            grade text not null, is_open bigint not null, pages bigint, weight double precision,
            price bigint, due bigint, day text, zone text, mail text, link text, color text, owner_id text,
            project_id text, friends text not null, extra text not null, any_json text, code text,
            seen_at bigint, \(ends), unique (workspace_id, code))
        """,
        """
        create table private_notes (
            workspace_id text not null, id text not null, text text not null, user_id text,
            shared bigint not null, \(ends))
        """,
    ]
}

extension FreshStore {
    /// A person of the workspace.
    func newcomer(_ name: String, _ role: Store.Role = .member) async throws -> ID {
        let entry = Store.Users.Entry(
            workspace: workspace, email: "\(name)@example.org", name: name, role: role)
        try await store.users.create(entry)
        return entry.id
    }

    /// The store as this person sees it.
    func store(of user: ID) -> Store {
        store.scoped(Scope(workspace: workspace, user: user, actor: "user:\(user)", request: "r-1"))
    }

    /// The journal of a row, oldest first, each entry as `action version`.
    func journal(_ noun: String, _ row: ID) async throws -> [Store.Journal.Entry] {
        try await store.journal.history(Store.Scoped(workspace, row), noun: noun).reversed()
    }
}
