import Automation
import Core
import Integrations
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `A conversation with a model` {
    /// A workspace that is connected to a stand-in, and a person in it.
    private struct Talk {
        let bench: Bench
        let standIn: StandIns
        let store: Store
        let conversation: Item

        func say(_ text: String) async throws {
            try await store.rows(.chatMessages).create(
                Values(["conversation_id": JSON(conversation.id), "content": .string(text), "role": "user"]))
        }

        /// What the conversation holds after the job; the job itself shows nobody what was said.
        func answer() async throws -> JSON {
            let result = try result(of: await bench.attempt(try await claim()))
            #expect(result["text"] == nil)
            let id = try #require(result["message_id"]?.string.flatMap { ID($0) })
            let message = try await store.rows(.chatMessages).require(id)
            return ["text": message["content"], "actions": result["actions"] ?? []]
        }

        /// Takes the job that answers the last message.
        func claim() async throws -> Claim {
            let claim = try await bench.claim("chat_reply", ["conversation_id": JSON(conversation.id)])
            if let last = try await store.rows(.chatMessages).list().first {
                try await store.rows(.chatMessages).update(
                    last.id, Values(["job_id": JSON(claim.envelope.id)]))
            }
            return claim
        }
    }

    private func with(
        _ provider: String = "openai", isConnected: Bool = true, _ body: (Talk) async throws -> Void
    ) async throws {
        let account = "\(ID())"
        let bases = [
            "openai": try StandIns.base("openai") + "/v1", "anthropic": try StandIns.base("anthropic"),
        ]
        try await Bench.with(bases: bases) { bench async throws in
            let user = Store.Users.Entry(
                workspace: bench.house.workspace, email: "ada@example.org", name: "Ada", role: .member)
            try await bench.house.store.users.create(user)
            let store = bench.house.store.scoped(
                Scope(workspace: bench.house.workspace, user: user.id, actor: "user:\(user.id)"))
            if isConnected {
                let key = (provider == "openai" ? "sk-" : "sk-ant-") + account
                _ = try await bench.tools.connections.add(
                    try Providers.named(provider), "Model", ["api_key": key, "model": "stand-in"],
                    through: store)
            }
            let conversation = try await store.rows(.conversations).create(Values(["title": "Talk"]))
            let standIn = StandIns(provider, account: account)
            try await body(Talk(bench: bench, standIn: standIn, store: store, conversation: conversation))
        }
    }

    @Test(arguments: ["openai", "anthropic"])
    func `is told piece by piece and written down whole`(_ provider: String) async throws {
        try await with(provider) { talk async throws in
            try await talk.standIn.act(["mode": "echo", "pace_s": 0.02])
            try await talk.say("one two three")
            let answer = try await talk.answer()
            #expect(answer["text"]?.string == "one two three")
            let written = try await talk.store.rows(.chatMessages).list()
            #expect(written.map { $0["role"].string } == ["assistant", "user"])
            #expect(written[0]["content"] == "one two three")
            let events = try await talk.bench.queue.replay(after: 0).flatMap(\.events)
            let told = events.compactMap(\.detail).filter { $0["text"] != nil }
            #expect(told.count > 1)
            #expect(told.compactMap { $0["text"]?.string }.joined() == "one two three")
            #expect(told.first?["at"] == 0)
        }
    }

    @Test func `looks things up and only proposes`() async throws {
        try await with { talk async throws in
            try await talk.store.rows(.tasks).create(Values(["title": "Dig the pond"]))
            try await talk.standIn.act([
                "mode": "tools", "text": "I propose a task.",
                "calls": [
                    ["name": "list_tasks", "arguments": [:]],
                    ["name": "create_task", "arguments": ["title": "Weed"]],
                    ["name": "drop_tables", "arguments": [:]],
                ],
            ])
            try await talk.say("Please.")
            let answer = try await talk.answer()
            #expect(answer["actions"]?.array?.count == 1)
            #expect(try await talk.store.rows(.tasks).list().count == 1)
            let seen = try await talk.standIn.effects("completion").last?["seen"]?.text ?? ""
            #expect(seen.contains("Dig the pond"))
            #expect(seen.contains("There is no tool"))
            let action = try await talk.store.rows(.actions).list()[0]
            #expect(action["status"] == "awaiting_approval")
            #expect(action["parameters"] == ["title": "Weed"])
        }
    }

    @Test func `is answered once, however often the job runs`() async throws {
        try await with { talk async throws in
            try await talk.standIn.act(["mode": "text", "text": "Yes."])
            try await talk.say("Well?")
            let claim = try await talk.claim()
            let first = try result(of: await talk.bench.attempt(claim))
            #expect(try result(of: await talk.bench.attempt(claim)) == first)
            #expect(try await talk.standIn.effects("completion").count == 1)
        }
    }

    @Test func `is not continued by a job that no message of its person names`() async throws {
        try await with { talk async throws in
            try await talk.say("My secret.")
            let claim = try await talk.bench.claim(
                "chat_reply", ["conversation_id": JSON(talk.conversation.id)])
            let result = try result(of: await talk.bench.attempt(claim))
            #expect(result["skipped"] != nil && result["text"] == nil)
            #expect(try await talk.standIn.effects("completion").isEmpty)
        }
    }

    @Test func `is paid also where it breaks off before its first word`() async throws {
        try await with { talk async throws in
            try await talk.store.rows(.modelSettings).create(
                Values(["prices": ["stand-in": ["input": 1_000_000, "output": 1_000_000]]]),
                id: talk.bench.house.workspace)
            try await talk.standIn.act(["mode": "text", "text": "Yes.", "break_after": 0])
            try await talk.say("Well?")
            _ = await talk.bench.attempt(try await talk.claim())
            let balance = try await talk.store.spending.balance(of: String(Moment.now.text.prefix(10)))
            #expect(balance.spent_micro > 0 && balance.reserved_micro == 0)
            #expect(try await talk.standIn.calls() == 1)
        }
    }

    @Test(arguments: ["openai", "anthropic"])
    func `is paid at its most, as an estimate, where its answer is lost`(_ provider: String) async throws {
        try await with(provider) { talk async throws in
            let price: JSON = ["input": 1_000_000, "output": 1_000_000]
            try await talk.store.rows(.modelSettings).create(
                Values(["prices": ["stand-in": price], "most_tokens": 500]), id: talk.bench.house.workspace)
            try await talk.standIn.act(["mode": "text", "text": "Yes."])
            try await talk.standIn.fault(["kind": "status", "status": 500, "times": 3, "body": [:]])
            let day = String(Moment.now.text.prefix(10))
            try await talk.say("Well?")
            let claim = try await talk.claim()
            _ = await talk.bench.attempt(claim)
            #expect(
                try await talk.store.spending.balance(of: day) == .init(spent_micro: 0, reserved_micro: 0))
            try await talk.standIn.fault(["kind": "drop_after"])
            _ = await talk.bench.attempt(claim)
            let lost = try await talk.store.spending.balance(of: day)
            #expect(lost.spent_micro > 500 && lost.estimated_micro == lost.spent_micro)
            #expect(lost.reserved_micro == 0)
            #expect(try result(of: await talk.bench.attempt(claim))["message_id"] != nil)
            let paid = try await talk.store.spending.balance(of: day)
            #expect(paid.spent_micro > lost.spent_micro && paid.estimated_micro == lost.spent_micro)
            #expect(try await talk.standIn.calls() == 5)
        }
    }

    @Test func `survives a server that counts beyond all bounds`() async throws {
        try await with { talk async throws in
            let price: JSON = ["input": 1_000_000_000_000, "output": 1_000_000_000_000]
            try await talk.store.rows(.modelSettings).create(
                Values(["prices": ["stand-in": price]]), id: talk.bench.house.workspace)
            try await talk.standIn.act([
                "mode": "text", "text": "Yes.",
                "usage": ["input": .integer(.max), "output": .integer(.max)],
            ])
            try await talk.say("Well?")
            #expect(try await talk.answer()["text"]?.string == "Yes.")
        }
    }

    @Test func `goes on without a model`() async throws {
        try await with(isConnected: false) { talk async throws in
            try await talk.say("Well?")
            let text = try await talk.answer()["text"]?.string
            #expect(text?.hasPrefix("No language model is connected") == true)
        }
    }

    @Test func `falls back to the next model`() async throws {
        try await with { talk async throws in
            let settings: JSON = [
                ["provider": "openai", "model": "missing-model"],
                ["provider": "openai", "model": "stand-in"],
            ]
            try await talk.store.rows(.modelSettings).create(
                Values(["models": settings]), id: talk.bench.house.workspace)
            try await talk.standIn.act(["mode": "text", "text": "Yes."])
            try await talk.say("Well?")
            #expect(try await talk.answer()["text"]?.string == "Yes.")
        }
    }

    @Test func `is paid from the budget, and refused beyond it`() async throws {
        try await with { talk async throws in
            let price: JSON = ["input": 1_000_000, "output": 1_000_000]
            try await talk.store.rows(.modelSettings).create(
                Values(["prices": ["stand-in": price], "day_budget_micro": 24_000]),
                id: talk.bench.house.workspace)
            try await talk.standIn.act([
                "mode": "text", "text": "Yes.", "usage": ["input": 20_000, "output": 50],
            ])
            try await talk.say("Well?")
            #expect(try await talk.answer()["text"]?.string == "Yes.")
            let day = String(Moment.now.text.prefix(10))
            #expect(
                try await talk.store.spending.balance(of: day)
                    == .init(spent_micro: 20_050, reserved_micro: 0))
            try await talk.say("And now?")
            let failure = try death(of: await talk.bench.attempt(try await talk.claim()))
            #expect(failure.kind == .limited)
            #expect(failure.message.contains("budget"))
            #expect(try await talk.standIn.effects("completion").count == 1)
        }
    }

    @Test func `keeps of an analysis only what its findings carry`() async throws {
        try await with { talk async throws in
            try await talk.store.rows(.tasks).create(
                Values(["title": "Dig", "due_date": JSON(Moment.now + .seconds(-20 * 86_400))]))
            let wrong = #"{"sentences": "none"}"#
            let right =
                #"{"sentences": [{"text": "Dig is late.", "findings": ["f1"]}, "#
                + #"{"text": "Buy gold.", "findings": []}]}"#
            try await talk.standIn.act(["mode": "form", "texts": [.string(wrong), .string(right)]])
            let claim = try await talk.bench.claim("analyze_workspace", ["prose": true])
            let prose = try result(of: await talk.bench.attempt(claim))["prose"]
            #expect(prose?["text"]?.string == "Dig is late.")
            #expect(prose?["dropped_sentences"] == 1)
            #expect(try await talk.standIn.effects("completion").count == 2)
        }
    }
}
