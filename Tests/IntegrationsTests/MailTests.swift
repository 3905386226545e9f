import Core
import Foundation
import Integrations
import Testing

@Suite struct `An e-mail` {
    private func receipt(_ sending: Mail.Sending) throws -> Mail.Receipt {
        guard case .sent(let receipt) = sending else { throw Failure(.broken, "The mail was not sent.") }
        return receipt
    }

    @Test func `goes to the operator's server`() async throws {
        let server = try MailServer()
        let integrations = try Integrations.local(server: "smtp://127.0.0.1:\(server.port)?security=clear")
        let receipt = try receipt(try await integrations.mail.send(.sample()))
        #expect(receipt.reply == "250 2.0.0 queued as 42" && !receipt.isSandbox && receipt.refused.isEmpty)
        let mail = try #require(server.mails.first)
        #expect(mail.contains("Message-ID: <job-42@example.com>\r\n"))
        #expect(mail.contains("Date: Sun, 29 Mar 2026 01:30:00 +0000\r\n"))
        #expect(
            mail.contains("From: \"Atom\" <atom@example.com>\r\n") && mail.contains("Subject: =?UTF-8?B?"))
    }

    @Test func `stays in the sandbox while there is no server`() async throws {
        let outbox = Kept()
        let receipt = try receipt(try await Integrations.local(outbox: outbox).mail.send(.sample()))
        #expect(receipt.isSandbox)
        let letter = try #require(outbox.letters.values.first)
        #expect(letter.id == "<job-42@example.com>" && letter.recipients == ["to@example.com"])
        #expect(letter.sender == "atom@example.com" && letter.subject == "Grüße")
        #expect(String(decoding: letter.content, as: UTF8.self).contains("multipart/alternative"))
    }

    @Test func `says which setting is missing when the sandbox is off`() async throws {
        let integrations = try Integrations.local(isSandboxed: false)
        let failure = await failure { try await integrations.mail.send(.sample()) }
        #expect(failure?.kind == .invalid && failure?.message.contains("ATOM_SMTP_URL") == true)
    }

    @Test(arguments: [
        (MailServer.Step.end, "550 5.7.1 no", Failure.Kind.invalid), (.end, "451 later", .unavailable),
        (.sender, "530 5.7.0 log in", .unauthorized), (.greeting, "421 busy", .unavailable),
    ])
    func `was surely not sent when the server says so`(
        step: MailServer.Step, answer: String, kind: Failure.Kind
    )
        async throws
    {
        var script = MailServer.Script()
        script.answers[step] = answer
        let server = try MailServer(script)
        let integrations = try Integrations.local(server: "smtp://127.0.0.1:\(server.port)?security=clear")
        let failure = await failure { try await integrations.mail.send(.sample()) }
        #expect(failure?.kind == kind)
    }

    @Test func `may have been sent when the last answer is missing`() async throws {
        let server = try MailServer(MailServer.Script(cut: .end))
        let integrations = try Integrations.local(server: "smtp://127.0.0.1:\(server.port)?security=clear")
        guard case .unknown(let failure) = try await integrations.mail.send(.sample()) else {
            Issue.record("It is known what became of the mail.")
            return
        }
        #expect(failure.kind == .unavailable && server.mails.count == 1)
    }

    @Test func `names the recipients that were refused`() async throws {
        var script = MailServer.Script()
        script.recipients = ["b@example.com": "550 5.1.1 nobody"]
        let server = try MailServer(script)
        let integrations = try Integrations.local(server: "smtp://127.0.0.1:\(server.port)?security=clear")
        var message = Mail.Message.sample()
        message.bcc = [Mail.Address("b@example.com")]
        let refused = try receipt(try await integrations.mail.send(message)).refused
        #expect(refused.map(\.recipient) == ["b@example.com"] && refused.allSatisfy(\.isPermanent))
    }

    @Test(
        arguments: [
            { $0.to = [Mail.Address("nobody")] }, { $0.to = [] }, { $0.subject = "a\r\nBcc: x@y.org" },
            { $0.id = "a b" },
            { $0.id = "a@b" }, { $0.id = "" }, { $0.replyTo = Mail.Address("a@b.org", name: "\n") },
            { $0.headers = [(name: "From", value: "x")] },
        ] as [@Sendable (inout Mail.Message) -> Void])
    func `that cannot be sent is refused, also by the sandbox`(
        change: @Sendable (inout Mail.Message) -> Void
    ) async throws {
        let outbox = Kept()
        let integrations = try Integrations.local(outbox: outbox)
        var message = Mail.Message.sample()
        change(&message)
        let wrong = message
        let failure = await failure { try await integrations.mail.send(wrong) }
        #expect(failure?.kind == .invalid && outbox.letters.values.isEmpty)
    }

    @Test func `has a digest that tells a repeat from another mail`() throws {
        let mail = try Integrations.local().mail
        let digest = try mail.digest(of: .sample())
        #expect(try digest.count == 64 && digest == mail.digest(of: .sample()))
        var other = Mail.Message.sample()
        other.bcc = [Mail.Address("hidden@example.com")]
        #expect(try mail.digest(of: other) != digest)
        other = .sample()
        other.text += " "
        #expect(try mail.digest(of: other) != digest)
    }

    @Test func `knows its server by address`() throws {
        for url in [
            "smtp://host", "smtps://user:p%40ss@mail.example.com", "smtp://[::1]:25?security=clear",
            "smtp://host:2525?security=opportunistic", "SMTP://host?security=starttls",
        ] {
            _ = try Mail.Server(url: url)
        }
        for url in [
            "", "host", "http://host", "smtp://", "smtp://host:0", "smtp://host:99999",
            "smtp://host?security=none",
            "smtps://host?security=clear", "smtp://host?security=tls",
        ] {
            #expect(throws: Failure.self, "\(url)") { try Mail.Server(url: url) }
        }
    }
}
