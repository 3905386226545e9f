import Automation
import Core
import Integrations
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `A delivery of Twilio` {
    private let text =
        "MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B4930123456&To=whatsapp%3A%2B14155238886"
        + "&Body=Hello+%F0%9F%91%8B&NumMedia=1&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fm1"
        + "&MediaContentType0=image%2Fjpeg&ProfileName=Ada"

    @Test(arguments: Engine.allCases)
    func `becomes a message of the contact, in the thread of what was sent`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let caller = try await Caller(bench, .twilio, ["account_sid": "AC1", "auth_token": "t"])
            let contact = try await caller.store.rows(.contacts).create(
                Values(["name": "Ada", "phones": ["+4930123456"]]))
            let sent = try await caller.store.rows(.messages).create(
                Values([
                    "channel": "whatsapp", "direction": "out", "to": ["+4930123456"], "body": "Hi",
                    "sent_at": JSON(Moment.now),
                ]))
            try await caller.form(text)
            let message = try #require(try await caller.messages.first { $0["direction"] == "in" })
            #expect(message["body"] == "Hello 👋")
            #expect(message["from_address"] == "+4930123456")
            #expect(message["to"] == ["+14155238886"])
            #expect(message["status"] == "received")
            #expect(message["external_id"] == "SM1")
            #expect(message["contact_id"] == JSON(contact.id))
            #expect(message["thread_id"] == sent["thread_id"])
            #expect(message["connection_id"] == JSON(caller.connection))
            #expect(
                message["receipt"]["media"]
                    == [["id": "https://api.twilio.com/m1", "type": "image/jpeg"]])
            try await caller.form(text)
            #expect(try await caller.messages.count == 2)
        }
    }

    @Test func `moves a message of ours forward only`() async throws {
        try await Bench.with { bench async throws in
            let caller = try await Caller(bench, .twilio, ["account_sid": "AC1", "auth_token": "t"])
            let sent = try await caller.store.rows(.messages).create(
                Values([
                    "channel": "sms", "direction": "out", "to": ["+4930123456"], "body": "Hi",
                    "sent_at": JSON(Moment.now), "external_id": "SM9",
                ]))
            var seen: [String] = []
            for status in ["delivered", "sent", "queued", "read", "delivered", "unheard-of", "failed"] {
                try await caller.form("MessageSid=SM9&MessageStatus=\(status)&To=%2B4930123456&ErrorCode=1")
                seen.append(try await caller.store.rows(.messages).require(sent.id)["status"].string ?? "")
            }
            #expect(seen == ["delivered", "delivered", "delivered", "read", "read", "read", "read"])
        }
    }

    @Test func `that cannot be read does nothing, and is not tried again`() async throws {
        try await Bench.with { bench async throws in
            let caller = try await Caller(bench, .twilio, ["account_sid": "AC1", "auth_token": "t"])
            for body in ["", "x", "MessageSid=", "MessageSid=SM1&Body=no+sender", "\u{0}\u{1}%zz"] {
                try await caller.form(body)
            }
            #expect(try await caller.messages.isEmpty)
        }
    }
}

@Suite struct `A delivery of a chat` {
    /// A bot with a person whose chat 4711 is.
    private func with(
        role: Store.Role = .member, _ body: (Caller, Store.Users.Entry, StandIns) async throws -> Void
    ) async throws {
        let account = String(UInt32.random(in: 1...UInt32.max))
        try await Bench.with(bases: ["telegram": try StandIns.base("telegram")]) { bench async throws in
            let caller = try await Caller(bench, .telegram, ["bot_token": "\(account):secret-\(account)"])
            let user = Store.Users.Entry(
                workspace: bench.house.workspace, email: "ada@example.org", name: "Ada", role: role)
            try await bench.house.store.users.create(user)
            try await body(caller, user, StandIns("telegram", account: account))
        }
    }

    private func update(
        _ text: String, chat: Int = 4711, number: Int = .random(in: 1...1_000_000_000)
    ) -> String {
        let json: JSON = [
            "update_id": JSON(number),
            "message": [
                "message_id": JSON(number), "date": 1_700_000_000,
                "chat": ["id": JSON(chat), "type": "private"],
                "from": ["id": JSON(chat), "is_bot": false, "first_name": "Ada"], "text": .string(text),
            ],
        ]
        return json.text
    }

