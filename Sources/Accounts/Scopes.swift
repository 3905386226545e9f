import Core

/// What a key may be used for; a session may do whatever its user may.
package struct Scopes: Sendable, Hashable {
    /// Everything, in all areas.
    package static let all = Scopes(unchecked: ["*"])
    /// Scopes that one key may have.
    package static let most = 50

    /// As they were given, in order.
    package let words: [String]
    private let granted: Set<String>

    private init(unchecked words: [String]) {
        self.words = words
        granted = Set(words)
    }

    /// Takes `*`, `read`, `write`, and `read` or `write` of an area: `tasks:read`. To write includes to read.
    ///
    /// Throws `Failure(.invalid)` at the pointer of the word that is none.
    package init(_ words: [String], at pointer: String) throws(Failure) {
        guard (1...Self.most).contains(words.count), Set(words).count == words.count else {
            throw Failure(.invalid, "Name 1 to \(Self.most) scopes, and none twice.", at: pointer)
        }
        for (index, word) in words.enumerated() where !Self.isScope(word) {
            throw Failure(
                .invalid,
                "\"\(word.prefix(40))\" is no scope; write *, read, write, or such as tasks:read.",
                at: "\(pointer)/\(index)")
        }
        self.init(unchecked: words)
    }

    /// The scopes that a column holds, one behind the other.
    package init(column text: String) {
        self.init(unchecked: text.split(separator: " ").map(String.init))
    }

    package var column: String { words.joined(separator: " ") }

    /// True when these allow to read or to write in an area, which is the path's word after `/api/`.
    package func admit(_ area: String, writing: Bool) -> Bool {
        if granted.contains("*") || granted.contains("write") || granted.contains("\(area):write") {
            return true
        }
        return !writing && (granted.contains("read") || granted.contains("\(area):read"))
    }

    /// True when these allow all that `others` do.
    package func include(_ others: Scopes) -> Bool {
        others.words.allSatisfy { word in
            if granted.contains("*") || granted.contains(word) { return true }
            let parts = word.split(separator: ":")
            guard parts.count == 2 else { return word == "read" && granted.contains("write") }
            return admit(String(parts[0]), writing: parts[1] == "write")
        }
    }

    private static func isScope(_ word: String) -> Bool {
        if ["*", "read", "write"].contains(word) { return true }
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && (parts[1] == "read" || parts[1] == "write")
            && (1...40).contains(parts[0].utf8.count)
            && parts[0].utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || $0 == 45 || $0 == 95 }
    }
}
