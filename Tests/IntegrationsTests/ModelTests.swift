import Core
import Curl
import Integrations
import TestHouse
import Testing

@Suite struct `A language model` {
    static let providers = ["openai", "anthropic"]

    private func with(
        _ provider: String, model name: String = "stand-in",
        _ body: (Model, StandIns) async throws -> Void
    ) async throws {
        let account = "\(ID())"
        let chosen = try StandIns.base(provider) + (provider == "openai" ? "/v1" : "")
        let integrations = Integrations(
            .init(mail: .init(sender: .init("atom@example.org")), bases: [provider: chosen]), outbox: Kept())
        let key = (provider == "openai" ? "sk-" : "sk-ant-") + account
        let line = try integrations.line(to: try Providers.named(provider), Credentials(["api_key": key]))
        var model = try Model(name, over: line)
        model.patience.pause = .milliseconds(10)
        try await body(model, StandIns(provider, account: account))
        integrations.close()
    }

    private func asked(_ text: String) -> Prompt { Prompt(system: "Be brief.", turns: [.user(text)]) }

    @Test(arguments: providers)
    func `streams its text and says what it took`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.act(["mode": "echo", "usage": ["input": 120, "output": 7, "cached": 20]])
            var pieces: [String] = []
            let reply = try await model.reply(to: asked("Hello there, Zoë 😀")) { pieces.append($0) }
            #expect(reply.text == "Hello there, Zoë 😀")
            #expect(pieces.joined() == reply.text)
            #expect(reply.usage == .init(input: 120, cached: 20, output: 7))
            #expect(reply.model == "stand-in")
            #expect(reply.stop == .end)
        }
    }

    @Test(arguments: providers)
    func `asks for tools and hears what they said`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.act([
                "mode": "tools", "text": "Two.",
                "calls": [
                    ["name": "look", "arguments": ["q": "a \"quote\" and ä"]],
                    ["name": "look", "arguments": [:]],
                ],
            ])
            var prompt = asked("How many?")
            prompt.tools = [.init("look", "Looks.", schema: ["type": "object", "properties": [:]])]
            let first = try await model.reply(to: prompt) { _ in }
            #expect(first.stop == .tools)
            #expect(first.calls.map(\.name) == ["look", "look"])
            let arguments = try first.calls.map { try JSONParser.parse(Array($0.arguments.utf8)) }
            #expect(arguments == [["q": "a \"quote\" and ä"], [:]])
            prompt.turns += [
                .assistant(first.text, calls: first.calls),
                .results(first.calls.map { ToolResult(call: $0.id, text: "1") }),
            ]
            #expect(try await model.reply(to: prompt) { _ in }.text == "Two.")
        }
    }

    @Test(arguments: providers)
    func `is asked again while nothing was told, and not after`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.act(["mode": "text", "text": "one two three four"])
            try await standIn.fault(["kind": "status", "status": 529, "times": 2, "body": [:]])
            #expect(try await model.reply(to: asked("x")) { _ in }.text == "one two three four")
            #expect(try await standIn.calls() == 3)
            for script: JSON in [
                ["mode": "text", "text": "one two three four", "break_after": 2, "pace_s": 0.1],
                ["mode": "text", "text": "one two three four", "fail_after": 2, "pace_s": 0.1],
            ] {
                let before = try await standIn.calls()
                try await standIn.act(script)
                var told = ""
                let failure = await failure { try await model.reply(to: asked("x")) { told += $0 } }
                #expect(failure?.kind == .unavailable)
                #expect(told == "one two")
                #expect(try await standIn.calls() == before + 1)
            }
        }
    }

    @Test(arguments: providers)
    func `says what is final`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            let error: [JSON.Member] = [
                .init("message", "No money."),
                provider == "openai" ? .init("code", "insufficient_quota") : .init("type", "billing_error"),
            ]
            let quota: JSON = ["error": .object(error)]
            try await standIn.fault(["kind": "status", "status": 429, "body": quota])
            let spent = await failure { try await model.reply(to: asked("x")) { _ in } }
            #expect(spent?.kind == .invalid)
            #expect(spent?.message.contains("No money.") == true)
            try await standIn.fault([
                "kind": "status", "status": 500, "headers": ["x-should-retry": "false"], "body": [:],
            ])
            #expect(
                await failure { try await model.reply(to: asked("x")) { _ in } }?.isWorthRetrying == false)
            #expect(try await standIn.calls() == 2)
            try await standIn.fault([
                "kind": "status", "status": 429, "headers": ["retry-after": "30"], "body": [:],
            ])
            let limited = await failure { try await model.reply(to: asked("x")) { _ in } }
            #expect(limited?.kind == .limited)
            #expect(limited?.retryAfter == .seconds(30))
            // Whose server it is may ask for anything, and ends no process with it.
            for (name, value): (String, JSON) in [
                ("retry-after", "1e300"), ("retry-after-ms", "1e300"), ("retry-after", "inf"),
            ] {
                try await standIn.fault([
                    "kind": "status", "status": 429, "headers": .object([.init(name, value)]), "body": [:],
                ])
                let endless = await failure { try await model.reply(to: asked("x")) { _ in } }
                #expect(endless?.kind == .limited && endless?.retryAfter == .seconds(86_400))
            }
        }
    }

    @Test(arguments: providers)
    func `is given up when it falls silent`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.act([
                "mode": "text", "text": "one two", "silent_after": 1, "silence_s": 30,
            ])
            var model = model
            model.patience.silence = .milliseconds(300)
            let failure = await failure { try await model.reply(to: asked("x")) { _ in } }
            #expect(failure?.message.contains("said nothing") == true)
        }
    }

    @Test(arguments: providers)
    func `is made once where its answer is lost, for it may be billed`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.act(["mode": "text", "text": "one two three four"])
            var model = model
            model.patience.firstByte = .seconds(3)
            for fault: JSON in [["kind": "drop_after"], ["kind": "slow", "seconds": 8]] {
                let before = try await standIn.calls()
                try await standIn.fault(fault)
                let (failure, extents) = await fate(of: model)
                #expect(failure?.kind == .unavailable)
                #expect(extents == [.unknown], "\(fault.text)")
                #expect(try await standIn.calls() == before + 1)
            }
        }
    }

    @Test(arguments: providers)
    func `says how much of it is billed`(_ provider: String) async throws {
        try await with(provider) { model, standIn in
            try await standIn.fault(["kind": "status", "status": 500, "times": 3, "body": [:]])
            #expect(await fate(of: model).extents == [.unknown, .none, .unknown, .none, .unknown, .none])
            try await standIn.act(["mode": "text", "text": "one two three", "break_after": 0])
            #expect(await fate(of: model).extents == [.unknown])
            try await standIn.act(["mode": "text", "text": "one two three", "break_after": 2, "pace_s": 0.1])
            #expect(await fate(of: model).extents.last == .heard(7))
            let call: JSON = ["name": "look", "arguments": ["q": "a longer text, ä"]]
            try await standIn.act(["mode": "tools", "text": "Two.", "calls": [call]])
            var prompt = asked("x")
            prompt.tools = [.init("look", "Looks.", schema: ["type": "object", "properties": [:]])]
            var extent = Model.Extent.none
            let reply = try await model.reply(to: prompt, note: { extent = $0 }) { _ in }
            #expect(extent == .heard(try #require(reply.calls.first).arguments.utf8.count))
        }
    }

    private func fate(of model: Model) async -> (failure: Failure?, extents: [Model.Extent]) {
        var extents: [Model.Extent] = []
        let prompt = asked("x")
        let failure = await failure {
            try await model.reply(to: prompt, note: { extents.append($0) }) { _ in }
        }
        return (failure, extents)
    }

    @Test(arguments: providers, [false, true])
    func `is hung up on when it is cancelled, however silent it is`(
        _ provider: String, hasBegun: Bool
    ) async throws {
        try await with(provider) { model, standIn in
            let silence: JSON = ["mode": "text", "text": "one two", "silent_after": 0, "silence_s": 50]
            try await standIn.act(silence)
            if !hasBegun { try await standIn.fault(["kind": "hold"]) }
            let prompt = asked("x")
            let asking = Task { try await model.reply(to: prompt) { _ in } }
            try await until { () async throws in
                hasBegun
                    ? try await !standIn.effects("opened").isEmpty : try await standIn.held().waiting == 1
            }
            asking.cancel()
            await #expect(throws: CancellationError.self) { try await asking.value }
            try await until { () async throws in
                hasBegun ? try await !standIn.effects("closed").isEmpty : try await standIn.held().left == 1
            }
        }
    }

    /// Waits for a fact, for less time than the silence and every patience of a model last.
    private func until(_ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while try await !isSo() {
            try #require(ContinuousClock.now < end, "it did not come to pass")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
