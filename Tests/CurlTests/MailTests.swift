import Curl
import Foundation
import Testing

@Suite struct `A rendered mail` {
    /// What Python's parser of mails reads in `mails`.
    private func parsed(_ mails: [[UInt8]]) async throws -> [Parsed] {
        let program = """
            import sys, json, email, email.policy
            from email.header import decode_header, make_header
            from email.utils import getaddresses
            def content(part):
                content = part.get_content()
                return content if isinstance(content, str) else content.decode('latin-1')
            out = []
            for text in json.load(sys.stdin):
                raw = text.encode('latin-1')
                m = email.message_from_bytes(raw, policy=email.policy.default)
                parts = [p for p in m.walk() if not p.is_multipart()]
                # The newer policy leaves spaces between the encoded words of a name, against RFC 2047.
                to = getaddresses([email.message_from_bytes(raw)['to']])
                out.append({'subject': m['subject'], 'from': str(m['from']),
                    'to': [[str(make_header(decode_header(name))), address] for name, address in to],
                    'date': m['date'].datetime.isoformat(), 'id': m['message-id'],
                    'auto': m['auto-submitted'], 'type': m.get_content_type(),
                    'parts': [[p.get_content_type(), p.get_filename() or '', content(p)] for p in parts],
                    'defects': [str(d) for p in m.walk() for d in p.defects],
                    'keywords': m['keywords'] or ''})
            json.dump(out, sys.stdout)
            """
        let input = try JSONEncoder().encode(mails.map { String($0.map { Character(Unicode.Scalar($0)) }) })
        let output = try await run("/usr/bin/python3", ["-c", program], input: input)
        return try JSONDecoder().decode([Parsed].self, from: output)
    }

    private struct Parsed: Decodable {
        let subject: String
        let from: String
        let to: [[String]]
        let date: String
        let id: String
        let auto: String
        let type: String
        let parts: [[String]]
        let defects: [String]
        let keywords: String
    }

    private static let texts = [
        "Hello", "Grüße aus Köln", "日本語の件名はとても長いので、いくつかの単語に分けなければなりません。そうでしょう？",
        String(repeating: "é", count: 200), String(repeating: "👨‍👩‍👧‍👦", count: 20), "a =?UTF-8?B?eA==?= b",
        String(repeating: "word ", count: 60) + "end", "x" + String(repeating: "y", count: 300),
        "  two leading, two  inside, one trailing ", "naïve " + String(repeating: "plain words ", count: 20),
        "=", "?=",
        "A\u{300}\u{301}" + String(repeating: "\u{302}", count: 40), "tab-free", "🇪🇺🇩🇪",
        "\"quoted\", <odd> (x)",
        String(repeating: "x", count: 950),
    ]

    @Test func `says the same subjects and names to Python's parser`() async throws {
        let mails = try Self.texts.map { text in
            var mail = try Curl.Mail.sample(subject: text)
            mail.to = [
                try Curl.Mailbox("to@example.com", name: String(text.prefix(3))),
                try Curl.Mailbox("b@x.org"),
            ]
            mail.headers = [Curl.Header("Keywords", text)]
            return try mail.rendered()
        }
        for (text, mail) in zip(Self.texts, try await parsed(mails)) {
            #expect(mail.subject == text && mail.keywords == text)
            #expect(mail.to == [[String(text.prefix(3)), "to@example.com"], ["", "b@x.org"]])
            #expect(mail.defects.isEmpty)
        }
    }

    @Test func `keeps encoded words within 75 characters and lines within bounds`() throws {
        for text in Self.texts {
            var mail = try Curl.Mail.sample(subject: text)
            mail.text = text
            let lines = String(decoding: try mail.rendered(), as: UTF8.self).split(separator: "\r\n")
            let words = lines.flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("=?UTF-8?B?") }
            for word in words {
                #expect(word.utf8.count <= 75)
                let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
                #expect(String(validating: bytes, as: UTF8.self) != nil, "a character was cut")
            }
            for line in lines {
                #expect(line.utf8.count <= 998 && line.utf8.allSatisfy { $0 < 0x7F })
                if line.contains("=?UTF-8?B?"), !text.contains("=?") { #expect(line.utf8.count <= 76) }
            }
        }
    }

