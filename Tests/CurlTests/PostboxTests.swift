import Foundation
import Testing

@testable import Curl

@Suite struct `A mailbox` {
    private let curl = Curl()
    private static let mails = """
        {"4":"Subject: four\\r\\n\\r\\nold","7":"Subject: seven\\r\\n\\r\\n* OK\\r\\nATOM4 OK {9}\\r\\nend",\
        "9":"Subject: nine\\r\\n\\r\\nGrüße"}
        """

    private func box(_ more: String = "") -> String {
        "{\"validity\":5,\"next\":10,\"mails\":\(Self.mails)\(more)}"
    }

    private func read(
        _ server: PostboxServer, _ security: Curl.Relay.Security = .clear, _ certificates: Certificates,
        after bookmark: Curl.Postbox.Bookmark? = .init(validity: 5, next: 5), password: String = "secret",
        isToken: Bool = false, addresses: AddressGuard = .open
    ) async throws -> Curl.Postbox.Haul {
        var postbox = Curl.Postbox(
            host: "localhost", port: server.port, security: security,
            credentials: .init(user: "user", password: password))
        postbox.caFile = certificates.authority
        postbox.addresses = addresses
        postbox.isToken = isToken
        return try await curl.read(
            postbox, after: bookmark, since: Date(timeIntervalSince1970: 1_700_000_000))
    }

    @Test(arguments: [("tls", Curl.Relay.Security.tls), ("starttls", .startTLS), ("clear", .clear)])
    func `is read from where the reading before ended, and not changed`(
        _ mode: String, _ security: Curl.Relay.Security
    ) async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer(mode, certificates, box())
        let haul = try await read(server, security, certificates)
        #expect(haul.letters.map(\.number) == [7, 9])
        #expect(haul.bookmark == .init(validity: 5, next: 10))
        #expect(!haul.isMore)
        // What a mail holds is never taken for an answer of the server.
        #expect(
            haul.letters.map { String(decoding: $0.content, as: UTF8.self) } == [
                "Subject: seven\r\n\r\n* OK\r\nATOM4 OK {9}\r\nend", "Subject: nine\r\n\r\nGrüße",
            ])
        let commands = server.commands
        #expect(commands.contains("EXAMINE \"INBOX\""))
        #expect(
            !commands.contains { $0.hasPrefix("SELECT") || $0.contains(" BODY[") || $0.contains("STORE") })
        #expect((mode == "starttls") == commands.contains("STARTTLS"))
    }

    @Test func `brings nothing at the first reading but where it ends`() async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer("clear", certificates, box())
        let haul = try await read(server, .clear, certificates, after: nil)
        #expect(haul == .init(bookmark: .init(validity: 5, next: 10), letters: [], isMore: false))
    }

    @Test func `brings nothing where nothing came, though the last mail is always named`() async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer("clear", certificates, box(",\"next\":12"))
        let haul = try await read(server, .clear, certificates, after: .init(validity: 5, next: 10))
        #expect(haul == .init(bookmark: .init(validity: 5, next: 12), letters: [], isMore: false))
    }

    @Test func `is read again by its days when its mails were numbered anew`() async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer("clear", certificates, box())
        let haul = try await read(server, .clear, certificates, after: .init(validity: 4, next: 900))
        #expect(haul.letters.map(\.number) == [4, 7, 9])
        #expect(haul.bookmark == .init(validity: 5, next: 10))
        #expect(server.commands.contains("UID SEARCH SINCE 14-Nov-2023"))
    }

    @Test func `is read in pieces that have a bound`() async throws {
        let certificates = try await Certificates()
        let mails = (1...45).map { "\"\($0)\":\"Subject: \($0)\\r\\n\\r\\n\"" }.joined(separator: ",")
        let server = try await PostboxServer(
            "clear", certificates, "{\"validity\":5,\"next\":46,\"mails\":{\(mails)}}")
        var (bookmark, numbers, isMore) = (Curl.Postbox.Bookmark(validity: 5, next: 1), [UInt32](), true)
        while isMore {
            let haul = try await read(server, .clear, certificates, after: bookmark)
            #expect(haul.letters.count <= Curl.Postbox.most)
            (bookmark, isMore) = (haul.bookmark, haul.isMore)
            numbers += haul.letters.map(\.number)
        }
        #expect(numbers == Array(1...45))
        #expect(bookmark.next == 46)
    }

    @Test func `gives the head alone of a mail that is too large, and nothing of one that is gone`()
        async throws
    {
        let certificates = try await Certificates()
        let server = try await PostboxServer(
            "clear", certificates, box(",\"sizes\":{\"7\":99000000},\"gone\":[\"9\"]"))
        let haul = try await read(server, .clear, certificates)
        #expect(
            haul.letters == [.init(number: 7, content: Array("Subject: seven\r\n\r\n".utf8), isCut: true)])
        #expect(haul.bookmark.next == 10)
    }

    @Test func `lets in with a token too, and nobody with a wrong password`() async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer("tls", certificates, box())
        #expect(try await read(server, .tls, certificates, isToken: true).letters.count == 2)
        await #expect { try await read(server, .tls, certificates, password: "wrong") } throws: { error in
            (error as? Curl.Fault)?.kind == .refused && !"\(error)".contains("wrong")
        }
    }

    /// The published examples of RFC 4954, RFC 2195 and Google, as they go over the wire.
    @Test(arguments: [
        ("PLAIN", "test", "1234", "AHRlc3QAMTIzNA=="),
        (
            "XOAUTH2", "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhk"
                + "SFJoZG1semRHRXVZMjl0Q2cBAQ=="
        ),
        (
            "CRAM-MD5", "tim", "tanstaaftanstaaf",
            Data("tim b913a602c7eda7a495b4e6e7334d3890".utf8).base64EncodedString()
        ),
    ])
    func `is shown who we are as it was published`(
        _ way: String, _ user: String, _ password: String, _ response: String
    ) async throws {
        let certificates = try await Certificates()
        let server = try await PostboxServer(
            "clear", certificates,
            box(",\"sasl\":\"\(way)\",\"challenge\":\"<1896.697170952@postoffice.reston.mci.net>\""))
        var postbox = Curl.Postbox(
            host: "localhost", port: server.port, security: .clear,
            credentials: .init(user: user, password: password))
        postbox.addresses = .open
        postbox.isToken = way == "XOAUTH2"
        _ = try await curl.read(postbox, after: nil, since: Date())
        #expect(server.commands.contains("SASL \(response)"), "\(server.commands)")
    }

    @Test func `says what went wrong, and ends`() async throws {
        let certificates = try await Certificates()
        func kind(_ box: String, _ addresses: AddressGuard = .open) async throws -> Curl.Fault.Kind? {
            let server = try await PostboxServer("clear", certificates, box)
            do {
                _ = try await read(server, .clear, certificates, addresses: addresses)
                return nil
            } catch let fault as Curl.Fault { return fault.kind }
        }
        #expect(try await kind(box(",\"refuses\":1")) == .refused)
        #expect(try await kind(box(",\"hangs\":1")) == .lost)
        #expect(try await kind(box(), .publicOnly) == .forbiddenAddress)
    }

    @Test func `is not opened with a password in the clear, unless it is on this machine`() async throws {
        var postbox = Curl.Postbox(
            host: "imap.example.org", port: 143, security: .clear,
            credentials: .init(user: "u", password: "p"))
        for security in [Curl.Relay.Security.clear, .opportunistic] {
            postbox.security = security
            await #expect(throws: Curl.Fault.self) {
                try await curl.read(postbox, after: nil, since: Date())
            }
        }
    }
}
