import Core
import Curl
import Foundation

extension Provider {
    /// A mailbox that is read by IMAP.
    package static let imap = Provider(
        "imap", "E-mail (IMAP)", base: "imap://mailbox",
        entrance: Entrance(
            .none,
            fields: [
                Field("host", "The mail server, such as imap.example.org."),
                Field("user", "The name to log in with."),
                Field("password", "The password, or one made for this use alone.", isSecret: true),
                Field("port", "993 unless told; 143 with startTLS.", isRequired: false),
                Field("security", "tls or startTLS; clear for a server on this machine.", isRequired: false),
                Field("folder", "INBOX unless told.", isRequired: false),
            ]),
        rules: Rules(), abilities: [.sync])
}

/// A mailbox that mails come in by.
package struct Mailbox: Sendable {
    package let line: Line

    package init(_ line: Line) { self.line = line }

    /// Where a reading ended. The number means something only with the validity it was given with.
    package struct Bookmark: Sendable, Hashable {
        package let validity: UInt32
        package let next: UInt32

        package init(validity: UInt32, next: UInt32) {
            self.validity = validity
            self.next = next
        }
    }

    /// What one reading brought.
    package struct Haul: Sendable, Hashable {
        package let bookmark: Bookmark
        /// The mails as they lie there (RFC 5322); of a very large one the head.
        package let letters: [[UInt8]]
        /// True when more lie there already.
        package let isMore: Bool
    }

    package var folder: String { line.credentials["folder"].flatMap { $0.isEmpty ? nil : $0 } ?? "INBOX" }

    /// What came since `bookmark`; nothing in the mailbox is changed, not even what counts as read.
    ///
    /// - Parameters:
    ///   - bookmark: nil for the first reading, which brings no mails: old ones stay where they are.
    ///   - since: from when on mails are read again where the server has numbered them anew.
    package func read(after bookmark: Bookmark?, since: Moment) async throws -> Haul {
        let day = Date(timeIntervalSince1970: Double(since.milliseconds) / 1_000)
        let place = bookmark.map { Curl.Postbox.Bookmark(validity: $0.validity, next: $0.next) }
        do {
            let haul = try await line.curl.read(try postbox, after: place, since: day)
            return Haul(
                bookmark: Bookmark(validity: haul.bookmark.validity, next: haul.bookmark.next),
                letters: haul.letters.map(\.content), isMore: haul.isMore)
        } catch let fault as Curl.Fault {
            throw Failure(fault)
        }
    }

    private var postbox: Curl.Postbox {
        get throws(Failure) {
            let fields = line.credentials
            guard let host = fields["host"], let user = fields["user"],
                let password = fields["access_token"] ?? fields["password"]
            else { throw Failure(.invalid, "The mailbox needs host, user and password.") }
            let word = (fields["security"] ?? "tls").lowercased()
            let known = Curl.Relay.Security.allCases.filter { $0 != .opportunistic }
            guard let security = known.first(where: { $0.rawValue.lowercased() == word }) else {
                throw Failure(.invalid, "security is tls, startTLS or clear.", at: "/fields/security")
            }
            let port = fields["port"].map { UInt16($0) } ?? (security == .tls ? 993 : 143)
            guard let port, port > 0 else {
                throw Failure(.invalid, "port is between 1 and 65535.", at: "/fields/port")
            }
            var postbox = Curl.Postbox(
                host: host, port: port, security: security,
                credentials: .init(user: user, password: password))
            postbox.isToken = fields["access_token"] != nil
            postbox.folder = folder
            // The workspace names the host: what the operator chose for the provider says nothing of it.
            postbox.addresses = line.strangers
            return postbox
        }
    }
}
