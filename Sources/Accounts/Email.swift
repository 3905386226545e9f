import Core
import Foundation

/// An e-mail address as accounts are known by: in lower case, so that one address is one account.
package struct Email: Sendable, Hashable {
    /// In bytes, as mail servers count.
    package static let longest = 254

    package let text: String

    /// Throws `Failure(.invalid)` at `pointer` for what no mail can be sent to.
    package init(_ text: String, at pointer: String = "/email") throws(Failure) {
        let plain = Self.plain(text)
        let parts = plain.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), Self.isHost(parts[1]),
            plain.utf8.count <= Self.longest, plain.unicodeScalars.allSatisfy(Self.isPlain)
        else {
            throw Failure(
                .invalid, "This is no e-mail address; write it such as ada@example.org.", at: pointer)
        }
        self.text = plain
    }

    /// How an address is looked up, whatever it is.
    package static func plain(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased()
    }

    private static func isHost(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        }
    }

    /// No blanks, controls or marks that have a meaning in the headers of a mail.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.value != 0x7F && !(0x80..<0xA1).contains(scalar.value)
            && !"<>()[],;:\\\"".unicodeScalars.contains(scalar) && !scalar.properties.isWhitespace
    }
}
