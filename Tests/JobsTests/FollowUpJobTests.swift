import Core
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

extension Bench {
    fileprivate var store: Store { house.store.scoped(Scope(workspace: house.workspace)) }

    /// Claims the job that was promised last under this name, at once instead of when it is due.
    fileprivate func claimPromised(_ name: String) async throws -> Claim {
        let entries = try await house.store.outbox.unpushed(before: .now + .seconds(60), limit: 100)
        let jobs = try entries.map { try Envelope($0.envelope) }.filter { $0.name == name }
        let job = try #require(jobs.max { $0.id < $1.id })
        let copy = Envelope(id: job.id, name: name, arguments: job.arguments, workspace: job.workspace)
        try await queue.enqueue([copy])
        var shift = Queue.Shift()
        shift.wanted = 1
        return try #require(try await queue.work(shift).claims.first)
    }
}

@Suite struct `The jobs of follow-ups` {
    @Test(arguments: Engine.allCases)
    func `find what a rule is for, and ask`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let contact = try await bench.store.rows(.contacts).create(
                Values(["name": "Ada", "emails": ["ada@example.org"]]))
            try await bench.store.rows(.tasks).create(
                Values(["title": "Old"]), at: .now + .seconds(-7_200))
            try await bench.store.rows(.followUpRules).create(
                Values([
                    "name": "R", "kind": "stale", "after_hours": 1, "contact_id": JSON(contact.id),
                ]))
            let look = try await bench.claimPromised("scan_follow_ups")
            #expect(try result(of: await bench.attempt(look)) == ["made": 1])
            #expect(try result(of: await bench.attempt(look))["skipped"] != nil)
            let asking = try await bench.claimPromised("send_follow_up")
            let asked = try result(of: await bench.attempt(asking))
            #expect(try result(of: await bench.attempt(asking))["skipped"] != nil)
            let sending = try await bench.claimPromised("send_message")
            #expect(try result(of: await bench.attempt(sending))["provider"] == "sandbox")
            let message = try await bench.store.rows(.messages).list()
            #expect(message.map { JSON($0.id) } == [asked["message_id"]] && message[0]["status"] == "sent")
        }
    }
}

@Suite struct `The jobs of notifications` {
    @Test func `tell every place, now and later, until somebody acknowledges`() async throws {
        try await Bench.with { bench async throws in
            let store = bench.store
            let user = Store.Users.Entry(
                workspace: bench.house.workspace, email: "ada@example.org", name: "Ada", role: .member)
            try await store.users.create(user)
            let own = bench.house.store.scoped(Scope(workspace: bench.house.workspace, user: user.id))
            try await own.rows(.notificationChannels).create(
                Values(["name": "Phone", "url": "sms://+4930123456"]))
            try await store.rows(.notificationEscalations).create(
                Values(["name": "E", "steps": [["after_minutes": 1]]]))
            let notifications = store.notifications
            try await notifications.add(
                .init(kind: "test", title: "Look"), to: notifications.readers([user.id]))
            let telling = try await bench.claimPromised("notify")
            #expect(try result(of: await bench.attempt(telling)) == ["places": 1])
            #expect(try result(of: await bench.attempt(telling)) == ["places": 1])
            #expect(try await store.rows(.messages).list().count == 1)
            let escalating = try await bench.claimPromised("escalate_notification")
            #expect(try result(of: await bench.attempt(escalating)) == ["told": 1])
            #expect(try result(of: await bench.attempt(escalating))["skipped"] != nil)
            #expect(try await own.rows(.notifications).list().count == 2)
            let later = try await bench.claim("notify_later", ["target": "sms:nobody"])
            guard case .done = await bench.attempt(later) else {
                Issue.record("not done")
                return
            }
        }
    }
}
