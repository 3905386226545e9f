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

@Suite struct `The job send_message` {
    private let mail = Values([
        "channel": "email", "to": ["ada@example.org"], "subject": "Grüße", "body": "<p>Hello &amp; all.</p>",
        "format": "html",
    ])

    private func store(_ bench: Bench) -> Store {
        bench.house.store.scoped(Scope(workspace: bench.house.workspace))
    }

    /// A message and the job that is to send it.
    private func promised(
        _ bench: Bench, _ values: Values, at time: Moment? = nil
    ) async throws -> (message: Item, claim: Claim) {
        let id = ID()
        let claim = try await bench.claim("send_message", ["message_id": JSON(id)])
        let message = try await store(bench).messages.promise(
            values, id: id, to: claim.envelope.id, at: time)
        return (message, claim)
    }

    @Test(arguments: Engine.allCases)
    func `delivers a mail to the sandbox and writes down the receipt`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let (message, claim) = try await promised(bench, mail)
            #expect(message.status == .queued)
            let receipt = try result(of: await bench.attempt(claim))
            #expect(receipt["sandbox"]?.bool == true)
            let sent = try await store(bench).rows(.messages).require(message.id)
            #expect(sent.status == .sent)
            #expect(sent["receipt"] == receipt)
            #expect(sent["external_id"].string == message.id.text)
            #expect(sent.values.time("sent_at") != nil)
            let letters = try await bench.house.store.sandbox.list(bench.house.workspace)
            #expect(letters.map(\.recipient) == ["ada@example.org"])
            #expect(letters.first?.raw.contains("Hello & all.") == true)
            let changes = try await store(bench).journal.history(
                .init(bench.house.workspace, message.id), noun: "message")
            #expect(changes.map(\.event) == ["message:updated", "message:new"])
            #expect(changes.first?.actor == "job:\(claim.envelope.id)")
        }
    }

    @Test(arguments: [
        ("whatsapp", "+4930123456", "text"), ("sms", "+4930123456", "text"),
        ("telegram", "@ada_l", "markdown"),
        ("slack", "#general", "markdown"), ("discord", "123", "markdown"), ("teams", "general", "text"),
    ])
    func `keeps the other channels in the sandbox`(
        _ channel: String, _ to: String, _ format: String
    ) async throws {
        try await Bench.with { bench async throws in
            let (message, claim) = try await promised(
                bench,
                Values([
                    "channel": .string(channel), "to": [.string(to)], "body": "Hello",
                    "format": .string(format),
                ]))
            let receipt = try result(of: await bench.attempt(claim))
            #expect(receipt["provider"]?.string == "sandbox")
            let kept = try await bench.house.store.sandbox.list(bench.house.workspace, channel: channel)
            #expect(kept.map(\.recipient) == [to])
            #expect(kept.map(\.body) == ["Hello"])
            #expect(try await store(bench).rows(.messages).require(message.id).status == .sent)
        }
    }

    @Test func `sends files along, and says which is missing`() async throws {
        try await Bench.with { bench async throws in
            var values = mail
            values["files"] = [JSON(try bench.upload("%PDF-1.7 the bill"))]
            let (_, claim) = try await promised(bench, values)
            _ = try result(of: await bench.attempt(claim))
            let raw = try await bench.house.store.sandbox.list(bench.house.workspace).first?.raw
            #expect(raw?.contains("file-1") == true)
            #expect(raw?.contains("JVBERi0xLjcgdGhlIGJpbGw") == true)
            values["files"] = [JSON(ID())]
            let (_, other) = try await promised(bench, values)
            #expect(try death(of: await bench.attempt(other)).message.contains("There is no upload"))
        }
    }

    @Test func `sends nothing a second time, nor what was cancelled or deleted`() async throws {
        try await Bench.with { bench async throws in
            let sandbox = bench.house.store.sandbox
            let (_, first) = try await promised(bench, mail)
            _ = try result(of: await bench.attempt(first))
            #expect(try result(of: await bench.attempt(first))["skipped"] != nil)
            let (later, second) = try await promised(bench, mail, at: Moment.now + .seconds(3_600))
            #expect(later.status == .scheduled)
            let cancelled = try await store(bench).messages.cancel(later.id)
            #expect(cancelled.message.status == .draft)
            #expect(cancelled.job == second.envelope.id)
            #expect(try result(of: await bench.attempt(second))["skipped"] != nil)
            let (gone, third) = try await promised(bench, mail, at: Moment.now + .seconds(3_600))
            try await store(bench).rows(.messages).delete(gone.id)
            #expect(try result(of: await bench.attempt(third))["skipped"] != nil)
            #expect(try await sandbox.list(bench.house.workspace).count == 1)
        }
    }

    @Test func `gives up on a call of unknown end, and ends as it was resolved`() async throws {
        try await Bench.with { bench async throws in
            let (message, claim) = try await promised(bench, mail)
            let dispatch = try await Dispatch(message, bench.tools, in: bench.house.workspace)
            let effect = try await dispatch.effects(job: claim.envelope.id, attempt: 1)[0]
            // An attempt that died between its intent and its receipt.
            _ = try await bench.tools.ledger.once(effect) { .unclear(Failure(.unavailable, "lost")) }
            let death = try death(of: await bench.attempt(claim))
            #expect(death.message.hasPrefix("unknown"))
            await Runner(catalogue, tools: bench.tools, log: .quiet).exhausted(
                claim, death, reporter: Report(claim, in: bench.queue))
            let failed = try await store(bench).rows(.messages).require(message.id)
            #expect(failed.status == .failed)
            #expect(failed["error"].string?.hasPrefix("unknown") == true)
            try await bench.house.store.effects.resolve(
                bench.house.workspace, key: effect.key, as: .sent(receipt: "{\"id\":\"x1\"}"))
            _ = try result(of: await bench.attempt(claim))
            let sent = try await store(bench).rows(.messages).require(message.id)
            #expect(sent.status == .sent)
            #expect(sent["external_id"].string == "x1")
            #expect(sent["error"] == .null)
            #expect(try await bench.house.store.sandbox.list(bench.house.workspace).isEmpty)
        }
    }

    @Test func `says that it may have been sent, whatever it ended of`() async throws {
        try await Bench.with { bench async throws in
            let (message, claim) = try await promised(bench, mail)
            let effect = try await intent(of: message, by: claim.envelope.id, bench)
            let death = Failure(.broken, "The worker died of it.")
            await Runner(catalogue, tools: bench.tools, log: .quiet).exhausted(
                claim, death, reporter: Report(claim, in: bench.queue))
            let failed = try await store(bench).rows(.messages).require(message.id)
            #expect(failed.status == .failed)
            #expect(failed["error"].string == Advice.lastWord(effect.key))
            let unknown = try await store(bench).effects.list(bench.house.workspace, .unknown)
            #expect(unknown.map(\.key) == [effect.key])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is found out of by the sweep when its job never runs again`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let (held, claim) = try await promised(bench, mail)
            _ = try await intent(of: held, by: claim.envelope.id, bench)
            // The queue has never heard of this one's job, or has forgotten it.
            let job = ID()
            let left = try await store(bench).messages.promise(mail, to: job)
            let effect = try await intent(of: left, by: job, bench)
            let sweep = LedgerSweep(bench.house.store, queues: { [bench.queue] }, log: .quiet)
            #expect(try await sweep.sweep() == 0, "They are too young.")
            let later = Moment.now + LedgerSweep.patience + .seconds(1)
            #expect(try await sweep.sweep(at: later) == 1)
            #expect(try await sweep.sweep(at: later) == 0)
            let unknown = try await store(bench).effects.list(bench.house.workspace, .unknown)
            #expect(unknown.map(\.key) == [effect.key])
            #expect(unknown.first.flatMap(Advice.of) != nil)
            let messages = store(bench).rows(.messages)
            let failed = try await messages.require(left.id)
            #expect(failed.status == .failed)
            #expect(failed["error"].string == Advice.lastWord(effect.key))
            #expect(try await messages.require(held.id).status == .queued)
        }
    }

    /// Writes the intent of a message's call, as an attempt does right before it.
    private func intent(of message: Item, by job: ID, _ bench: Bench) async throws -> Effect {
        let dispatch = try await Dispatch(message, bench.tools, in: bench.house.workspace)
        let effect = try await dispatch.effects(job: job, attempt: 1)[0]
        let intent = Store.Effects.Intent(
            provider: effect.provider, requestHash: "h", job: job, attempt: 1)
        _ = try await bench.house.store.effects.begin(bench.house.workspace, key: effect.key, intent)
        return effect
    }

    @Test func `names the setting that is missing when there is no sandbox`() async throws {
        let settings = Mail.Settings(sender: .init("atom@example.org"), isSandboxed: false)
        try await Bench.with(mail: settings) { bench async throws in
            let sms = Values(["channel": "sms", "to": ["+4930123456"], "body": "x"])
            for values in [mail, sms] {
                let (_, claim) = try await promised(bench, values)
                let failure = try death(of: await bench.attempt(claim))
                #expect(failure.message.contains("ATOM_SANDBOX"))
            }
        }
    }
}
