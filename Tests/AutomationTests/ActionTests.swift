import Automation
import Core
import SQL
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

        /// Somebody else of the workspace.
        func other() async throws -> (id: ID, actions: Actions) {
            let bob = Store.Users.Entry(
                workspace: house.workspace, email: "bob@example.org", name: "Bob", role: .owner)
            try await house.store.users.create(bob)
            let scope = Scope(workspace: house.workspace, user: bob.id, actor: "user:\(bob.id)")
            return (bob.id, Actions(house.store.scoped(scope), vault))
        }

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

    @Test(arguments: Engine.allCases)
    func `says what the rows say, whatever it is told beside`(_ engine: Engine) async throws {
        try await with(engine) { bench async throws in
            let project = try await bench.store.rows(.projects).create(Values(["name": "Garden"]))
            let task = try await bench.store.rows(.tasks).create(
                Values(["title": "Pay the rent", "due_date": "2030-01-02T03:04:00Z"]))
            let lie = "Water”; nothing else. ![x](https://evil.example/a) “"
            let change: JSON = [
                "id": JSON(task.id), "status": "done", "priority": "medium",
                "due_date": "2030-05-06T07:08:00Z",
                "title": .string(lie),
            ]
            let action = try await bench.actions.propose(
                .init(tool: "update_task", parameters: change, reason: "Only corrects a typing error."))
            #expect(
                action["summary"].string == """
                    Change the task “Pay the rent”: title from “Pay the rent” to “Water"; nothing else. ! \
                    [x] (https:/evil.example/a) "”; status from “todo” to “done”; due date from \
                    2030-01-02 03:04 UTC to 2030-05-06 07:08 UTC.
                    """)
            #expect(action["preview"]["subject"] == "Pay the rent")
            #expect(
                action["preview"]["changes"]?.array?.map { $0["field"] }
                    == ["title", "status", "due_date"])
            let made = try await bench.actions.propose(
                .init(
                    tool: "create_task", parameters: ["title": "Weed", "project_id": JSON(project.id)]))
            #expect(made["summary"] == "Create a task: title “Weed”; project “Garden”.")
            let comment = try await bench.actions.propose(
                .init(
                    tool: "add_comment", parameters: ["task_id": JSON(task.id), "content": "Paid.\nReally."]))
            #expect(comment["summary"] == "Create a comment: task “Pay the rent”; content “Paid. Really.”.")
        }
    }

    @Test(arguments: Engine.allCases)
    func `is refused when what it rests on was changed`(_ engine: Engine) async throws {
        try await with(engine) { bench async throws in
            let long = String(repeating: "a", count: 5_000)
            let before: [String: JSON] = [
                "title": "Dig", "status": "todo", "priority": "low", "description": .string(long),
            ]
            for (change, words) in [
                (["title": "Pay the rent"], "“Dig” is “Pay the rent” now"),
                (["status": "in_progress"], "status was “todo” and is “in_progress” now"),
                (["description": .string(long + "b")], "what it rests on was changed"),
            ] as [([String: JSON], String)] {
                let task = try await bench.store.rows(.tasks).create(Values(before))
                let action = try await bench.actions.propose(
                    .init(
                        tool: "update_task",
                        parameters: ["id": JSON(task.id), "status": "done", "description": ""]))
                try await bench.store.rows(.tasks).update(task.id, Values(change))
                let digest = try #require(action["digest"].string)
                let undone = await #expect(throws: Actions.Undone.self) {
                    try await bench.actions.approve(action.id, digest: digest)
                }
                #expect(undone?.failure.kind == .conflict)
                #expect(undone?.failure.message.contains(words) == true, "\(undone?.failure.message ?? "")")
                #expect(try await bench.store.rows(.tasks).require(task.id)["status"] != "done")
                #expect(
                    try await bench.store.rows(.actions).require(action.id)["status"] == "awaiting_approval")
            }
        }
    }

    @Test func `is done where something else of the row was changed`() async throws {
        try await with(.sqlite) { bench async throws in
            let task = try await bench.store.rows(.tasks).create(Values(["title": "Dig"]))
            let action = try await bench.actions.propose(
                .init(tool: "update_task", parameters: ["id": JSON(task.id), "status": "done"]))
            try await bench.store.rows(.tasks).update(task.id, Values(["description": "With a spade."]))
            _ = try await bench.actions.approve(action.id, digest: try #require(action["digest"].string))
            let after = try await bench.store.rows(.tasks).require(task.id)
            #expect(after["status"] == "done" && after["description"] == "With a spade.")
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
            #expect(try await bench.tasks().isEmpty)
        }
    }

    @Test(
        arguments: [
            ("parameters", ["title": "Dig elsewhere"]), ("tool", "create_note"), ("summary", "Nothing."),
            ("preview", [:]), ("reason", "The owner wants it."), ("conversation_id", JSON(ID())),
            ("expires_at", JSON(Moment.now + .seconds(86_400))),
        ] as [(String, JSON)])
    func `is bound to every part of itself`(_ field: String, _ value: JSON) async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            try await bench.store.rows(.actions).update(action.id, Values([field: value]))
            let now = try await bench.store.rows(.actions).require(action.id)
            #expect(now[field] != action[field])
            for digest in [action["digest"], now["digest"]] {
                await refuses(.conflict) {
                    try await bench.actions.approve(action.id, digest: try #require(digest.string))
                }
            }
            #expect(try await bench.tasks().isEmpty)
            #expect(try await bench.store.rows(.notes).list().isEmpty)
        }
    }

    @Test func `is bound to its person also where somebody gives it to another`() async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            let (bob, theirs) = try await bench.other()
            _ = try await bench.house.database.query(
                "update ai_actions set user_id = $1 where id = $2",
                [.text(bob.text), .text(action.id.text)])
            await refuses(.conflict) {
                try await theirs.approve(action.id, digest: try #require(action["digest"].string))
            }
        }
    }

    @Test func `is its person's alone`() async throws {
        try await with(.sqlite) { bench async throws in
            let action = try await bench.propose()
            let theirs = try await bench.other().actions
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
            let summary = try #require(action["summary"].string)
            #expect(
                summary == "Send a message to “Grace (grace@example.org)”: channel “email”; subject “S”; "
                    + "body “Hello”.")
            #expect(
                try await propose("bob@example.org")["preview"]["subject"]
                    == "bob@example.org (in no contact)")
            let renamed = try await propose("grace@example.org")
            try await bench.store.rows(.contacts).update(contact.id, Values(["name": "Eve"]))
            await #expect(throws: Actions.Undone.self) {
                try await bench.actions.approve(
                    renamed.id, digest: try #require(renamed["digest"].string))
            }
            try await bench.store.rows(.contacts).update(contact.id, Values(["name": "Grace"]))
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
