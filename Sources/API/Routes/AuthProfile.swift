import Accounts
import Calendar
import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/auth/profile` and what else somebody does with their own account.
    enum AuthProfile {
        static let routes = [
            Route(.get, "/api/auth/profile", "Show your account.", show).personal()
                .answering(200, "The account.", "Profile"),
            Route(.put, "/api/auth/profile", "Change the fields sent; null empties one.", update)
                .personal().guarded().taking("ProfileChange")
                .answering(200, "The account as it is now.", "Profile"),
            Route(
                .post, "/api/auth/change-password", "Take another password; your other sessions end.",
                changePassword
            ).personal().taking("PasswordChange").answering(204, "Changed."),
            Route(.get, "/api/auth/events", "List what happened to the safety of your account.", events)
                .personal().answering(200, "The latest hundred, newest first.", "AccountEvents"),
            Route(
                .delete, "/api/auth/account",
                "End your account, its sessions, keys and memberships. The address stays taken.", delete
            ).personal().taking("Farewell").answering(204, "Ended."),
        ]

        private static let fields: [JSON.Member] = [
            .init("name", Schema.text(Profile.nameLength)), .init("time_zone", Schema.text(1...64)),
            .init("locale", Schema.text(2...35)),
            .init(
                "notification_channels",
                Schema.list(
                    Schema.choice(Profile.Channel.self), most: Profile.Channel.allCases.count)),
            .init("quiet_hours", Schema.optional(hours)),
        ]

        private static let hours = Schema.object(["from": time, "to": time], required: ["from", "to"])

        private static let time: JSON = [
            "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["22:00"],
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Profile",
                Schema.object(
                    .object(
                        [.init("id", Schema.id), .init("email", Schema.string)] + fields
                            + [
                                .init("created_at", Schema.time), .init("updated_at", Schema.time),
                                .init("version", Schema.count),
                            ]),
                    required: ["id", "email"] + fields.map(\.name) + ["created_at", "updated_at", "version"])
            ),
            .init("ProfileChange", Schema.object(.object(fields))),
            .init(
                "PasswordChange",
                Schema.object(
                    ["current_password": Schema.string, "new_password": Auth.password],
                    required: ["current_password", "new_password"])),
            .init("Farewell", Schema.object(["password": Schema.string], required: ["password"])),
            .init(
                "AccountEvents",
                Schema.object(
                    [
                        "events": Schema.list(
                            Schema.object(
                                ["event": Schema.choice(Store.Accounts.Event.self), "at": Schema.time],
                                required: ["event", "at"]))
                    ], required: ["events"])),
        ]

        static func show(_ call: Call) async throws -> Answer { answer(try await account(of: call)) }

        static func update(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(ProfileRequest.self)
            let account = try await account(of: call)
            let profile = try judging {
                let profile = try request.applied(to: account.profile)
                _ = try Zone(profile.timeZone, at: "/time_zone")
                return profile
            }
            let wanted = try call.wantedVersion
            do {
                // What was left out was read before: it must not undo what somebody else says meanwhile.
                return answer(
                    try await call.office.store.accounts.update(
                        account.id, profile, version: wanted ?? account.version))
            } catch let failure as Failure where failure.kind == .conflict && wanted != nil {
                throw Problem.stale
            }
        }

        static func changePassword(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(PasswordRequest.self)
            let (session, account) = (try call.session, try await account(of: call))
            try judging {
                try PasswordRule.check(request.new, email: account.email, at: "/new_password")
            }
            try await call.confirm(account, request.current, at: "/current_password")
            let hash = try await call.office.passwords.hash(request.new)
            try await call.office.store.transaction { store in
                try await store.accounts.setHash(account.id, hash)
                _ = try await store.sessions.revokeAll(of: account.id, except: session)
                try await store.accounts.record(.passwordChanged, of: account.id, session: session)
            }
            call.office.doorkeeper.forget()
            return .empty
        }

        static func events(_ call: Call) async throws -> Answer {
            let events = try await call.office.store.accounts.events(of: call.account)
            return Answer(["events": .array(events.map { ["event": JSON($0.event), "at": JSON($0.at)] })])
        }

        static func delete(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(FarewellRequest.self)
            let (session, account) = (try call.session, try await account(of: call))
            try await call.confirm(account, request.password, at: "/password")
            try await call.office.store.transaction { store in
                try await store.accounts.deactivate(account.id)
                try await store.accounts.record(.deactivated, of: account.id, session: session)
            }
            call.office.doorkeeper.forget()
            return .empty
        }

        private static func account(of call: Call) async throws -> Store.Accounts.Entry {
            guard let account = try await call.office.store.accounts.find(try call.account) else {
                throw Failure(.missing, "There is no such account.")
            }
            return account
        }

        private static func answer(_ account: Store.Accounts.Entry) -> Answer {
            Answer(account.json).with(.eTag, "\"\(account.version)\"")
        }
    }
}

extension Store.Accounts.Entry {
    /// The account as its owner sees it.
    fileprivate var json: JSON {
        [
            "id": JSON(id), "email": .string(email), "name": .string(profile.name),
            "time_zone": .string(profile.timeZone), "locale": .string(profile.locale),
            "notification_channels": .array(profile.channels.map { JSON($0) }),
            "quiet_hours": profile.quiet.map { ["from": .string($0.from), "to": .string($0.to)] } ?? .null,
            "created_at": JSON(createdAt), "updated_at": JSON(updatedAt), "version": JSON(version),
        ]
    }
}
