import Core
import Curl
import TestHouse
import Testing

@Suite struct `A message by the short path` {
    @Test(arguments: [
        ("whatsapp", "+4930123456", "message"), ("sms", "+4930123456", "text"),
        ("telegram", "@ada_l", "body"),
        ("slack", "C77", "message"), ("discord", "77", "message"), ("teams", "general", "message"),
    ])
    func `is accepted with its job`(_ channel: String, _ to: String, _ name: String) async throws {
        try await Running.with { house async throws in
            let body: JSON = .object([.init("to", .string(to)), .init(name, "Hello")])
            let answer = try await house.post("/integrations/\(channel)/send", body)
            #expect(answer.status == 202)
            #expect(answer.json["message"]?["channel"]?.string == channel)
            #expect(answer.json["message"]?["to"]?.array == [.string(to)])
            #expect(answer.json["message"]?["job_id"] == answer.json["job_id"])
            let history = try await house.get("/integrations/history?channel=\(channel)")
            let ids = history.json["messages"]?.array?.compactMap { $0["id"]?.string }
            let sent = try #require(answer.json["message_id"]?.string)
            #expect(ids == [sent])
        }
    }

    @Test func `is refused for what it does not say, or says twice`() async throws {
        try await Running.with { house async throws in
            let cases: [(JSON, Int)] = [
                (["to": "a@b.example", "subject": "x"], 422), (["subject": "x", "message": "y"], 422),
                (["to": "a@b.example", "subject": "x", "message": "y", "text": "z"], 422),
                (["to": "a@b.example", "subject": "x", "message": "y", "surprise": 1], 400),
                (["to": "a@b.example", "subject": "x", "template": "nowhere"], 422),
                (["to": "a@b.example", "subject": "x", "message": "y", "media": ["https://x.example"]], 422),
            ]
            for (body, status) in cases {
                #expect(try await house.post("/integrations/email/send", body).status == status)
            }
        }
    }

    @Test func `takes its text from a template by name`() async throws {
        try await Running.with { house async throws in
            let template: JSON = [
                "name": "shipped", "channel": "sms", "body": "Hello {{name}}, it is on its way.",
            ]
            #expect(
                try await house.post("/api/communications/templates", template).status == 201)
            let body: JSON = ["to": "+4930123456", "template": "shipped", "variables": ["name": "Ada"]]
            let answer = try await house.post("/integrations/sms/send", body)
            #expect(answer.status == 202)
            #expect(answer.json["message"]?["body"]?.string == "Hello Ada, it is on its way.")
        }
    }
}
