import Automation
import Core
import Curl
import Crypto
import Foundation
import Queue
import Store
import TestHouse
import Testing
import Workspace

@testable import API
@testable import Integrations

/// A service that carried a mail of ours, and signs what it tells of it.
private struct Carrier {
    let hook: Hooked
    private let curve = P256.Signing.PrivateKey()

    init(_ house: Running, _ provider: String) async throws {
        let secret = provider == "sendgrid" ? curve.publicKey.derRepresentation.base64EncodedString() : "key"
        hook = try await Hooked(house, provider, secret: secret)
    }

    /// A mail that was sent, to so many.
    func mail(to recipients: [JSON] = ["ada@example.org"]) async throws -> ID {
        let messages = hook.store.messages
        let message = try await messages.promise(
            Values(["channel": "email", "to": .array(recipients), "body": "Hello", "subject": "Hi"]),
            to: ID())
        try await messages.sent(message.id, receipt: [:], externalID: ID().text)
        return message.id
    }

    func sendgrid(_ events: [JSON]) async throws {
        let (body, now) = (JSON.array(events).text + "\r\n", "\(Moment.now.milliseconds / 1_000)")
        let signature = try curve.signature(for: Data((now + body).utf8))
        let header = "X-Twilio-Email-Event-Webhook"
        let answer = try await hook.call(
            body,
            [
                "\(header)-Signature": signature.derRepresentation.base64EncodedString(),
                "\(header)-Timestamp": now,
            ])
        #expect(answer.status == 200, "\(answer.text)")
        try await take()
    }

    func mailgun(_ event: JSON) async throws {
        let (now, token) = ("\(Moment.now.milliseconds / 1_000)", ID().text)
        let code = Hex.text(Scheme.Mac.code(Array((now + token).utf8), Array("key".utf8), .sha256))
        let body: JSON = [
            "signature": ["timestamp": .string(now), "token": .string(token), "signature": .string(code)],
            "event-data": event,
        ]
        #expect(try await hook.call(body.text, [:]).status == 200)
        try await take()
    }

    /// Claims the job that a delivery led to, and does what it does.
    private func take() async throws {
        let house = hook.house
        var (shift, claims) = (Queue.Shift(), [Claim]())
        shift.wanted = 1
        let end = ContinuousClock.now + .seconds(30)
        while claims.isEmpty {
            try #require(ContinuousClock.now < end, "no job came of the delivery")
            _ = try await house.outbox.sweep(olderThan: .zero)
            claims = try await house.queue().work(shift).claims
        }
        let arguments = try JSONParser.parse(claims[0].envelope.arguments)
        let id = try #require(arguments["delivery_id"]?.string.flatMap { ID($0) })
        let delivery = try #require(try await hook.store.deliveries.find(id))
        _ = try await Inbox(delivery, in: house.workspace, house.tools).take()
    }

    func state(_ id: ID) async throws -> (status: String?, error: String?) {
        let message = try await hook.store.rows(.messages).require(id)
        return (message["status"].string, message["error"].string)
    }
}

@Suite struct `What a carrier tells of a mail of ours` {
    private func event(_ kind: JSON, _ id: ID, _ more: JSON = [:]) -> JSON {
        let whole: [JSON.Member] = [
            .init("event", kind), .init("smtp-id", .string("<\(id)@example.org>")),
            .init("email", "ada@example.org"),
        ]
        return .object(whole + (more.members ?? []))
    }

