import Core
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `A message` {
    private func with(
        _ engine: Engine, _ body: (Store, FreshStore) async throws -> Void
    ) async throws {
        try await FreshStore.with(engine) { house async throws in
            try await body(house.store.scoped(Scope(workspace: house.workspace)), house)
        }
    }

    private func mail(_ direction: String, _ other: String, _ subject: String) -> Values {
        Values([
            "channel": "email", "direction": .string(direction), "subject": .string(subject), "body": "x",
            "from_address": direction == "in" ? .string(other) : .null,
            "to": direction == "in" ? ["us@example.org"] : [.string(other)],
        ])
    }

    @Test(arguments: Engine.allCases)
    func `joins the thread of its contact and subject`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let ada = try await store.rows(.contacts).create(
                Values(["name": "Ada", "emails": ["Ada@Example.org", "ada@home.example"]]))
            let rows = store.rows(.messages)
            let first = try await rows.create(mail("in", "ADA@example.org", "Offer"))
            let second = try await rows.create(mail("out", "ada@home.example", "Re: AW: offer "))
            let other = try await rows.create(mail("in", "ada@example.org", "Invoice"))
            var reply = mail("out", "eve@example.org", "Something else")
            reply["in_reply_to"] = JSON(first.id)
            let answer = try await rows.create(reply)
            #expect(first["contact_id"] == JSON(ada.id))
            #expect(second["contact_id"] == JSON(ada.id))
            #expect(second["thread_id"] == first["thread_id"])
            #expect(answer["thread_id"] == first["thread_id"])
            #expect(other["thread_id"] != first["thread_id"])
            let threads = try await store.threads.list()
            #expect(threads.map(\.messages) == [3, 1])
            #expect(threads.map(\.unread) == [1, 1])
            #expect(threads.map { $0.latest?.id } == [answer.id, other.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is dated by what is known of it`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let rows = store.rows(.messages)
            let draft = try await rows.create(mail("out", "a@b.example", "A"))
            #expect(draft.status == .draft)
            var logged = mail("out", "a@b.example", "B")
            logged["sent_at"] = "2026-01-02T03:04:05.000Z"
            let sent = try await rows.create(logged)
            #expect(sent.status == .sent)
            #expect(sent["occurred_at"] == "2026-01-02T03:04:05.000Z")
            let came = try await rows.create(mail("in", "a@b.example", "C"))
            #expect(came.status == .received)
            let read = try await store.messages.read(came.id)
            #expect(read.status == .read)
            #expect(read.values.time("read_at") != nil)
            #expect(try await store.messages.read(came.id) == read)
            await refuses(.conflict) { try await store.messages.read(draft.id) }
        }
    }

    @Test(arguments: Engine.allCases)
    func `can be changed as long as it is a draft`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let rows = store.rows(.messages)
            let draft = try await rows.create(mail("out", "a@b.example", "A"))
            let changed = try await rows.update(draft.id, Values(["subject": "B", "to": ["c@d.example"]]))
            #expect(changed["subject"] == "B")
            let sent = try await store.messages.promise(draft.id, to: ID())
            #expect(sent.status == .queued)
            await refuses(.conflict) { try await rows.update(draft.id, Values(["body": "z"])) }
            await refuses(.conflict) { try await rows.delete(draft.id) }
            await refuses(.conflict) { try await store.messages.promise(draft.id, to: ID()) }
            let contact = try await store.rows(.contacts).create(Values(["name": "C"]))
            let filed = try await rows.update(draft.id, Values(["contact_id": JSON(contact.id)]))
            #expect(filed["contact_id"] == JSON(contact.id))
            try await store.rows(.contacts).delete(contact.id)
            #expect(try await rows.require(draft.id)["contact_id"] == .null)
        }
    }

    @Test(arguments: Engine.allCases)
    func `comes in once under the name that its channel gives it`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            var message = mail("in", "a@b.example", "A")
            message["external_id"] = "<1@b.example>"
            let given = message
            try await store.rows(.messages).create(given)
            await refuses(.conflict) { try await store.rows(.messages).create(given) }
            try await store.rows(.messages).create(mail("in", "a@b.example", "A"))
            try await store.rows(.messages).create(mail("in", "a@b.example", "A"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `of another workspace is in no list, thread or number`(_ engine: Engine) async throws {
        try await with(engine) { store, house in
            let message = try await store.rows(.messages).create(mail("in", "a@b.example", "A"))
            let theirs = house.store.scoped(Scope(workspace: house.other))
            #expect(try await theirs.rows(.messages).find(message.id) == nil)
            #expect(try await theirs.rows(.messages).list().isEmpty)
            #expect(try await theirs.threads.list().isEmpty)
            #expect(try await theirs.messages.stats().counts.isEmpty)
            await refuses(.missing) { try await theirs.messages.read(message.id) }
            await refuses(.invalid) {
                try await theirs.rows(.messages).create(
                    mail("in", "a@b.example", "A").changed(by: Values(["in_reply_to": JSON(message.id)])))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `counts in the numbers`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let now = try #require(Moment("2026-03-10T12:00:00Z"))
            let plan: [(String, String, String)] = [
                ("in", "2026-03-08T10:00:00.000Z", "A"), ("in", "2026-03-08T10:30:00.000Z", "A"),
                ("out", "2026-03-08T11:00:00.000Z", "A"), ("in", "2026-03-10T09:00:00.000Z", "B"),
                ("out", "2026-03-10T09:30:00.000Z", "B"), ("in", "2026-03-10T11:00:00.000Z", "C"),
                ("out", "2026-01-10T09:30:00.000Z", "D"),
            ]
            for (direction, time, subject) in plan {
                var message = mail(direction, "a@b.example", subject)
                message["sent_at"] = .string(time)
                try await store.rows(.messages).create(message)
            }
            try await store.rows(.messages).create(mail("out", "a@b.example", "draft"))
            let stats = try await store.messages.stats(at: now)
            let counts = stats.counts.map { "\($0.channel) \($0.direction) \($0.status) \($0.count)" }
            #expect(counts == ["email in received 4", "email out draft 1", "email out sent 3"])
            #expect(stats.unread == 4)
            #expect(stats.days.count == 30)
            #expect(stats.days.map(\.received).suffix(3) == [2, 0, 2])
            #expect(stats.days.map(\.sent).suffix(3) == [1, 0, 1])
            #expect(stats.days.map(\.sent).reduce(0, +) == 2)
            // One hour and half an hour.
            #expect(stats.averageAnswer == .seconds(2_700))
        }
    }

    @Test(arguments: Engine.allCases)
    func `ends its thread with the last one`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let rows = store.rows(.messages)
            var old = mail("in", "a@b.example", "A")
            old["sent_at"] = "2026-01-01T00:00:00.000Z"
            let first = try await rows.create(old)
            let second = try await rows.create(mail("in", "a@b.example", "A"))
            try await rows.delete(second.id)
            #expect(try await store.threads.list().map(\.lastAt) == [Moment("2026-01-01T00:00:00Z")])
            try await rows.delete(first.id)
            #expect(try await store.threads.list().isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `is written from a template, to a contact, as an answer`(_ engine: Engine) async throws {
        try await with(engine) { store, _ in
            let contact = try await store.rows(.contacts).create(
                Values(["name": "Ada", "phones": ["+4930123456"], "emails": ["ada@example.org"]]))
            let template = try await store.rows(.templates).create(
                Values(["name": "T", "channel": "sms", "body": "Hi {{name}}"]))
            #expect(template["variables"] == ["name"])
            var writing = Store.Messages.Writing(Values(["contact_id": JSON(contact.id)]))
            writing.template = template.id
            writing.variables = ["name": "Ada"]
            let values = try await store.messages.write(writing)
            #expect(values["to"] == ["+4930123456"])
            #expect(values["body"] == "Hi Ada")
            let question = try await store.rows(.messages).create(mail("in", "eve@example.org", "Why?"))
            let answer = try await store.messages.write(
                .init(Values(["in_reply_to": JSON(question.id), "body": "So."])))
            #expect(answer["to"] == ["eve@example.org"])
            #expect(answer["subject"] == "Re: Why?")
            await refuses(.conflict) {
                try await store.rows(.templates).create(
                    Values(["name": "T", "channel": "sms", "body": "x"]))
            }
        }
    }
}

@Suite struct `A contact` {
    @Test(arguments: Engine.allCases)
    func `shares no e-mail address with another`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let store = house.store.scoped(Scope(workspace: house.workspace))
            let rows = store.rows(.contacts)
            let ada = try await rows.create(Values(["name": "Ada", "emails": ["Ada@Example.org"]]))
            #expect(ada["emails"] == ["ada@example.org"])
            let refused = await failure {
                try await rows.create(Values(["name": "B", "emails": ["b@b.example", "ADA@example.org"]]))
            }
            #expect(refused?.kind == .conflict)
            #expect(refused?.pointer == "/emails/1")
            try await rows.update(ada.id, Values(["emails": ["new@example.org"]]))
            try await rows.create(Values(["name": "B", "emails": ["ada@example.org"]]))
            let theirs = house.store.scoped(Scope(workspace: house.other)).rows(.contacts)
            try await theirs.create(Values(["name": "C", "emails": ["ada@example.org"]]))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is made once by two who make it at once`(_ engine: Engine) async throws {
        try await FreshStore.with(engine) { house async throws in
            let rows = house.store.scoped(Scope(workspace: house.workspace)).rows(.contacts)
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await failure {
                            try await rows.create(Values(["name": "Ada", "emails": ["ada@example.org"]]))
                        } == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
        }
    }
}