    /// Says something and runs the job of the answer; the answer as it arrived.
    private func say(
        _ text: String, _ caller: Caller, _ there: StandIns, chat: Int = 4711
    ) async throws -> JSON {
        let before = Set(try await caller.jobs("answer_chat").map(\.id))
        try await caller.call(update(text, chat: chat))
        let job = try #require(try await caller.jobs("answer_chat").first { !before.contains($0.id) })
        var shift = Queue.Shift()
        shift.wanted = 1
        // The job was put on the queue too, so that it need not wait for a sweep.
        let claim = try #require(try await caller.bench.queue.work(shift).claims.first)
        #expect(claim.envelope.id == job.id)
        _ = try result(of: await caller.bench.attempt(claim))
        return try #require(try await there.effects("message").last)
    }

    private func link(_ caller: Caller, _ user: Store.Users.Entry, _ there: StandIns) async throws {
        let offer = try await ChatCodes(caller.bench.tools).offer(
            caller.connection, to: user.id, in: caller.bench.house.workspace)
        #expect(offer.link == "https://t.me/standin_bot?start=\(offer.code)")
        let answer = try await say("/start \(offer.code)", caller, there)
        #expect(answer["text"]?.string?.hasPrefix("This chat is yours now, Ada.") == true)
        let again = try await say("/link \(offer.code)", caller, there, chat: 999_999)
        #expect(again["text"]?.string?.hasPrefix("This code is unknown, used or older") == true)
    }

    @Test func `without a command becomes a message, and is not answered`() async throws {
        try await with { caller, _, there in
            try await caller.call(update("Hello, are you there?", number: 7))
            try await caller.call(update("Hello, are you there?", number: 7))
            let message = try #require(try await caller.messages.first)
            #expect(message["external_id"] == "4711:7")
            #expect(message["from_address"] == "4711")
            #expect(try await caller.messages.count == 1)
            #expect(try await caller.jobs("answer_chat").isEmpty)
        }
    }

