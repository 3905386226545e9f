import Curl
import Core
import Queue
import Store
import TestHouse
import Testing

@testable import API

@Suite struct `A message to send` {
    private let path = "/api/communications/messages"
    private let mail: JSON = [
        "channel": "email", "to": ["ada@example.org"], "subject": "Hello", "body": "Are you there?",
    ]

    @Test(arguments: Engine.allCases)
    func `is written down and its job accepted, once for each key`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let key = ["Idempotency-Key": "one"]
            let sent = try await house.post("\(path)/send", mail, key)
            #expect(sent.status == 202)
            let id = try #require(sent.json["message"]?["id"]?.string)
            let job = try #require(sent.json["job_id"]?.string)
            #expect(sent.json["message"]?["status"] == "queued")
            #expect(sent["location"] == "\(path)/\(id)")
            let again = try await house.post("\(path)/send", mail, key)
            #expect(again.json == sent.json)
            #expect(again["idempotent-replay"] == "true")
            #expect(try await house.get(path).json["messages"]?.array?.count == 1)
            let shown = try await house.get("/api/jobs/\(job)").json
            #expect(shown["name"] == "send_message")
            #expect(shown["arguments"]?["message_id"]?.string == id)
        }
    }

    @Test func `waits for its time, and is a draft again when it is cancelled`() async throws {
        try await Running.with { house async throws in
            let time = (Moment.now + .seconds(3_600)).text
            let sent = try await house.post("\(path)/send", mail.with("send_at", .string(time)))
            #expect(sent.json["message"]?["status"] == "scheduled")
            #expect(sent.json["message"]?["send_at"] == .string(time))
            let (own, job) = (try #require(sent["location"]), sent.json["job_id"]?.string ?? "")
            #expect(try await house.get("/api/jobs/\(job)").json["state"] == "scheduled")
            let draft = try await house.post("\(own)/cancel", [:])
            #expect(draft.status == 200)
            #expect(draft.json["status"] == "draft")
            #expect(draft.json["job_id"] == .null)
            #expect(try await house.post("\(own)/cancel", [:]).status == 409)
            let changed = try await house.send("PUT", own, ["body": "Another text"])
            #expect(changed.status == 200)
            let again = try await house.post("\(own)/send", [:])
            #expect(again.status == 202)
            #expect(again.json["message"]?["status"] == "queued")
            #expect(again.json["job_id"]?.string != job)
            #expect(try await house.send("PUT", own, ["body": "Too late"]).refusal == "409 /body")
            #expect(try await house.delete(own).status == 409)
        }
    }

    @Test func `is refused where a field is wrong or missing`() async throws {
        try await Running.with { house async throws in
            let long = String(repeating: "x", count: 1_601)
            let cases: [(JSON, String)] = [
                ([:], "422 /channel"), (mail.with("channel", "pigeon"), "422 /channel"),
                (mail.with("to", []), "422 /to"), (mail.with("to", "ada@example.org"), "400 /to"),
                (mail.with("to", ["ada"]), "422 /to/0"),
                (mail.with("to", ["a@b.example\r\nBcc: c@d.example"]), "422 /to/0"),
                (mail.with("subject", "Hi\nBcc: c@d.example"), "422 /subject"),
                (mail.with("subject", ""), "422 /subject"), (mail.with("body", " "), "422 /body"),
                (mail.with("format", "markdown"), "422 /format"),
                (mail.with("direction", "in"), "400 /direction"),
                (mail.with("status", "sent"), "400 /status"),
                (mail.with("send_at", "soon"), "422 /send_at"), (mail.with("send_at", 5), "400 /send_at"),
                (mail.with("send_at", "2020-01-01T00:00:00Z"), "422 /send_at"),
                (mail.with("send_at", "2090-01-01T00:00:00Z"), "422 /send_at"),
                (mail.with("contact_id", .string(ID().text)), "422 /contact_id"),
                (mail.with("template_id", .string(ID().text)), "422 /template_id"),
                (mail.with("variables", ["a": "b"]), "422 /variables"),
                (["channel": "sms", "to": ["+4930123456"], "body": .string(long)], "422 /body"),
                (["channel": "in_app", "to": [.string(ID().text)], "body": "x"], "422 /to/0"),
            ]
            for (json, refusal) in cases {
                #expect(try await house.post("\(path)/send", json).refusal == refusal, "\(json.text)")
            }
            #expect(try await house.get(path).json["messages"] == [])
            #expect(try await house.get("/api/jobs").json["jobs"] == [])
        }
    }

    @Test func `is not for viewers, and nobody else's`() async throws {
        try await Running.with { house async throws in
            let sent = try await house.post("\(path)/send", mail)
            let own = try #require(sent["location"])
            let manner = Running.Manner(key: house.viewer)
            let refused = try await house.ask("POST", "\(path)/send", .bytes(mail.bytes), as: manner)
            #expect(refused.status == 403)
            #expect(try await house.get(own, key: house.viewer).status == 200)
            #expect(try await house.get(own, key: house.stranger).status == 404)
            for (method, place) in [
                ("POST", "\(own)/send"), ("POST", "\(own)/cancel"), ("PUT", "\(own)/read"),
            ] {
                let answer = try await house.ask(method, place, as: .init(key: house.stranger, type: nil))
                #expect(answer.status == 404, "\(place)")
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `is written from a template with escaped values`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let made = try await house.post(
                "/api/communications/templates",
                [
                    "name": "Welcome", "channel": "email", "format": "html", "subject": "Welcome {{name}}",
                    "body": "<p>Hello {{name}}, {{note|see you}}.</p>",
                ])
            #expect(made.json["variables"] == ["name", "note"])
            let own = try #require(made["location"])
            let rendered = try await house.post("\(own)/render", ["variables": ["name": "<b>Ada</b>"]])
            #expect(rendered.json["body"] == "<p>Hello &lt;b&gt;Ada&lt;/b&gt;, see you.</p>")
            #expect(
                try await house.post("\(own)/render", ["variables": [:]]).refusal == "422 /variables/name")
            #expect(
                try await house.post("\(own)/render", ["variables": ["name": [1]]]).refusal
                    == "400 /variables/name")
            #expect(
                try await house.post("\(own)/render", ["variables": ["name": "a\r\nBcc: x"]]).refusal
                    == "422 /variables/name")
            let message: JSON = [
                "template_id": made.json["id"] ?? .null, "to": ["ada@example.org"],
                "variables": ["name": "Ada"],
            ]
            let sent = try await house.post("\(path)/send", message)
            #expect(sent.json["message"]?["subject"] == "Welcome Ada")
            #expect(sent.json["message"]?["format"] == "html")
            #expect(try await house.post("\(path)/send", message.with("body", "x")).refusal == "422 /body")
            #expect(
                try await house.post("\(path)/send", message.with("channel", "sms")).refusal == "422 /channel"
            )
        }
    }
}

