import Accounts
import Calendar
import Core
import SQL
import Workspace

extension Store {
    /// What is said aloud in a workspace; the store must have a scope.
    package struct VoiceRoom: Sendable {
        let store: Store

        var access: Access { store.access }
        package var workspace: ID { get throws { try store.rows(.transcripts).scope.workspace } }
    }

    package var voice: VoiceRoom { VoiceRoom(store: self) }
}

extension Store.VoiceRoom {
    /// What is listened for: the registered commands that are enabled, then the default ones whose phrases
    /// are not registered, enabled or not.
    package func commands() async throws -> [Voice.Command] {
        var (rows, query) = ([Item](), Rows.Query())
        query.limit = Store.Page.most
        while rows.count < Voice.Limits.commands {
            let page = try await store.rows(.voiceCommands).list(query)
            rows += page
            guard page.count == query.limit, let last = page.last else { break }
            query.after = Rows.Cursor(last, by: nil)
        }
        let taken = Set(rows.map { Self.key($0["phrase"].string ?? "", $0["language"].string ?? "") })
        let own = rows.prefix(Voice.Limits.commands).filter { $0.values.flag("enabled") }.map(
            Voice.Command.init)
        return own + Voice.Command.defaults.filter { !taken.contains(Self.key($0.said, $0.language)) }
    }

    private static func key(_ phrase: String, _ language: String) -> String {
        "\(language.lowercased()) \(phrase.lowercased())"
    }

    /// Notes that a registered command was heard.
    package func used(_ command: ID, at now: Moment = .now) async throws {
        try await access.execute(
            """
            update voice_commands set usage_count = usage_count + 1, last_used_at = $3
            where workspace_id = $1 and id = $2
            """, [Value(try workspace), Value(command), Value(now)])
    }

    /// What was heard in the same sound before, with all that decides it the same.
    package func known(_ fingerprint: String) async throws -> Item? {
        var query = Rows.Query()
        query.conditions = [.init("fingerprint = ? and status = 'done'", [.text(fingerprint)])]
        query.limit = 1
        return try await store.rows(.transcripts).list(query).first
    }

    /// The run of a recording; nil where no command was heard in it yet.
    package func run(of transcript: ID) async throws -> Item? {
        var query = Rows.Query()
        query.conditions = [.init("transcript_id = ?", [Value(transcript)])]
        return try await store.rows(.voiceRuns).list(query).first
    }

    /// The members, as they may be named.
    package func people() async throws -> [Voice.Person] {
        try await store.users.list(workspace, Store.Page(limit: Store.Page.most)).map {
            .init($0.id, $0.name)
        }
    }

    /// The clock that somebody's days are counted by: UTC for who has set none.
    package func zone(of user: ID?) async throws -> Zone {
        guard let user, let entry = try await store.users.find(workspace, user), let account = entry.account,
            let profile = try await store.accounts.find(account)?.profile
        else { return .utc }
        return try Zone(profile.timeZone)
    }

    /// The open tasks whose titles may be meant, newest first: those with a word of `said`, or all where it
    /// is nil.
    package func openTasks(_ said: String? = nil, before due: Moment? = nil) async throws -> [Item] {
        var query = Rows.Query()
        query.conditions = [.init("status <> 'done'", [])]
        query.limit = Store.Page.most
        if let due { query.conditions.append(.init("due_date < ?", [Value(due)])) }
        guard let said else { return try await store.rows(.tasks).list(query) }
        var found: [ID: Item] = [:]
        for word in said.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).prefix(12) {
            query.search = String(word)
            for item in try await store.rows(.tasks).list(query) { found[item.id] = item }
        }
        return found.values.sorted { $0.id > $1.id }
    }

    /// True when what a key may do includes to change what is in `area`, or to read it.
    package static func admits(_ scopes: String, _ area: String, writing: Bool) -> Bool {
        Scopes(column: scopes).admit(area, writing: writing)
    }
}

extension Zone {
    /// The day it is at `moment`.
    package func civilDay(at moment: Moment) -> CivilDay {
        CivilDay(wall(at: moment).text.prefix(10)) ?? CivilDay(moment)
    }

    /// The moment at which the clock shows the time `HH:MM` of a day, its end where no time is said; where
    /// the clock skips that time, an hour later.
    package func moment(of day: String, at time: String?) -> Moment? {
        guard let wall = Wall("\(day)T\(time ?? "23:59"):00") else { return nil }
        return moments(of: wall).first ?? moments(of: Wall(seconds: wall.seconds + 3_600)).first
    }
}