    @Test(arguments: Engine.allCases)
    func `moves it as SendGrid signs it, forward only`(_ engine: Engine) async throws {
        try await Hooked.with(engine) { house in
            let carrier = try await Carrier(house, "sendgrid")
            let (mail, lost, dropped) = try await (carrier.mail(), carrier.mail(), carrier.mail())
            try await carrier.sendgrid([
                event("processed", mail), event("delivered", mail),
                event("bounce", lost, ["status": "5.1.1", "reason": "No such user"]),
                event("dropped", dropped, ["reason": "Bounced Address"]),
            ])
            #expect(try await carrier.state(mail) == ("delivered", nil))
            let words = "Not delivered to ada@example.org"
            #expect(try await carrier.state(lost) == ("failed", "\(words) (5.1.1, No such user)."))
            #expect(try await carrier.state(dropped) == ("failed", "\(words) (Bounced Address)."))
            try await carrier.sendgrid([event("bounce", mail), event("delivered", lost)])
            #expect(try await carrier.state(mail) == ("delivered", nil))
            #expect(try await carrier.state(lost).status == "failed")
            try await carrier.sendgrid([event("spamreport", mail)])
            #expect(
                try await carrier.state(mail) == ("delivered", "Reported as spam by ada@example.org."))
        }
    }

    @Test(arguments: Engine.allCases)
    func `is applied as a whole, whatever characters the reasons hold`(_ engine: Engine) async throws {
        try await Hooked.with(engine) { house in
            let carrier = try await Carrier(house, "sendgrid")
            let (mail, odd, lost) = try await (carrier.mail(), carrier.mail(), carrier.mail())
            try await carrier.sendgrid([
                event("delivered", mail),
                event("bounce", odd, ["reason": "The user\u{92}s\r\nmailbox\u{7F} is full"]),
                event("bounce", lost, ["reason": "No such user"]),
            ])
            let words = "Not delivered to ada@example.org"
            #expect(try await carrier.state(mail) == ("delivered", nil))
            #expect(
                try await carrier.state(odd) == ("failed", "\(words) (The users mailbox is full)."))
            #expect(try await carrier.state(lost) == ("failed", "\(words) (No such user)."))
        }
    }

    @Test func `moves it as Mailgun signs it`() async throws {
        try await Hooked.with { house in
            let carrier = try await Carrier(house, "mailgun")
            func told(_ kind: JSON, _ mail: ID, _ more: JSON = [:]) async throws -> String? {
                let event: [JSON.Member] = [
                    .init("id", .string(ID().text)), .init("event", kind),
                    .init("recipient", "ada@example.org"),
                    .init("message", ["headers": ["message-id": .string("\(mail)@example.org")]]),
                ]
                try await carrier.mailgun(.object(event + (more.members ?? [])))
                return try await carrier.state(mail).status
            }
            let (mail, lost, dropped) = try await (carrier.mail(), carrier.mail(), carrier.mail())
            #expect(try await told("opened", mail) == "sent")
            #expect(try await told("failed", mail, ["severity": "temporary"]) == "sent")
            #expect(try await told("delivered", mail) == "delivered")
            let server: JSON = ["code": 550, "message": "No such user"]
            #expect(
                try await told("failed", lost, ["severity": "permanent", "delivery-status": server])
                    == "failed")
            #expect(
                try await carrier.state(lost).error
                    == "Not delivered to ada@example.org (550, No such user).")
            #expect(try await told("rejected", dropped, ["reject": ["reason": "Spam"]]) == "failed")
            #expect(try await told("complained", mail) == "delivered")
            #expect(try await carrier.state(mail).error == "Reported as spam by ada@example.org.")
        }
    }

    @Test func `says nothing of mails that are not ours, nor of all who get one of several`() async throws {
        try await Hooked.with { house in
            let carrier = try await Carrier(house, "sendgrid")
            let mail = try await carrier.mail(to: ["ada@example.org", "bob@example.org"])
            let other = try await house.store.scoped(Scope(workspace: house.workspace)).messages.promise(
                Values(["channel": "sms", "to": ["+4930123456"], "body": "Hello"]), to: ID())
            try await carrier.sendgrid([
                event("delivered", mail), event("delivered", other.id), event("bounce", ID()),
                ["event": "delivered"], ["event": "delivered", "smtp-id": "<x@y>"], [], 1,
            ])
            #expect(try await carrier.state(mail).status == "sent")
            #expect(try await carrier.state(other.id).status == "queued")
            try await carrier.sendgrid([event("bounce", mail)])
            #expect(try await carrier.state(mail).status == "failed")
        }
    }
}
