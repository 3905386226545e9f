import Core
import Testing
import Workspace

@Suite struct `The address of a notification channel` {
    @Test func `is a line that names a channel, an address and perhaps a connection`() throws {
        let id = ID()
        let cases: [(String, ChannelURL.Target)] = [
            ("mailto:ada@example.org", .message(.email, address: "ada@example.org", connection: nil)),
            ("mailto://ada@example.org", .message(.email, address: "ada@example.org", connection: nil)),
            ("tgram://usual/-100123", .message(.telegram, address: "-100123", connection: nil)),
            ("TGRAM://\(id)/@ada_l", .message(.telegram, address: "@ada_l", connection: id)),
            ("whatsapp://+4930123456", .message(.whatsapp, address: "+4930123456", connection: nil)),
            ("sms:+4930123456", .message(.sms, address: "+4930123456", connection: nil)),
            ("slack://\(id)/C123", .message(.slack, address: "C123", connection: id)),
            ("teams://usual/general", .message(.teams, address: "general", connection: nil)),
            ("json://hooks.example.org/x", .hook("http://hooks.example.org/x")),
            ("jsons://hooks.example.org/x", .hook("https://hooks.example.org/x")),
            ("https://hooks.example.org/x?y=1", .hook("https://hooks.example.org/x?y=1")),
        ]
        for (text, wanted) in cases { #expect(try ChannelURL(text).target == wanted, "\(text)") }
    }

    @Test(arguments: [
        "", "ada@example.org", "mailto:ada", "mailto:", "tgram://12345", "tgram://nobody/12345",
        "tgram://usual/", "whatsapp://0301234", "slack://xoxb-secret/C123", "slack://usual/a b",
        "https://ada:secret@example.org/", "https://", "json://user@example.org/", "gopher://x", "slack:",
        "tgram://token:secret@usual/123",
    ])
    func `is refused where it is none, or holds a secret`(_ text: String) {
        #expect(throws: Failure.self) { try ChannelURL(text) }
    }

    @Test func `takes the kinds and levels that its row names`() {
        let some = Selection(kinds: ["budget_alert", "event_*"], least: .warning)
        #expect(some.takes("budget_alert", .warning) && some.takes("event_reminder", .urgent))
        #expect(!some.takes("budget_alert", .info) && !some.takes("message", .urgent))
        #expect(!some.takes("budget_alerts", .urgent))
        #expect(Selection().takes("anything", .info))
    }
}

@Suite struct `The steps of an escalation` {
    @Test func `say who is told, how and after what time`() throws {
        let id = ID()
        let steps = try EscalationStep.list(
            [["after_minutes": 0.5, "channel": "sms"], ["after_minutes": 60, "user_id": JSON(id)]],
            at: "/steps")
        #expect(steps.map(\.wait) == [.seconds(30), .seconds(3_600)])
        #expect(steps.map(\.channel) == [.sms, nil] && steps.map(\.user) == [nil, id])
        #expect(try EscalationStep.list(nil, at: "/steps").isEmpty)
    }

    @Test func `are refused at the member that is wrong`() {
        let id = JSON(ID())
        let cases: [(JSON, String)] = [
            ("x", "/s"), ([1], "/s/0"), ([["after_minutes": 0]], "/s/0/after_minutes"),
            ([["channel": "sms"]], "/s/0/after_minutes"),
            ([["after_minutes": 1], ["after_minutes": 1, "channel": "pigeon"]], "/s/1/channel"),
            ([["after_minutes": 1, "user_id": "x"]], "/s/0/user_id"),
            ([["after_minutes": 1, "user_id": id, "contact_id": id]], "/s/0"),
            ([["after_minutes": 1, "more": 1]], "/s/0"),
            (.array(Array(repeating: ["after_minutes": 1], count: 11)), "/s"),
        ]
        for (json, pointer) in cases {
            do throws(Failure) {
                _ = try EscalationStep.list(json, at: "/s")
                Issue.record("not refused: \(json.text)")
            } catch { #expect(error.pointer == pointer, "\(json.text)") }
        }
    }
}

@Suite struct `The reason of a follow-up` {
    private let then = Moment(microseconds: 1_000_000)
    private let now = Moment(microseconds: 9_000_000)

    private func end(
        _ kind: FollowUpKind, _ task: FollowUpReason.Subject?, isAnswered: Bool = false
    ) -> String? {
        FollowUpReason(kind: kind, hasTask: true, basis: then).end(task: task, isAnswered: isAnswered)
    }

    @Test func `is gone with the task, its work, its change or a reply`() {
        let same = FollowUpReason.Subject(isDone: false, updatedAt: then, due: then)
        let done = FollowUpReason.Subject(isDone: true, updatedAt: then, due: then)
        let touched = FollowUpReason.Subject(isDone: false, updatedAt: now, due: then)
        let moved = FollowUpReason.Subject(isDone: false, updatedAt: then, due: nil)
        for kind in FollowUpKind.allCases {
            #expect(end(kind, same) == nil)
            #expect(end(kind, nil) == "The task was deleted.")
            #expect(end(kind, done) == "The task is done.")
            #expect(end(kind, same, isAnswered: true) == "A reply came.")
            #expect((end(kind, touched) != nil) == (kind == .stale))
            #expect((end(kind, moved) != nil) == (kind == .due))
        }
        let free = FollowUpReason(kind: .noReply, hasTask: false, basis: nil)
        #expect(free.end(task: nil, isAnswered: false) == nil)
    }
}
