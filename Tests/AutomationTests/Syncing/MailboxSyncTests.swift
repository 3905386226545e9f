import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A mailbox that is read` {
    private func with(
        _ engine: Engine = .sqlite, allowing networks: [String] = ["127.0.0.1/32"],
        _ body: (SyncHouse) async throws -> Void
    ) async throws {
        let port = try #require(
            try await StandIns("imap", account: "any").act(["port": true])["port"]?.integer)
        try await SyncHouse.with(
            .imap, ("password", "secret-"),
            [
                "host": "127.0.0.1", "port": "\(port)", "security": "clear", "user": "atom@example.org",
            ], on: engine, allowing: networks
        ) { house in
            guard !networks.isEmpty else { return try await body(house) }
            // The first reading finds out where the mailbox ends, and leaves what is older where it is.
            try await house.stand.act(["deliver": "Subject: old\n\nold"])
            #expect(try await house.read().created == 0)
            try await body(house)
        }
    }

    private func deliver(_ lines: String..., to house: SyncHouse) async throws {
        try await house.stand.act(["deliver": .string(lines.joined(separator: "\n"))])
    }

    @Test(arguments: Engine.allCases)
    func `brings what is new into the thread that it answers`(_ engine: Engine) async throws {
        try await with(engine) { house in
            let sent = try await house.store.rows(.messages).create(
                Values([
                    "channel": "email", "direction": "out", "to": ["ada@example.org"], "subject": "Invoice",
                    "body": "Here it is.", "sent_at": JSON(Moment.now),
                ]))
            try await deliver(
                "From: Ada <Ada@Example.org>", "To: atom@example.org",
                "Subject: =?utf-8?Q?Re:_Gr=C3=BC=C3=9Fe?=",
                "Message-ID: <m1@example.org>", "In-Reply-To: <\(sent.id)@atom.example.org>",
                "Date: Fri, 21 Nov 2025 10:00:00 +0100", "", "Thank you.", to: house)
            try await deliver(
                "From: ada@example.org", "Subject: Something else", "Message-ID: <m2@example.org>",
                "References: <m0@example.org> <m1@example.org>", "Content-Type: text/html", "",
                "<p>More &amp; more</p>",
                to: house)
            #expect(try await house.read().created == 2)
            let first = try await house.item(.messages, "external_id", "m1@example.org")
            #expect(first["in_reply_to"] == JSON(sent.id))
            #expect(first["thread_id"] == sent["thread_id"])
            #expect(first["subject"] == "Re: Grüße")
            #expect(first["body"] == "Thank you.")
            #expect(first["from_address"] == "ada@example.org")
            #expect(first["status"] == "received")
            #expect(first["sent_at"] == "2025-11-21T09:00:00.000Z")
            #expect(first["connection_id"] == JSON(house.connection.id))
            #expect(first["receipt"]["automatic"] == false)
            let second = try await house.item(.messages, "external_id", "m2@example.org")
            #expect(second["thread_id"] == sent["thread_id"])
            #expect(second["body"].string?.contains("More & more") == true)
            #expect(try await house.read() == SyncTally())
            #expect(try await house.stand.effects("change").isEmpty)
        }
    }

    @Test func `loses and repeats nothing when each step ends in a crash`() async throws {
        try await with { house in
            for number in 1...45 {
                try await deliver(
                    "From: ada@example.org", "Subject: \(number)", "Message-ID: <n\(number)@example.org>", "",
                    "text", to: house)
            }
            try await house.read(by: Stumbling(try house.sync))
            #expect(try await house.items(.messages).count == 45)
            try await house.stand.act(["renumber": true])
            let again = try await house.read()
            #expect(again.created == 1)
            // Numbered anew, everything of these days is read again; what is here stays as it is, and the
            // mail that was there before the beginning comes too.
            #expect(again.unchanged == 45)
        }
    }

    @Test func `tells of mails that came back, and of those that machines wrote`() async throws {
        try await with { house in
            let sent = try await house.store.rows(.messages).create(
                Values([
                    "channel": "email", "direction": "out", "to": ["bob@example.org"], "subject": "Hi",
                    "body": "Hi.", "sent_at": JSON(Moment.now),
                ]))
            try await deliver(
                "From: MAILER-DAEMON@example.org", "Subject: Undelivered", "Message-ID: <b1@example.org>",
                "Auto-Submitted: auto-replied",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "", "--b",
                "Content-Type: text/plain", "", "Sorry.", "--b", "Content-Type: message/delivery-status", "",
                "Reporting-MTA: dns; mx.example.org", "", "Final-Recipient: rfc822; bob@example.org",
                "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 no such user", "", "--b",
                "Content-Type: message/rfc822", "", "Message-ID: <\(sent.id)@atom.example.org>", "", "Hi.",
                "--b--", to: house)
            try await deliver(
                "From: bob@example.org", "Subject: Away", "Message-ID: <a1@example.org>",
                "Auto-Submitted: auto-replied", "", "I am away.", to: house)
            try await house.read()
            let failed = try await house.store.rows(.messages).require(sent.id)
            #expect(failed["status"] == "failed")
            #expect(failed["error"].string?.contains("550 no such user") == true)
            let away = try await house.item(.messages, "external_id", "a1@example.org")
            #expect(away["receipt"]["automatic"] == true)
            #expect(try await house.items(.messages).count == 2)
        }
    }

    @Test func `is not reached in a network of ours, whatever the operator chose for the provider`()
        async throws
    {
        try await with(allowing: []) { house async throws in
            // What the house says of the provider is another server, but the workspace names the host.
            await #expect {
                try await house.read()
            } throws: { error in
                "\(error)".contains("address")
            }
            #expect(try await house.stand.effects("login").isEmpty)
        }
    }

    @Test func `that lets nobody in says so, without the password`() async throws {
        try await with { house in
            let row = try await house.tools.connections.add(
                .imap, "Other",
                [
                    "host": "127.0.0.1", "port": house.connection.settings["port"]?.string ?? "",
                    "security": "clear", "user": "atom@example.org", "password": "hunter2hunter2",
                ], through: house.store)
            let other = try await house.tools.connections.open(row.id, in: house.house.workspace)
            await #expect {
                _ = try await SyncRun(other, house.tools).step("INBOX")
            } throws: { error in
                (error as? Failure)?.kind == .unauthorized && !"\(error)".contains("hunter2")
            }
        }
    }
}