    @Test func `acts for the person whose chat it is, from the first command to the last button`()
        async throws
    {
        try await with { caller, user, there in
            let stranger = try await say("/tasks", caller, there)
            #expect(stranger["text"]?.string?.hasPrefix("This chat is nobody's yet.") == true)
            try await link(caller, user, there)
            #expect(try await say("/tasks", caller, there)["text"] == "Nothing is open.")
            #expect(try await say("/new Pay the rent", caller, there)["text"] == "New: Pay the rent")
            _ = try await say("/new@AtomBot Paint the fence", caller, there)
            let list = try await say("/tasks", caller, there)
            #expect(list["text"] == "Open tasks:\n1. Paint the fence\n2. Pay the rent")
            let keys = try #require(list["markup"]?["inline_keyboard"]?.array?.first?.array)
            #expect(keys.map { $0["text"] } == ["Done: 1", "Done: 2"])
            let data = try #require(keys[1]["callback_data"]?.string)
            let press: JSON = [
                "update_id": 1,
                "callback_query": [
                    "id": "q1", "data": .string(data), "message": ["message_id": 1, "chat": ["id": 4711]],
                ],
            ]
            try await caller.call(press.text)
            #expect(try await there.effects("answer").last?["text"] == "Done: Pay the rent")
            #expect(try await say("/done paint", caller, there)["text"] == "Done: Paint the fence")
            #expect(try await say("/done paint", caller, there)["text"] == "No open task is called that.")
            let tasks = try await caller.store.rows(.tasks).list(Rows.Query())
            #expect(tasks.allSatisfy { $0["status"] == "done" })
            let changes = try await caller.store.journal.history(
                .init(caller.bench.house.workspace, try #require(tasks.first?.id)), noun: "task")
            #expect(changes.last?.actor == "user:\(user.id)")
        }
    }

    @Test func `lets a viewer look and change nothing`() async throws {
        try await with(role: .viewer) { caller, user, there in
            try await link(caller, user, there)
            #expect(try await say("/new A task", caller, there)["text"] == "A viewer may only read.")
            #expect(try await caller.store.rows(.tasks).list(Rows.Query()).isEmpty)
        }
    }

    @Test func `does nothing any more for somebody who left the workspace`() async throws {
        try await with { caller, user, there in
            try await link(caller, user, there)
            try await caller.store.users.remove(caller.bench.house.workspace, user.id)
            let answer = try await say("/tasks", caller, there)
            #expect(answer["text"]?.string?.hasPrefix("This chat is nobody's yet.") == true)
            _ = try await say("/new A task", caller, there)
            #expect(try await caller.store.rows(.tasks).list().isEmpty)
        }
    }

    @Test func `does nothing for a group, which is nobody's`() async throws {
        try await with { caller, user, there in
            let offer = try await ChatCodes(caller.bench.tools).offer(
                caller.connection, to: user.id, in: caller.bench.house.workspace)
            for text in ["/link \(offer.code)", "/tasks", "/new A task"] {
                let answer = try await say(text, caller, there, chat: -55)
                #expect(answer["text"]?.string?.hasPrefix("Write to me in a chat of our own") == true)
            }
            #expect(try await caller.store.rows(.tasks).list(Rows.Query()).isEmpty)
        }
    }

    @Test func `is not quoted by the job that answers it, whatever the service says`() async throws {
        try await with { caller, _, there in
            try await caller.call(update("/tasks"))
            let job = try #require(try await caller.jobs("answer_chat").first)
            let message = try #require(try await caller.messages.first { $0["direction"] == "out" })
            let text = try #require(message["body"].string)
            try await there.fault([
                "kind": "status", "status": 400, "path": "sendMessage",
                "body": ["ok": false, "error_code": 400, "description": .string("Bad Request: \(text)")],
            ])
            var shift = Queue.Shift()
            shift.wanted = 1
            let claim = try #require(try await caller.bench.queue.work(shift).claims.first)
            #expect(claim.envelope.id == job.id)
            let failure = try death(of: await caller.bench.attempt(claim))
            #expect(failure.message == "Telegram did not take the answer: invalid.")
            #expect(!"\(failure)".contains("nobody's"))
        }
    }

    @Test func `is done once, however often its job is run`() async throws {
        try await with { caller, user, there in
            try await link(caller, user, there)
            let delivery = try await caller.keep(update("/new One"))
            for _ in 0..<3 { _ = try result(of: await caller.take(delivery)) }
            #expect(try await caller.store.rows(.tasks).list(Rows.Query()).count == 1)
        }
    }
}

@Suite struct `A delivery that only says that something changed` {
    @Test(arguments: [
        ("zendesk", ["subdomain": "x", "email": "a@example.org", "api_token": "t"], "{\"ticket\":1}"),
        ("stripe", ["secret_key": "k"], "{\"type\":\"charge.succeeded\"}"),
        ("gmail", [:], "{\"message\":{\"messageId\":\"1\"}}"),
    ])
    func `has its connection synced`(
        _ provider: String, _ fields: [String: String], _ body: String
    ) async throws {
        try await Bench.with { bench async throws in
            let caller = try await Caller(bench, try Providers.named(provider), fields)
            try await caller.call(body)
            let job = try #require(try await caller.jobs("sync_connection").first)
            let arguments = try JSONParser.parse(job.arguments)
            #expect(arguments["connection_id"] == JSON(caller.connection))
            #expect(job.unique != nil)
        }
    }

    @Test func `is told on where there is no verb for it`() async throws {
        try await Bench.with { bench async throws in
            let caller = try await Caller(bench, .webhook)
            let said = try await caller.call("{\"type\":\"invoice.paid\",\"data\":{}}")
            #expect(said["outcome"] == "invoice.paid")
            #expect(try await caller.jobs("sync_connection").isEmpty)
            #expect(try await caller.store.journal.backlog().count > 0)
        }
    }

    @Test func `brings what Slack's people say, and not what bots do`() async throws {
        try await Bench.with { bench async throws in
            let caller = try await Caller(bench, .slack, ["bot_token": "xoxb-1"])
            func event(_ more: String) -> String {
                "{\"type\":\"event_callback\",\"event_id\":\"E\",\"event\":{"
                    + "\"type\":\"message\",\"channel\":\"C1\","
                    + "\"user\":\"U1\",\"text\":\"hello\",\"ts\":\"1712345678.000100\"\(more)}}"
            }
            try await caller.call(event(",\"bot_id\":\"B1\""))
            try await caller.call(event(",\"subtype\":\"channel_join\""))
            #expect(try await caller.messages.isEmpty)
            try await caller.call(event(""))
            #expect(try await caller.messages.map { $0["external_id"] } == ["C1:1712345678.000100"])
        }
    }
}
