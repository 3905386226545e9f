import Accounts
import Core
import SQL

extension Store {
    /// The people who can log in, across workspaces.
    package struct Accounts: Sendable {
        let access: Access

        /// One person.
        package struct Entry: Sendable, Hashable {
            package let id: ID
            /// In lower case.
            package let email: String
            package var profile: Profile
            package let hash: PasswordHash?
            package let createdAt: Moment
            package let updatedAt: Moment
            package let deactivatedAt: Moment?
            package let version: Int

            /// A new account.
            package init(
                id: ID = ID(), email: Email, profile: Profile, hash: PasswordHash, at now: Moment = .now
            ) {
                self.id = id
                self.email = email.text
                self.profile = profile
                self.hash = hash
                createdAt = now
                updatedAt = now
                deactivatedAt = nil
                version = 1
            }

            /// True while it may log in.
            package var isActive: Bool { deactivatedAt == nil }
        }

        private static let columns = """
            id, email, name, password_hash, time_zone, locale, notification_channels, quiet_from, quiet_to, \
            created_at, updated_at, deactivated_at, version
            """

        /// Throws `conflict` at `/email` when there is an account of this address, active or not.
        package func create(_ entry: Entry) async throws {
            let profile = entry.profile
            let count = try await access.execute(
                """
                insert into accounts (\(Self.columns))
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, null, 1)
                on conflict (email) do nothing
                """,
                [
                    Value(entry.id), .text(entry.email), .text(profile.name), Value(entry.hash?.text),
                    .text(profile.timeZone), .text(profile.locale), .text(profile.channelText),
                    Value(profile.quiet?.from), Value(profile.quiet?.to), Value(entry.createdAt),
                ])
            guard count == 1 else {
                throw Failure(.conflict, "There is an account with this address already.", at: "/email")
            }
        }

        package func find(_ id: ID) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from accounts where id = $1", [Value(id)], Entry.init(row:)
            ).first
        }

        package func find(email: String) async throws -> Entry? {
            try await access.query(
                "select \(Self.columns) from accounts where email = $1", [.text(Email.plain(email))],
                Entry.init(row:)
            ).first
        }

        /// Changes the profile, and the name in every workspace. Throws `conflict` unless `version`, where it
        /// is given, is the one there is.
        package func update(
            _ id: ID, _ profile: Profile, version: Int?, at now: Moment = .now
        ) async throws -> Entry {
            try await access.transaction { access in
                let found = try await access.query(
                    """
                    update accounts set name = $2, time_zone = $3, locale = $4, notification_channels = $5,
                    quiet_from = $6, quiet_to = $7, updated_at = $8, version = version + 1
                    where id = $1 and version = coalesce($9, version) returning \(Self.columns)
                    """,
                    [
                        Value(id), .text(profile.name), .text(profile.timeZone), .text(profile.locale),
                        .text(profile.channelText), Value(profile.quiet?.from), Value(profile.quiet?.to),
                        Value(now), Value(version),
                    ], Entry.init(row:))
                guard let entry = found.first else {
                    throw Failure(.conflict, "The profile was changed meanwhile.")
                }
                try await access.execute(
                    "update users set name = $2 where account_id = $1", [Value(id), .text(profile.name)])
                return entry
            }
        }

        package func setHash(_ id: ID, _ hash: PasswordHash, at now: Moment = .now) async throws {
            try await access.execute(
                "update accounts set password_hash = $2, updated_at = $3 where id = $1",
                [Value(id), .text(hash.text), Value(now)])
        }

        /// Ends an account for good: its sessions and memberships with it. Throws `conflict` while it is the
        /// last owner of a workspace that has other members.
        package func deactivate(_ id: ID, at now: Moment = .now) async throws {
            try await access.transaction { access in
                let users = Users(access: access)
                for user in try await users.memberships(of: id) {
                    try await users.remove(user.workspace, user.id, leavingEmpty: true, at: now)
                }
                try await access.execute(
                    """
                    update accounts set deactivated_at = $2, updated_at = $2, version = version + 1
                    where id = $1 and deactivated_at is null
                    """, [Value(id), Value(now)])
                _ = try await Sessions(access: access).revokeAll(of: id, at: now)
            }
        }
    }
}

extension Store.Accounts {
    /// What can happen to the safety of an account.
    package enum Event: String, Sendable, CaseIterable {
        case registered
        case passwordChanged = "password_changed"
        case deactivated
        /// A refresh token was shown that had been used before.
        case tokenReuse = "authn_token_reuse"
    }

    /// Writes down what happened; within the transaction it belongs to.
    package func record(
        _ event: Event, of account: ID, session: ID? = nil, at now: Moment = .now
    ) async throws {
        try await access.execute(
            "insert into account_events (id, account_id, kind, session_id, at) values ($1, $2, $3, $4, $5)",
            [Value(ID()), Value(account), Value(event), Value(session), Value(now)])
    }

    /// What happened to an account, newest first.
    package func events(of account: ID, limit: Int = 100) async throws -> [(event: Event, at: Moment)] {
        try await access.query(
            "select kind, at from account_events where account_id = $1 order by id desc limit $2",
            [Value(account), Value(limit)]
        ) { (event: try $0.word("kind"), at: try $0.get("at")) }
    }
}

extension Store.Accounts.Entry {
    init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        profile = try Profile(row: row)
        hash = PasswordHash(try row.get("password_hash"))
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        deactivatedAt = try row.get("deactivated_at")
        version = try row.get("version")
    }
}

extension Profile {
    fileprivate init(row: Row) throws {
        let channels = try JSONParser.parse(Array(row.get("notification_channels", as: String.self).utf8))
        let (from, to) = (
            try row.get("quiet_from", as: String?.self), try row.get("quiet_to", as: String?.self)
        )
        self.init(
            name: try row.get("name"), timeZone: try row.get("time_zone"), locale: try row.get("locale"),
            channels: (channels.array ?? []).compactMap { $0.string.flatMap(Channel.init(rawValue:)) })
        if let from, let to { quiet = try Quiet(from: from, to: to) }
    }

    fileprivate var channelText: String { JSON.array(channels.map { JSON($0) }).text }
}