@Suite struct `The messages of a workspace` {
    private let path = "/api/communications/messages"

    /// Writes down a question, its answer and a text message; returns the question.
    private func talk(_ house: Running) async throws -> Heard {
        let question = try await house.post(
            path,
            [
                "channel": "email", "direction": "in", "from_address": "Ada@example.org", "subject": "Offer",
                "body": "What does a pergola cost?", "sent_at": "2026-01-05T10:00:00Z",
            ])
        #expect(question.status == 201)
        _ = try await house.post(
            path,
            [
                "channel": "email", "direction": "out", "to": ["ada@example.org"], "subject": "Re: Offer",
                "body": "900.", "sent_at": "2026-01-05T12:00:00Z",
            ])
        _ = try await house.post(
            path, ["channel": "sms", "direction": "in", "from_address": "+4930123456", "body": "Open?"])
        return question
    }

    @Test(arguments: Engine.allCases)
    func `are found by each filter`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let contact =
                try await house.post(
                    "/api/communications/contacts", ["name": "Ada", "emails": ["ada@example.org"]]
                ).json["id"]?.string ?? ""
            let question = try await talk(house)
            #expect(question.json["contact_id"]?.string == contact)
            let thread = try #require(question.json["thread_id"]?.string)
            let counts = [
                ("channel=email", 2), ("direction=in", 2), ("status=sent", 1), ("contact_id=\(contact)", 2),
                ("thread_id=\(thread)", 2), ("unread=true", 2), ("unread=false", 0), ("q=pergo", 1),
                ("from=2026-01-05T11:00:00Z", 2), ("to=2026-01-05T11:00:00Z", 1), ("task_id=\(ID())", 0),
            ]
            for (query, count) in counts {
                #expect(
                    try await house.get("\(path)?\(query)").json["messages"]?.array?.count == count,
                    "\(query)")
            }
            for query in ["unread=maybe", "from=soon", "channel=pigeon", "sort=body"] {
                #expect(try await house.get("\(path)?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `are read, counted and shown by threads`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let question = try await talk(house)
            let own = try #require(question["location"])
            for _ in 0..<2 {
                let read = try await house.send("PUT", "\(own)/read", [:])
                #expect(read.json["status"] == "read")
                #expect(read["etag"] == "\"2\"")
            }
            let stats = try await house.get("/api/communications/stats").json
            #expect(stats["total"] == 3)
            #expect(stats["unread"] == 1)
            #expect(stats["days"]?.array?.count == 30)
            let first = try await house.get("/api/communications/threads?limit=1")
            let next = try #require(first["link"]).dropFirst().prefix { $0 != ">" }
            let second = try await house.get(String(next))
            let threads = [first, second].flatMap { $0.json["threads"]?.array ?? [] }
            #expect(threads.map { $0["messages"] } == [1, 2])
            #expect(threads.last?["latest_message"]?["body"] == "900.")
            let unread = try await house.get("/api/communications/threads?unread=true").json
            #expect(unread["threads"]?.array?.count == 1)
        }
    }

    @Test func `tell what happened to each`() async throws {
        try await Running.with { house async throws in
            let made = try await house.post(
                path, ["channel": "sms", "direction": "in", "from_address": "+4930123456", "body": "Open?"])
            let own = try #require(made["location"])
            _ = try await house.send("PUT", "\(own)/read", [:])
            let changes = try await house.get("\(own)/history").json["changes"]?.array ?? []
            #expect(changes.map { $0["event"] } == ["message:updated", "message:new"])
        }
    }
}