    @Test func `carries both versions, files and its marks`() async throws {
        var mail = try Curl.Mail.sample()
        let text = "Grüße\r\nline\rlast \n\n.\nFrom here\t\n" + String(repeating: "ö=", count: 100)
        mail.text = text
        mail.html = "<p>ä</p>"
        mail.attachments = [
            Curl.Mail.Attachment(name: "report 1.csv", type: "text/csv", content: Array("a,b\n".utf8)),
            Curl.Mail.Attachment(
                name: "Übersicht.bin", type: "application/x-y", content: (0...255).map { UInt8($0) }),
        ]
        let seen = try #require(try await parsed([try mail.rendered()]).first)
        #expect(seen.type == "multipart/mixed" && seen.defects.isEmpty)
        #expect(seen.from == "\"Atom\" <from@example.com>" || seen.from == "Atom <from@example.com>")
        #expect(seen.date == "2026-03-29T01:30:00+00:00" && seen.id == "<job.42@example.com>")
        #expect(seen.auto == "auto-generated")
        #expect(seen.parts.map { $0[0] } == ["text/plain", "text/html", "text/csv", "application/x-y"])
        #expect(seen.parts.map { $0[1] } == ["", "", "report 1.csv", "Übersicht.bin"])
        let ends = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        #expect(seen.parts[0][2].replacing("\r\n", with: "\n") == ends)
        #expect(seen.parts[3][2].unicodeScalars.map(\.value) == Array(0...255))
    }

    @Test func `is the same each time and differs with what it says`() throws {
        let mail = try Curl.Mail.sample()
        #expect(try mail.rendered() == mail.rendered())
        var other = mail
        other.messageID = "<job.43@example.com>"
        #expect(try other.rendered() != mail.rendered())
    }

    @Test func `names no hidden recipient`() throws {
        var mail = try Curl.Mail.sample(to: [])
        mail.bcc = [try Curl.Mailbox("hidden@example.com")]
        let text = String(decoding: try mail.rendered(), as: UTF8.self)
        #expect(!text.contains("hidden@") && text.contains("To: undisclosed-recipients:;"))
        #expect(mail.recipients == ["hidden@example.com"])
    }

    @Test(arguments: [
        "a@example.com", "a.b+c@ex-ample.co.uk", "!#$%&'*+-/=?^_`{|}~@x",
        String(repeating: "a", count: 64) + "@b.org",
        "a@xn--mnchen-3ya.de",
    ])
    func `goes to an address in order`(address: String) throws {
        #expect(try Curl.Mailbox(address).address == address)
    }

    @Test(arguments: [
        "", "a", "@b.org", "a@", "a@b@c", "a b@c.org", "a@b c", ".a@b", "a.@b", "a..b@c", "a@-b.org",
        "a@b-.org",
        "a@b..org", "a@.b", "a@b.", "a@b.org\r\nRCPT TO:<x@y>", "a@b\n", "a\u{0}@b", "<a@b.org>",
        "a@[127.0.0.1]",
        "\"a b\"@c.org", "ä@b.org", "a@münchen.de", "a,b@c.org", "a@b.org,c@d.org", "a@b.org>", "a;b@c",
        "a@b_c",
        String(repeating: "a", count: 65) + "@b.org", "a@" + String(repeating: "b", count: 64) + ".org",
        "a@" + Array(repeating: "bcd", count: 70).joined(separator: "."),
    ])
    func `goes to no other`(address: String) {
        #expect(throws: Curl.Fault.self) { try Curl.Mailbox(address) }
    }

    @Test(arguments: [
        "\r\nBcc: x@y", "a\rb", "a\nb", "a\u{0}b", "a\u{7F}b", "a\u{85}b", "a\u{2028}b", "a\u{1B}[1m",
    ])
    func `lets no text end its header`(text: String) throws {
        #expect(throws: Curl.Fault.self) { try Curl.Mailbox("a@b.org", name: text) }
        let changes: [(inout Curl.Mail) -> Void] = [
            { $0.subject = text }, { $0.messageID = "<\(text)@b.org>" },
            { $0.messageID = "<a@b.org>\(text)" },
            { $0.headers = [Curl.Header("X-A", text)] }, { $0.headers = [Curl.Header(text, "a")] },
            { $0.attachments = [Curl.Mail.Attachment(name: text, type: "a/b", content: [])] },
            { $0.attachments = [Curl.Mail.Attachment(name: "a", type: "a/b\(text)", content: [])] },
        ]
        for change in changes {
            var mail = try Curl.Mail.sample()
            change(&mail)
            #expect(throws: Curl.Fault.self) { try mail.rendered() }
        }
    }

    @Test(arguments: ["From", "to", "Bcc", "Subject", "Message-ID", "Content-Type", "Date", "Sender"])
    func `writes its own headers itself`(name: String) throws {
        var mail = try Curl.Mail.sample()
        mail.headers = [Curl.Header(name, "x")]
        #expect(throws: Curl.Fault.self) { try mail.rendered() }
    }

    @Test func `has at least one recipient and not too many`() throws {
        #expect(throws: Curl.Fault.self) { try Curl.Mail.sample(to: []).rendered() }
        let many = (0...Curl.Mail.mostRecipients).map { "a\($0)@example.com" }
        #expect(throws: Curl.Fault.self) { try Curl.Mail.sample(to: many).rendered() }
        #expect(try Curl.Mail.sample(to: many.dropLast()).rendered().count > 0)
    }
}
