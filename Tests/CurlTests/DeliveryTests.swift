import Curl
import Foundation
import Testing

@Suite struct `A mail on its way` {
    private let curl = Curl()

    private func undelivered(_ mail: Curl.Mail, _ relay: Curl.Relay) async -> Curl.Undelivered? {
        do {
            _ = try await curl.deliver(mail, through: relay)
            return nil
        } catch { return error as? Curl.Undelivered }
    }

    @Test func `arrives as it was written`() async throws {
        let server = try MailServer()
        let mail = try Curl.Mail.sample(to: ["a@example.com", "b@example.com", "a@example.com"])
        let receipt = try await curl.deliver(mail, through: .plain(server.port))
        #expect(
            receipt.reply.code == 250 && receipt.reply.text == "2.0.0 queued as 42" && receipt.refused.isEmpty
        )
        #expect(receipt.metrics.bytesUp > 0 && receipt.metrics.peer == "127.0.0.1:\(server.port)")
        #expect(server.mails == [String(decoding: try mail.rendered().dropLast(2), as: UTF8.self)])
        let recipients = server.commands.filter { $0.hasPrefix("RCPT") }
        #expect(recipients == ["RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"])
        #expect(server.commands.first == "EHLO localhost")
        #expect(server.commands.contains { $0.hasPrefix("MAIL FROM:<from@example.com>") })
    }

    @Test func `is not sent where it is not wanted any more when the server listens`() async throws {
        let server = try MailServer()
        await #expect {
            try await curl.deliver(try .sample(), through: .plain(server.port)) { false }
        } throws: { ($0 as? Curl.Undelivered)?.certainty == .transient }
        #expect(server.mails.isEmpty && !server.commands.contains { $0.hasPrefix("MAIL") })
    }

    @Test func `follows another over the same connection`() async throws {
        let server = try MailServer()
        let first = try await curl.deliver(try .sample(), through: .plain(server.port))
        let second = try await curl.deliver(try .sample(), through: .plain(server.port))
        #expect(!first.metrics.isReused && second.metrics.isReused)
        #expect(server.commands.filter { $0.hasPrefix("EHLO") }.count == 1 && server.mails.count == 2)
    }

    @Test(arguments: [MailServer.Step.greeting, .hello, .sender, .recipient, .data], [false, true])
    func `was surely not taken when the connection breaks before its text`(
        step: MailServer.Step, resets: Bool
    )
        async throws
    {
        let server = try MailServer(MailServer.Script(cut: step, resets: resets))
        #expect(await undelivered(try .sample(), .plain(server.port))?.certainty == .transient)
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [false, true])
    func `was surely not taken when the connection breaks within its text`(resets: Bool) async throws {
        let server = try MailServer(MailServer.Script(cut: .body, resets: resets))
        #expect(await undelivered(try .long(), .plain(server.port))?.certainty == .transient)
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [MailServer.Step.end, .verdict], [false, true])
    func `may have been taken when the connection breaks before the last answer`(
        step: MailServer.Step, resets: Bool
    )
        async throws
    {
        let server = try MailServer(MailServer.Script(cut: step, resets: resets))
        let mail = try step == .end ? Curl.Mail.long() : .sample()
        #expect(await undelivered(mail, .plain(server.port))?.certainty == .ambiguous)
        #expect(server.mails.count == 1)
    }

    @Test(arguments: [false, true])
    func `was taken when the connection breaks after the last answer`(resets: Bool) async throws {
        let server = try MailServer(MailServer.Script(cut: .goodbye, resets: false))
        #expect(try await curl.deliver(try .sample(), through: .plain(server.port)).reply.code == 250)
    }

    @Test(arguments: [
        (MailServer.Step.greeting, "421 busy", Curl.Undelivered.Certainty.transient),
        (.greeting, "554 no", .permanent),
        (.sender, "451 later", .transient), (.sender, "550 5.7.1 no", .permanent),
        (.recipient, "450 4.2.1 later", .transient), (.recipient, "550 5.1.1 nobody", .permanent),
        (.data, "421 4.3.2 closing", .transient), (.data, "554 5.5.1 no", .permanent),
        (.end, "451 4.3.0 later", .transient), (.end, "552 5.3.4 too big", .permanent),
        (.end, "554-5.7.1 spam\r\n554 5.7.1 really", .permanent),
    ])
    func `was not taken when the server says so`(
        step: MailServer.Step, answer: String, certainty: Curl.Undelivered.Certainty
    ) async throws {
        var script = MailServer.Script()
        script.answers[step] = answer
        let server = try MailServer(script)
        let error = await undelivered(try .sample(), .plain(server.port))
        #expect(error?.certainty == certainty)
        #expect(error?.reply?.code == Int(answer.prefix(3)))
    }

    @Test func `reaches the recipients that are not refused`() async throws {
        var script = MailServer.Script()
        script.recipients = ["b@example.com": "550 5.1.1 nobody", "c@example.com": "450 4.2.1 later"]
        let server = try MailServer(script)
        let mail = try Curl.Mail.sample(to: ["a@example.com", "b@example.com", "c@example.com"])
        let receipt = try await curl.deliver(mail, through: .plain(server.port))
        #expect(receipt.refused.map(\.recipient) == ["b@example.com", "c@example.com"])
        #expect(receipt.refused.map(\.reply.code) == [550, 450] && server.mails.count == 1)
    }

    @Test func `may be tried again when one of the refused may be taken later`() async throws {
        var script = MailServer.Script()
        script.recipients = ["a@example.com": "550 5.1.1 nobody", "b@example.com": "450 4.2.1 later"]
        let server = try MailServer(script)
        let error = await undelivered(
            try .sample(to: ["a@example.com", "b@example.com"]), .plain(server.port))
        #expect(error?.certainty == .transient && error?.refused.count == 2 && server.mails.isEmpty)
    }

    @Test(arguments: [
        (MailServer.Step.sender, Curl.Undelivered.Certainty.transient), (.end, .ambiguous),
    ])
    func `waits for an answer only so long`(
        step: MailServer.Step, certainty: Curl.Undelivered.Certainty
    ) async throws {
        let script = MailServer.Script(silent: step)
        let server = try MailServer(script)
        defer { script.gate.open() }
        var relay = Curl.Relay.plain(server.port)
        relay.timeouts.reply = .seconds(1)
        #expect(await undelivered(try .sample(), relay)?.certainty == certainty)
    }

    @Test func `is torn off, not ended, when it is cancelled within its text`() async throws {
        let script = MailServer.Script(silent: .body)
        let server = try MailServer(script)
        let curl = curl
        let task = Task { try await curl.deliver(try .long(), through: .plain(server.port)) }
        while !server.events.values.contains(.silent) {
            _ = await server.events.wait(for: server.events.values.count + 1)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        script.gate.open()
        while !server.events.values.contains(.torn) {
            _ = await server.events.wait(for: server.events.values.count + 1)
        }
        #expect(server.mails.isEmpty)
    }

    @Test func `may have been taken when it is cancelled before the last answer`() async throws {
        let script = MailServer.Script(silent: .end)
        let server = try MailServer(script)
        defer { script.gate.open() }
        let curl = curl
        let task = Task { try await curl.deliver(try .sample(), through: .plain(server.port)) }
        while !server.events.values.contains(.silent) {
            _ = await server.events.wait(for: server.events.values.count + 1)
        }
        task.cancel()
        let error = await #expect(throws: Curl.Undelivered.self) { try await task.value }
        #expect(error?.certainty == .ambiguous)
    }

    @Test func `does not hold up web transfers while its server is slow`() async throws {
        let script = MailServer.Script(silent: .end)
        let server = try MailServer(script)
        let web = try Server { peer in
            _ = peer.request()
            peer.answer("200 OK")
        }
        async let receipt = curl.deliver(try .sample(), through: .plain(server.port))
        while !server.events.values.contains(.silent) {
            _ = await server.events.wait(for: server.events.values.count + 1)
        }
        #expect(try await curl.send(.local("GET", web.url())).status == 200)
        script.gate.open()
        #expect(try await receipt.reply.code == 250)
    }

    @Test func `is one of many, each delivered once`() async throws {
        let server = try MailServer()
        let curl = curl
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask {
                    _ = try await curl.deliver(
                        try .sample(subject: "mail \(index)."), through: .plain(server.port))
                }
            }
            try await group.waitForAll()
        }
        for index in 0..<60 {
            #expect(server.mails.filter { $0.contains("Subject: mail \(index).\r\n") }.count == 1)
        }
        #expect(server.commands.filter { $0.hasPrefix("EHLO") }.count <= 4)
    }

    @Test func `is not sent where the guard forbids it or nobody listens`() async throws {
        let server = try MailServer()
        var relay = Curl.Relay.plain(server.port)
        relay.addresses = .publicOnly
        #expect(await undelivered(try .sample(), relay)?.certainty == .permanent)
        #expect(server.commands.isEmpty)
        let silence = try Silence()
        #expect(await undelivered(try .sample(), .plain(silence.port))?.certainty == .transient)
    }

    @Test func `never shows a password in the clear`() async throws {
        let server = try MailServer()
        var relay = Curl.Relay.plain(server.port)
        relay.credentials = Curl.Relay.Credentials(user: "u", password: "secret")
        for security in [Curl.Relay.Security.clear, .opportunistic] {
            relay.security = security
            #expect(await fault { try await curl.deliver(try .sample(), through: relay) } == .invalid)
        }
        relay.security = .startTLS
        #expect(await undelivered(try .sample(), relay)?.certainty == .transient)
        #expect(!server.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
    }
}
