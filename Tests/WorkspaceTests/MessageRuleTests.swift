import Core
import Testing
import Workspace

@Suite struct `The rules of a message` {
    private func refusal(_ values: [String: JSON]) -> String? {
        let usual: [String: JSON] = ["channel": "email", "direction": "out", "to": ["a@b.example"]]
        do {
            _ = try Noun.message.fresh(Values(usual.merging(values) { $1 }))
            return nil
        } catch { return (error as? Failure)?.pointer }
    }

    @Test(arguments: [
        ("email", "a@b.example", "a@b"), ("email", "ä@b.example", "a@b.example\nBcc: c@d.example"),
        ("sms", "+4930123456", "030123456"), ("whatsapp", "+4930123456", "+49"),
        ("telegram", "@ada_l", "ada"), ("telegram", "-100123", "@a"), ("slack", "#general", "two words"),
        ("in_app", "01JD7Y3Q8ZK4M0XW9V2T5B6C7D", "ada"),
    ])
    func `hold its addresses to its channel`(_ channel: String, _ good: String, _ bad: String) {
        let channel = JSON.string(channel)
        #expect(refusal(["channel": channel, "to": [.string(good)]]) == nil)
        #expect(refusal(["channel": channel, "to": [.string(bad)]]) == "/to/0")
    }

    @Test func `let nothing with two lines become a header`() {
        #expect(refusal(["subject": "a\nBcc: x@y.example"]) == "/subject")
        #expect(refusal(["from_address": "a@b.example\nX: y"]) == "/from_address")
        #expect(refusal(["direction": "in", "to": ["a\nb"]]) == "/to/0")
        #expect(refusal(["external_id": "a\nb"]) == "/external_id")
        #expect(refusal(["subject": "a\u{0}"]) == "/subject")
    }

    @Test func `hold what goes along to its channel`() {
        let phone: [String: JSON] = ["channel": "whatsapp", "to": ["+4930123456"]]
        func more(_ name: String, _ value: JSON) -> String? {
            refusal(phone.merging([name: value]) { $1 })
        }
        #expect(more("content", ["sid": "HX1", "variables": ["1": "Ann"]]) == nil)
        #expect(more("content", ["variables": [:]]) == "/content")
        #expect(refusal(["content": ["sid": "HX1"]]) == "/content")
        #expect(more("media", ["https://example.org/a.png"]) == nil)
        #expect(more("media", ["ftp://example.org/a"]) == "/media/0")
        #expect(refusal(["media": ["https://example.org/a.png"]]) == "/media")
        #expect(refusal(["files": ["01JD7Y3Q8ZK4M0XW9V2T5B6C7D"]]) == nil)
        #expect(refusal(["files": ["01jd7y3q8zk4m0xw9v2t5b6c7!"]]) == "/files/0")
        #expect(more("files", ["01JD7Y3Q8ZK4M0XW9V2T5B6C7D"]) == "/files")
    }

    @Test func `hold its text to its channel`() {
        #expect(refusal(["format": "markdown"]) == "/format")
        #expect(refusal(["channel": "sms", "to": ["+4930123456"], "format": "html"]) == "/format")
        let long = JSON.string(String(repeating: "x", count: 1_601))
        #expect(refusal(["body": long]) == nil)
        #expect(refusal(["channel": "sms", "to": ["+4930123456"], "body": long]) == "/body")
        #expect(refusal(["channel": "sms", "to": ["+4930123456", "+4930123457"]]) == "/to")
    }

    @Test func `say what it lacks to be sent`() throws {
        let lacks = { (values: [String: JSON]) -> String? in
            do {
                try Values(values).requireSendable()
                return nil
            } catch { return (error as? Failure)?.pointer }
        }
        #expect(lacks(["channel": "email", "to": ["a@b.example"], "body": "x", "subject": "y"]) == nil)
        #expect(lacks(["channel": "email", "to": ["a@b.example"], "body": "x"]) == "/subject")
        #expect(lacks(["channel": "sms", "to": ["+4930123456"], "body": " "]) == "/body")
        #expect(lacks(["channel": "sms", "to": [], "body": "x"]) == "/to")
        #expect(lacks(["to": ["x"]]) == "/channel")
    }
}