@Suite struct `The ledger of outward calls` {
    @Test(arguments: Engine.allCases)
    func `is shown to admins, who say how an unknown call ended`(engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            for key in ["message:1", "message:2"] {
                let intent = Store.Effects.Intent(provider: "smtp", requestHash: "x", job: ID(), attempt: 1)
                for _ in 0..<2 { _ = try await house.store.effects.begin(house.workspace, key: key, intent) }
            }
            let shown = try await house.get("/api/effects").json["effects"]?.array ?? []
            #expect(shown.map { $0["key"] } == ["message:1", "message:2"])
            #expect(try await house.get("/api/effects", key: house.viewer).status == 403)
            #expect(try await house.get("/api/effects", key: house.stranger).json["effects"] == [])
            let sent = try await house.post(
                "/api/effects/message:1/resolve", ["outcome": "sent", "receipt": ["id": "x1"]])
            #expect(sent.json["state"] == "receipt")
            #expect(sent.json["detail"]?.string?.hasPrefix("{\"id\":\"x1\",\"resolved_by\":\"user:") == true)
            let failed = try await house.post(
                "/api/effects/message:2/resolve", ["outcome": "not_sent", "reason": "No trace in the log."])
            #expect(failed.json["state"] == "failed")
            let cases: [(String, JSON, String)] = [
                ("message:1", ["outcome": "sent"], "409 -"), ("message:9", ["outcome": "sent"], "404 -"),
                ("message:1", ["outcome": "maybe"], "422 /outcome"),
                ("message:1", ["state": "x"], "400 /state"),
                ("message:1", ["outcome": "not_sent", "receipt": [:]], "422 /receipt"),
                ("message:1", ["outcome": "sent", "receipt": "x"], "422 /receipt"),
            ]
            for (key, json, refusal) in cases {
                let answer = try await house.post("/api/effects/\(key)/resolve", json)
                #expect(answer.refusal == refusal, "\(json.text)")
            }
        }
    }
}

extension JSON {
    /// The object with another value of one member.
    fileprivate func with(_ name: String, _ value: JSON) -> JSON {
        .object((members ?? []).filter { $0.name != name } + [.init(name, value)])
    }
}
