import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A message that was sent` {
    private func with(
        _ engine: Engine, _ body: (Store) async throws -> Void
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await body(house.store.scoped(Scope(workspace: house.workspace)))
        }
    }

    private func promised(_ store: Store, _ channel: String, _ to: String, by job: ID) async throws -> Item {
        try await store.messages.promise(
            Values(["channel": .string(channel), "to": [.string(to)], "body": "Hello", "subject": "Hi"]),
            to: job)
    }

    private func sent(_ store: Store, _ channel: String, _ to: String, id: String) async throws -> Item {
        let message = try await promised(store, channel, to, by: ID())
        try await store.messages.sent(message.id, receipt: ["id": .string(id)], externalID: id)
        return message
    }

    @Test(arguments: Engine.allCases)
    func `only goes forward, whatever order the channel tells it in`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let message = try await sent(store, "sms", "+4930123456", id: "SM1")
            let moves: [(MessageStatus, Bool, MessageStatus)] = [
                (.queued, false, .sent), (.read, true, .read), (.delivered, false, .read),
                (.failed, false, .read),
            ]
            for (status, isMoved, after) in moves {
                #expect(
                    try await store.messages.moved(externalID: "SM1", on: .sms, to: status) == isMoved)
                #expect(try await store.rows(.messages).require(message.id).status == after)
            }
            #expect(try await !store.messages.moved(externalID: "SM2", on: .sms, to: .read))
            #expect(try await !store.messages.moved(externalID: "SM1", on: .whatsapp, to: .read))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is sent also where a reading of its channel brought it here first`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let values = Values([
                "channel": "slack", "direction": "in", "status": "received", "from_address": "B1",
                "to": ["C1"], "body": "Hello", "external_id": "C1:1",
            ])
            try await store.rows(.messages).create(values)
            let message = try await sent(store, "slack", "C1", id: "C1:1")
            let after = try await store.rows(.messages).require(message.id)
            #expect(after.status == .sent)
            #expect(after["receipt"] == ["id": "C1:1"])
            #expect(after["external_id"] == .null)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is found by the id of any of its parts`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let message = try await sent(store, "telegram", "77", id: "77:1")
            let intent = Store.Effects.Intent(
                provider: "telegram", requestHash: "h", job: ID(), attempt: 1)
            let key = "message:\(message.id):2"
            _ = try await store.effects.begin(house.workspace, key: key, intent)
            _ = try await store.effects.receipt(house.workspace, key: key, "{}", externalID: "77:2")
            #expect(try await store.messages.find(externalID: "77:2", on: .telegram)?.id == message.id)
            #expect(try await store.messages.find(externalID: "77:3", on: .telegram) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `fails when its mail server reports that it did not arrive`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let message = try await sent(store, "email", "ada@example.org", id: "x")
            let text = """
                Content-Type: multipart/report; boundary=b

                --b
                Content-Type: message/delivery-status

                Final-Recipient: rfc822; ada@example.org
                Action: failed
                Status: 5.1.1

                --b
                Content-Type: message/rfc822

                Message-ID: <\(message.id)@example.org>

                --b--
                """
            let bounce = try #require(Bounce(Array(text.utf8)))
            let after = try #require(try await store.messages.bounced(bounce))
            #expect(after.status == .failed)
            #expect(after["error"].string?.contains("5.1.1") == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is known by its Message-ID to whoever carried it`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let mail = try await sent(store, "email", "ada@example.org", id: "x")
            let sms = try await sent(store, "sms", "+4930123456", id: "SM1")
            for name in ["", "@example.org", "x@example.org", "\(sms.id)@example.org"] {
                #expect(try await !store.messages.moved(messageID: name, to: .delivered), "\(name)")
            }
            let name = "\(mail.id)@example.org"
            #expect(try await store.messages.complained(messageID: name, "Reported\nas spam."))
            #expect(try await !store.messages.complained(messageID: name, "Once more."))
            #expect(try await !store.messages.moved(messageID: name, to: .failed, reason: "Late."))
            let after = try await store.rows(.messages).require(mail.id)
            #expect(after.status == .delivered)
            #expect(after["error"] == "Reported as spam.")
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps what was told of it before its call had ended`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let messages = store.messages
            let statuses: [MessageStatus] = [.delivered, .failed]
            for status in statuses {
                let job = ID()
                let mail = try await promised(store, "email", "ada@example.org", by: job)
                #expect(try await messages.take(mail.id, by: job) != nil)
                #expect(
                    try await messages.moved(
                        messageID: "\(mail.id)@example.org", to: status, reason: "No such user."))
                // An attempt that begins again meanwhile, or gives up, has nothing more to say of it.
                #expect(try await messages.take(mail.id, by: job) == nil)
                try await messages.failed(mail.id, by: job, "The job gave up.")
                try await messages.sent(mail.id, receipt: ["id": "x"], externalID: mail.id.text)
                let after = try await store.rows(.messages).require(mail.id)
                #expect(after.status == status)
                #expect(after["error"].string == (status == .failed ? "No such user." : nil))
                #expect(after["receipt"] == ["id": "x"])
                #expect(after["external_id"].string == mail.id.text)
                #expect((after["sent_at"] != .null) == (status == .delivered))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is tried again by the job that could not send it`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let (messages, job) = (store.messages, ID())
            let mail = try await promised(store, "email", "ada@example.org", by: job)
            try await messages.failed(mail.id, by: job, "The server\u{92}s\u{85}gone\u{7F}.\r\nTry again.")
            let failed = try await store.rows(.messages).require(mail.id)
            #expect(failed.status == .failed)
            #expect(failed["error"] == "The servers gone. Try again.")
            #expect(try await messages.take(mail.id, by: ID()) == nil)
            let taken = try #require(try await messages.take(mail.id, by: job))
            #expect(taken.status == .queued && taken["error"] == .null)
            try await messages.failed(mail.id, by: job, "Nobody knows.")
            try await messages.sent(mail.id, receipt: ["id": "x"], externalID: nil)
            let after = try await store.rows(.messages).require(mail.id)
            #expect(after.status == .sent && after["error"] == .null)
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps a complaint that comes before its call had ended`(_ engine: Engine) async throws {
        try await with(engine) { store in
            let mail = try await store.messages.promise(
                Values([
                    "channel": "email", "to": ["ada@example.org", "bob@example.org"], "subject": "Hi",
                    "body": "Hello",
                ]), to: ID())
            #expect(try await store.messages.complained(messageID: "\(mail.id)@example.org", "Spam."))
            try await store.messages.sent(mail.id, receipt: ["id": "x"], externalID: nil)
            let after = try await store.rows(.messages).require(mail.id)
            #expect(after.status == .sent && after["error"] == "Spam.")
        }
    }

    @Test(arguments: Engine.allCases)
    func `reaches nobody who is lost, until they write again`(_ engine: Engine) async throws {
        try await with(engine) { store in
            try await store.messages.lose("@Ada_l", on: .telegram, "Blocked.")
            try await store.messages.lose("@ada_l", on: .telegram, "Blocked again.")
            #expect(try await store.messages.loss(of: "@ADA_L", on: .telegram) == "Blocked again.")
            #expect(try await store.messages.loss(of: "@ada_l", on: .slack) == nil)
            try await store.rows(.messages).create(
                Values([
                    "channel": "telegram", "direction": "in", "from_address": "@ada_l", "body": "Back.",
                ]))
            #expect(try await store.messages.loss(of: "@ada_l", on: .telegram) == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `knows when the other side last wrote, and to whom`(_ engine: Engine) async throws {
        try await with(engine) { store in
            for (time, to) in [("2026-01-01T10:00:00Z", "+1415"), ("2026-01-02T10:00:00Z", "+1416")] {
                try await store.rows(.messages).create(
                    Values([
                        "channel": "whatsapp", "direction": "in", "from_address": "+4930123456",
                        "to": [.string(to)], "body": "Hi", "sent_at": .string(time),
                    ]))
            }
            let messages = store.messages
            let last = try await messages.lastWord(from: "+4930123456", on: .whatsapp)
            #expect(last?.text.hasPrefix("2026-01-02") == true)
            let earlier = try await messages.lastWord(from: "+4930123456", on: .whatsapp, to: "+1415")
            #expect(earlier?.text.hasPrefix("2026-01-01") == true)
            #expect(try await messages.lastWord(from: "+4930123456", on: .whatsapp, to: "+9") == nil)
            #expect(try await messages.lastWord(from: "+4930123456", on: .sms) == nil)
        }
    }
}
