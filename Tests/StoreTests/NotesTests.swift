import Core
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A note` {
    @Test(arguments: Engine.allCases)
    func `is its author's until it is shared`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.member("ada"), try await house.member("bob", .owner))
            let note = try await ada.store.rows(.notes).create(
                Values(["title": "Secret", "body": "plans", "tags": ["x"]]))
            #expect(note.values.id("author_id") == ada.id)
            #expect(try await ada.store.rows(.notes).list().map(\.id) == [note.id])
            #expect(try await bob.store.rows(.notes).find(note.id) == nil)
            var query = Rows.Query()
            query.search = "plans"
            #expect(try await bob.store.rows(.notes).list(query).isEmpty)
            await refuses(.missing) {
                try await bob.store.rows(.notes).update(note.id, Values(["title": "x"]))
            }
            try await ada.store.rows(.notes).update(note.id, Values(["shared": true]))
            #expect(try await bob.store.rows(.notes).list(query).map(\.id) == [note.id])
            await refuses(.forbidden) {
                try await bob.store.rows(.notes).update(note.id, Values(["title": "x"]))
            }
            await refuses(.forbidden) { try await bob.store.rows(.notes).delete(note.id) }
            try await ada.store.rows(.notes).delete(note.id)
        }
    }
}

@Suite struct `A voice command` {
    @Test(arguments: Engine.allCases)
    func `is one a phrase and language, with good parameters`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let commands = house.ours.rows(.voiceCommands)
            func make(_ more: [String: JSON]) async throws -> Item {
                let values: [String: JSON] = ["phrase": "Turn on the light", "action": "light.on"]
                return try await commands.create(Values(values.merging(more) { $1 }))
            }
            let made = try await make([
                "parameters": [["name": "room", "type": "text"]], "wake_word": "atom",
            ])
            #expect(try await commands.find(made.id) == made)
            #expect(made["usage_count"] == 0 && made["last_used_at"] == .null && made["language"] == "en")
            await refuses(.conflict) { try await make(["phrase": "turn ON the light"]) }
            _ = try await make(["language": "de-AT"])
            let cases: [([String: JSON], String)] = [
                (["language": "e"], "/language"), (["language": "en_US"], "/language"),
                (["language": "12-en"], "/language"), (["action": "Light"], "/action"),
                (["action": "drop table"], "/action"), (["parameters": [["name": "x"]]], "/parameters/0"),
                (["parameters": [["name": "x", "type": "blob"]]], "/parameters/0/type"),
                (
                    ["parameters": [["name": "x", "type": "text"], ["name": "x", "type": "text"]]],
                    "/parameters/1/name"
                ),
                (["phrase": " "], "/phrase"),
            ]
            for (values, pointer) in cases {
                let found = await failure { try await make(values) }
                #expect(found?.kind == .invalid && found?.pointer == pointer, "\(values)")
            }
        }
    }
}

@Suite struct `A notification` {
    static let news = Store.Notifications.News(kind: "test", title: "Look", body: "At this")

    @Test(arguments: Engine.allCases)
    func `is seen and read by the one it is for`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let (ada, bob) = (try await house.member("ada"), try await house.member("bob", .owner))
            let readers = try await bob.store.notifications.readers([ada.id, ID()])
            #expect(readers.map(\.user) == [ada.id])
            try await bob.store.notifications.add(Self.news, to: readers)
            try await bob.store.notifications.add(Self.news, to: readers)
            let seen = try await ada.store.rows(.notifications).list()
            #expect(seen.count == 2 && seen.allSatisfy { $0["read_at"] == .null })
            #expect(try await bob.store.rows(.notifications).list().isEmpty)
            await refuses(.missing) { try await bob.store.notifications.read(seen[0].id) }
            #expect(try await ada.store.notifications.read(seen[0].id)["read_at"] != .null)
            #expect(try await bob.store.notifications.readAll() == 0)
            #expect(try await ada.store.notifications.readAll() == 1)
            var query = Rows.Query()
            query.read(false)
            #expect(try await ada.store.rows(.notifications).list(query).isEmpty)
        }
    }
}
