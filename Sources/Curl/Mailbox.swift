extension Curl {
    /// An e-mail address that is fit to be sent, and the name shown beside it.
    package struct Mailbox: Sendable, Hashable {
        package let address: String
        package let name: String?

        static let longestName = 200

        /// Takes `local@domain` in ASCII (write other domains as `xn--…`); throws `Fault` `invalid`
        /// for anything else, and for a name with control characters.
        package init(_ address: String, name: String? = nil) throws {
            if let reason = Self.objection(to: address) { throw Fault(.invalid, reason) }
            if let name {
                guard name.utf8.count <= Self.longestName, HeaderText.isClean(name) else {
                    throw Fault(
                        .invalid, "The name beside \(address) is too long or holds a control character.")
                }
            }
            self.address = address
            self.name = name?.isEmpty == true ? nil : name
        }

        private static func objection(to address: String) -> String? {
            guard HeaderText.isClean(address) else { return "An e-mail address holds a control character." }
            let parts = address.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                return "\"\(address.prefix(80))\" is not of the form local@domain."
            }
            guard parts[0].utf8.count <= 64, isDotAtom(parts[0]) else {
                return "The part before the @ of \"\(address.prefix(80))\" is no e-mail name."
            }
            guard isDomain(parts[1]) else {
                return "The domain of \"\(address.prefix(80))\" is no domain name."
            }
            guard address.utf8.count <= 254 else { return "An e-mail address is longer than 254 characters." }
            return nil
        }

        private static func isDotAtom(_ text: Substring) -> Bool {
            text.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(atom.contains) }
        }

        static func isDomain(_ text: some StringProtocol) -> Bool {
            let labels = Array(text.utf8).split(
                separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            return text.utf8.count <= 255
                && labels.allSatisfy { label in
                    let hyphen = UInt8(ascii: "-")
                    return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                        && label.allSatisfy { $0 == hyphen || alphanumeric.contains($0) }
                }
        }

        private static let alphanumeric = Set(
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        private static let atom = alphanumeric.union("!#$%&'*+-/=?^_`{|}~".utf8)
    }
}

extension Curl.Mailbox {
    /// As it stands in a header: `name <address>`, the name quoted or encoded where it must be.
    var header: String {
        guard let name else { return address }
        if name.utf8.allSatisfy({ $0 < 0x7F }), !name.contains("=?") {
            let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\"\(quoted)\" <\(address)>"
        }
        // The first encoded word may follow "Reply-To: ".
        return HeaderText.encoded(name, after: 12) + "\r\n <\(address)>"
    }
}
