import Automation
import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A proposed action` {
    private struct Bench {
        let house: FreshStore
        let vault: Vault
        /// The person the actions belong to.
        let store: Store

        var actions: Actions { Actions(store, vault) }

        func tasks() async throws -> [Item] { try await store.rows(.tasks).list() }

        func propose(_ title: String = "Dig") async throws -> Item {
            try await actions.propose(.init(tool: "create_task", parameters: ["title": .string(title)]))
        }
    }

    private func with(_ engine: Engine, _ body: (Bench) async throws -> Void) async throws {
        try await FreshStore.with(engine) { house async throws in
            let user = Store.Users.Entry(
                workspace: house.workspace, email: "ada@example.org", name: "Ada", role: .member)
            try await house.store.users.create(user)
            let vault = Vault(try MasterKeys(MasterKeys.made("test")), house.store)
            let scope = Scope(workspace: house.workspace, user: user.id, actor: "user:\(user.id)")
            try await body(Bench(house: house, vault: vault, store: house.store.scoped(scope)))
        }
    }

    @Test(arguments: Engine.allCases)
    func `does nothing until it is approved, and then once`(_ engine: Engine) async throws {
        try await with(engine) { bench async throws in
            let action = try await bench.propose()
            #expect(try await bench.tasks().isEmpty)
            let digest = try #require(action["digest"].string)
            let done = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { (try? await bench.actions.approve(action.id, digest: digest)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await bench.tasks().map { $0["title"].string } == ["Dig"])
            #expect(try await bench.store.rows(.actions).require(action.id)["status"] == "executed")
        }
    }

    @Test func `shows all of its parts in a line, however long one is`() async throws {
        try await with(.sqlite) { bench async throws in
            let long = String(repeating: "a", count: 5_000)
            let action = try await bench.actions.propose(
                .init(tool: "create_task", parameters: ["description": .string(long), "title": "Dig"]))
            #expect(action["summary"].string?.contains("title: Dig") == true)
        }
    }

    @Test func `that was done stays done when another approval fails`() async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            _ = try await bench.actions.approve(
                action.id, digest: try #require(action["digest"].string))
            try await bench.actions.fail(action.id, Failure(.invalid, "Too late."))
            #expect(try await bench.store.rows(.actions).require(action.id)["status"] == "executed")
        }
    }

    @Test(arguments: Engine.allCases)
    func `is refused when anything of it differs`(_ engine: Engine) async throws {
        try await with(engine) { bench async throws in
            let (action, other) = (try await bench.propose(), try await bench.propose("Weed"))
            let digest = try #require(action["digest"].string)
            await refuses(.conflict) {
                try await bench.actions.approve(action.id, digest: try #require(other["digest"].string))
            }
            let late = Moment.now + Actions.validity + .seconds(1)
            await refuses(.conflict) {
                try await bench.actions.approve(action.id, digest: digest, at: late)
            }
            // Somebody with a hand in the table changes what is to be done.
            try await bench.store.rows(.actions).update(
                action.id, Values(["parameters": ["title": "Dig elsewhere"]]))
            await refuses(.conflict) { try await bench.actions.approve(action.id, digest: digest) }
            try await bench.store.rows(.actions).update(
                other.id, Values(["tool": "create_note", "parameters": ["title": "Weed"]]))
            await refuses(.conflict) {
                try await bench.actions.approve(other.id, digest: try #require(other["digest"].string))
            }
            #expect(try await bench.tasks().isEmpty)
        }
    }

    @Test func `is its person's alone`() async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            let bob = Store.Users.Entry(
                workspace: bench.house.workspace, email: "bob@example.org", name: "Bob", role: .owner)
            try await bench.house.store.users.create(bob)
            let scope = Scope(workspace: bench.house.workspace, user: bob.id, actor: "user:\(bob.id)")
            let theirs = Actions(bench.house.store.scoped(scope), bench.vault)
            let digest = try #require(action["digest"].string)
            await refuses(.missing) { try await theirs.approve(action.id, digest: digest) }
            await refuses(.missing) { try await theirs.reject(action.id) }
        }
    }

    @Test func `rests once it is rejected`() async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            #expect(try await bench.actions.reject(action.id)["status"] == "rejected")
            await refuses(.conflict) {
                try await bench.actions.approve(action.id, digest: try #require(action["digest"].string))
            }
            #expect(try await bench.tasks().isEmpty)
        }
    }

    @Test(
        arguments: [
            ("delete_everything", [:]), ("create_task", [:]),
            ("create_task", ["title": "x", "assigned_to": "y"]),
            ("create_task", ["title": 7]),
            ("update_task", ["id": "01JD7Y3Q8ZK4M0XW9V2T5B6C7D", "title": "x"]),
            ("send_message", ["channel": "email", "to": "a@example.org", "body": "x"]), ("list_tasks", [:]),
        ] as [(String, JSON)])
    func `is not written down when it cannot be done`(_ tool: String, _ parameters: JSON) async throws {
        try await with(.sqlite) { bench async throws in
            await #expect(throws: Failure.self) {
                try await bench.actions.propose(.init(tool: tool, parameters: parameters))
            }
            #expect(try await bench.store.rows(.actions).list().isEmpty)
        }
    }

    @Test func `writes only to the contact of its conversation, or to whom its person typed`() async throws {
        try await with(.sqlite) { bench async throws in
            let contact = try await bench.store.rows(.contacts).create(
                Values(["name": "Grace", "emails": ["grace@example.org"]]))
            let talk = try await bench.store.rows(.conversations).create(
                Values(["title": "Talk", "contact_id": JSON(contact.id)]))
            for (role, text) in [
                ("user", "Write to (bob@example.org), please."), ("assistant", "eve@example.org"),
            ] {
                try await bench.store.rows(.chatMessages).create(
                    Values([
                        "conversation_id": JSON(talk.id), "role": .string(role), "content": .string(text),
                    ]))
            }
            func propose(_ to: String) async throws -> Item {
                try await bench.actions.propose(
                    .init(
                        tool: "send_message",
                        parameters: ["channel": "email", "to": .string(to), "subject": "S", "body": "Hello"],
                        conversation: talk.id))
            }
            await refuses(.forbidden) { try await propose("eve@example.org") }
            await refuses(.forbidden) { try await propose("bob@example.or") }
            _ = try await propose("bob@example.org")
            let action = try await propose("Grace@example.org")
            #expect(try await bench.store.rows(.messages).list().isEmpty)
            let job = ID()
            _ = try await bench.actions.approve(
                action.id, digest: try #require(action["digest"].string), job: job)
            let sent = try await bench.store.rows(.messages).require(action.id)
            #expect(sent["to"] == ["Grace@example.org"])
            #expect(sent.values.id("job_id") == job)
        }
    }

    /// Expects `body` to be refused with a failure of this kind.
    private func refuses(_ kind: Failure.Kind, _ body: () async throws -> some Sendable) async {
        do {
            _ = try await body()
            Issue.record("not refused")
        } catch { #expect((error as? Failure)?.kind == kind, "\(error)") }
    }
}
