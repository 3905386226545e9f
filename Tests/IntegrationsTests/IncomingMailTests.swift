import Core
import Foundation
import Testing

@testable import Integrations

@Suite struct `A mail that comes in` {
    private func mail(_ lines: String...) -> IncomingMail {
        IncomingMail(Array(lines.joined(separator: "\r\n").utf8))
    }

    @Test func `is read with its addresses, its thread and its time`() {
        let mail = mail(
            "From: =?UTF-8?Q?J=C3=BCrgen_=22J=22?= <J@Example.org>", "To: \"Atom, Inc.\" <atom@example.org>,",
            " Ada <ada@example.org>", "Subject: =?utf-8?B?R3LDvMOf?=",
            " =?utf-8?B?ZQ==?= aus =?ISO-8859-1?Q?K=F6ln?=",
            "Message-ID: <m2@example.org>", "In-Reply-To: <m1@example.org>",
            "References: <m0@example.org>", "\t<m1@example.org>",
            "Date: Fri, 21 Nov 2025 10:00:00 +0100 (CET)",
            "", "Hello", "there")
        #expect(mail.from == "j@example.org")
        #expect(mail.name == "Jürgen \"J\"")
        #expect(mail.to == ["atom@example.org", "ada@example.org"])
        #expect(mail.subject == "Grüße aus Köln")
        #expect(mail.id == "m2@example.org")
        #expect(mail.answers == ["m1@example.org", "m1@example.org", "m0@example.org"])
        #expect(mail.at == Moment("2025-11-21T09:00:00Z"))
        #expect(mail.text == "Hello\r\nthere")
        #expect(!mail.isAutomatic)
    }

    @Test func `is read however its parts are nested and encoded`() {
        let mail = mail(
            "From: a@example.org", "Content-Type: multipart/mixed; boundary=\"=_1\"", "", "This is MIME.",
            "--=_1",
            "Content-Type: multipart/alternative; boundary=inner", "", "--inner",
            "Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: quoted-printable", "",
            "Gr=FC=DFe, a line that goes=", " on", "--inner", "Content-Type: text/html; charset=utf-8", "",
            "<b>x</b>", "--inner--", "--=_1", "Content-Type: application/pdf; name=\"a b.pdf\"",
            "Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=\"sum.pdf\"",
            "Content-Transfer-Encoding: base64", "", "aGVsbG8=", "--=_1--", "behind")
        #expect(mail.text == "Grüße, a line that goes on")
        #expect(mail.html == "<b>x</b>")
        #expect(mail.files == [.init(name: "résum.pdf", type: "application/pdf", bytes: 5)])
    }

    @Test func `keeps a character that two encoded words share`() {
        #expect(EncodedWords.decoded("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=") == "ü")
        #expect(EncodedWords.decoded("a =?utf-8?q?b?= c") == "a b c")
        #expect(EncodedWords.decoded("=?utf-8?Q?a?= =?utf-8?Q?b?=") == "ab")
        #expect(EncodedWords.decoded("=?x?=") == "=?x?=")
        #expect(EncodedWords.decoded("=?nothing?Q?=E4?=") == "ä")
    }

    @Test(arguments: [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; x", "Precedence: bulk",
        "X-Autoreply: yes",
    ])
    func `is known as a machine's`(_ header: String) {
        #expect(mail(header, "", "I am away").isAutomatic)
        #expect(!mail("Auto-Submitted: no", "", "I am here").isAutomatic)
    }

    @Test func `is read as far as it goes where it is broken`() {
        #expect(mail("Content-Type: multipart/mixed; boundary=x", "", "--x", "", "cut off").text == "cut off")
        #expect(mail("Content-Type: multipart/mixed", "", "no boundary").text == nil)
        #expect(mail("").text == "")
        #expect(IncomingMail([]).from == nil)
        #expect(mail("Content-Transfer-Encoding: base64", "", "!!!").text == "")
        #expect(mail("Content-Type: text/plain; charset=utf-8", "", "=").text == "=")
        #expect(mail("Content-Transfer-Encoding: quoted-printable", "", "=", "=4", "=ZZ=").text == "4\r\nZZ")
    }

    @Test func `never stops the reader, whatever it is made of`() {
        var dice = SystemRandomNumberGenerator()
        let words = [
            "--x", "\r\n", "\n", "Content-Type: multipart/mixed; boundary=x\r\n", "=?utf-8?Q?", "?=", "=",
            ";", "\"", "*0*=",
            "From: ", "<", ">", "\u{0}", "é", "Content-Transfer-Encoding: quoted-printable\r\n", "charset=",
            ":", " ",
        ]
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...40, using: &dice)
            let text = (0..<count).map { _ in words.randomElement(using: &dice) ?? "" }.joined()
            _ = IncomingMail(Array(text.utf8))
        }
        let deep = (0..<500).map { "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n" }
            .joined()
        #expect(IncomingMail(Array(deep.utf8)).text == nil)
    }
}
