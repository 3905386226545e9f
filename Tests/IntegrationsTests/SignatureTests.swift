import Core
import Foundation
import Integrations
import Testing

@Suite struct `A webhook's signature` {
    private typealias Signature = Webhooks.Signature

    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private let body = Array("{\"test\": 2432232314}".utf8)
    private let now = Moment(milliseconds: 1_614_265_330_000)
    private let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let other = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    private func secret(_ text: String? = nil) throws -> Webhooks.Secret {
        try #require(Webhooks.Secret(text ?? own))
    }

    private var headers: [String: String] {
        ["webhook-id": id, "webhook-timestamp": "1614265330", "webhook-signature": expected]
    }

    /// What a receiver makes of it: our own, which takes the webhooks of others.
    private func isRight(
        _ headers: [String: String], body: [UInt8]? = nil, secrets: [String]? = nil, at now: Moment? = nil
    ) throws -> Bool {
        let scheme = try #require(Schemes.of("webhook"))
        let arrival = Arrival(
            url: "https://atom.example.org/hooks/x", headers: headers.map { .init($0.key, $0.value) },
            body: body ?? self.body)
        do {
            try scheme.check(arrival, secrets: secrets ?? [own], at: now ?? self.now)
            return true
        } catch is Scheme.Flaw { return false }
    }

    @Test func `is the one the specification publishes`() throws {
        let signature = try Signature.sign(id: id, at: now, body: body, secrets: [secret()])
        #expect(signature.text == expected && signature.timestamp == "1614265330")
        #expect(try isRight(headers))
    }

    @Test func `stands once for each secret while one replaces the other`() throws {
        let signature = try Signature.sign(id: id, at: now, body: body, secrets: [secret(other), secret()])
        let parts = signature.text.split(separator: " ")
        #expect(parts.count == 2 && parts[1] == expected && parts[0] != expected)
        var headers = headers
        headers["webhook-signature"] = signature.text
        #expect(try isRight(headers))
        #expect(try isRight(headers, secrets: [other]))
        #expect(try isRight(self.headers, secrets: [other, own]))
    }

    @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
    func `holds for five minutes either way`(seconds: Int64, isFresh: Bool) throws {
        let now = Moment(milliseconds: now.milliseconds + seconds * 1_000)
        #expect(try isRight(headers, at: now) == isFresh)
    }

    @Test(
        arguments: [
            ("webhook-id", nil), ("webhook-id", ""), ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJeK"),
            ("webhook-timestamp", nil), ("webhook-timestamp", ""), ("webhook-timestamp", "now"),
            ("webhook-timestamp", "1614265331"), ("webhook-timestamp", "+1614265330"),
            ("webhook-timestamp", "1614265330.0"), ("webhook-timestamp", "16142653301614265330"),
            ("webhook-signature", nil), ("webhook-signature", ""), ("webhook-signature", "v1,"),
            ("webhook-signature", "v1"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="),
            ("webhook-signature", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ("webhook-signature", "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ("webhook-signature", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ("webhook-signature", "v1,!!!!"),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"),
        ] as [(String, String?)])
    func `is refused when a header is missing or wrong`(name: String, value: String?) throws {
        var headers = headers
        headers[name] = value
        #expect(try !isRight(headers))
    }

    @Test func `is refused for another body, another secret and none`() throws {
        var changed = body
        for index in body.indices {
            changed[index] ^= 1
            #expect(try !isRight(headers, body: changed))
            changed[index] ^= 1
        }
        #expect(try isRight(headers, body: changed))
        #expect(try !isRight(headers, body: []))
        #expect(try !isRight(headers, secrets: [other]))
        #expect(try !isRight(headers, secrets: []))
    }

    @Test func `needs a secret of 24 to 64 bytes, which it never shows`() throws {
        for (count, isTaken) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
            let text = Data(repeating: 1, count: count).base64EncodedString()
            #expect((Webhooks.Secret("whsec_" + text) != nil) == isTaken)
            #expect((Webhooks.Secret(text) != nil) == isTaken)
        }
        for text in ["", "whsec_", "whsec_!!!!", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            #expect(Webhooks.Secret(text) == nil)
        }
        #expect(!"\(try secret())".contains("MfKQ"))
        for id in ["", "a.b", "a b", "a\r\nb", "ä"] {
            #expect(throws: Failure.self) {
                try Signature.sign(id: id, at: now, body: body, secrets: [secret()])
            }
        }
        #expect(throws: Failure.self) { try Signature.sign(id: id, at: now, body: body, secrets: []) }
    }
}
