import Core
import Testing
import Workspace

@Suite struct `A report of a mail server` {
    private static let report = """
        From: MAILER-DAEMON@mx.example.net\r
        Subject: Undelivered Mail Returned to Sender\r
        Content-Type: multipart/report; report-type=delivery-status;\r
        \tboundary="b0undary=1"\r
        \r
        --b0undary=1\r
        Content-Type: text/plain\r
        \r
        I am sorry.\r
        --b0undary=1\r
        Content-Type: message/delivery-status\r
        \r
        Reporting-MTA: dns; mx.example.net\r
        Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\r
        \r
        Final-Recipient: rfc822; Ada@Example.org\r
        Action: failed\r
        Status: 5.1.1\r
        Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>:\r
        \tno such user\r
        \r
        Final-Recipient: rfc822; bob@example.org\r
        Action: delayed (queue full)\r
        Status: 4.2.2\r
        \r
        --b0undary=1\r
        Content-Type: message/rfc822\r
        \r
        Message-ID: <01JD7Y3Q8ZK4M0XW9V2T5B6C7D@example.org>\r
        Subject: Hello\r
        \r
        Body\r
        --b0undary=1--\r

        """

    @Test func `tells which mail did not reach whom, and why`() throws {
        let bounce = try #require(Bounce(Array(Self.report.utf8)))
        #expect(bounce.messageID == "01JD7Y3Q8ZK4M0XW9V2T5B6C7D@example.org")
        #expect(bounce.recipients.map(\.address) == ["Ada@Example.org", "bob@example.org"])
        #expect(bounce.recipients.map(\.action) == ["failed", "delayed"])
        #expect(bounce.recipients.map(\.status) == ["5.1.1", "4.2.2"])
        #expect(bounce.recipients[0].diagnosis == "550 5.1.1 <ada@example.org>: no such user")
        #expect(bounce.isFinal)
        #expect(bounce.sentence.contains("Ada@Example.org (5.1.1"))
        #expect(!bounce.sentence.contains("bob"))
    }

    @Test func `reads the same with bare line feeds, and with headers only`() throws {
        let text = Self.report.replacing("\r\n", with: "\n")
            .replacing("message/rfc822", with: "text/rfc822-headers")
        #expect(try #require(Bounce(Array(text.utf8))).messageID == "01JD7Y3Q8ZK4M0XW9V2T5B6C7D@example.org")
    }

    @Test func `is not seen in other mails, however they are damaged`() {
        #expect(Bounce(Array("Subject: Re: Hello\r\n\r\nThanks!".utf8)) == nil)
        #expect(Bounce([]) == nil)
        let whole = Array(Self.report.utf8)
        for length in stride(from: 0, to: whole.count, by: 7) { _ = Bounce(Array(whole[..<length])) }
    }
}
