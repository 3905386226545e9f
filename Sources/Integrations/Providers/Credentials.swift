import Foundation

/// What a connection gets in with, by the names of its provider's fields. It never shows itself in a log.
package struct Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private let values: [String: String]

    package init(_ values: [String: String]) { self.values = values }

    package subscript(name: String) -> String? { values[name] }

    /// All of it, to be sealed.
    package var fields: [String: String] { values }

    package func changed(by changes: [String: String]) -> Credentials {
        Credentials(values.merging(changes) { $1 })
    }

    /// `text` without any of the values in it.
    package func redacted(_ text: String) -> String {
        // A value of a few letters may be a word of any sentence.
        let telling = values.values.flatMap { [$0] + Self.tail($0) }.filter { $0.count >= 6 }
        return telling.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "…") }
    }

    /// What follows the host of an address, whole and in its long parts: with some it is the secret.
    private static func tail(_ value: String) -> [String] {
        guard let host = value.range(of: "://")?.upperBound,
            let slash = value[host...].firstIndex(of: "/")
        else { return [] }
        let rest = value[slash...].dropFirst()
        let parts: [Substring] = rest.split { "/?&=".contains($0) }
        return [String(rest)] + parts.filter { $0.count >= 12 }.map { String($0) }
    }

    package var description: String { "Credentials(\(values.keys.sorted().joined(separator: ", ")))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
