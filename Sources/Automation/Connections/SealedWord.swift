import Core
import Store

/// A secret word of a mail, sealed for its recipients: what a job's arguments hold instead of it.
///
/// Arguments are kept and shown; whoever copies them into another mail can bring the word to nobody else.
package struct SealedWord: Codable, Sendable, Hashable {
    private let key_id: ID
    private let text: String

    package init(
        _ plain: String, to recipients: [String], with vault: Vault, in workspace: ID
    ) async throws {
        (key_id, text) = try await vault.seal(Array(plain.utf8), for: Self.place(recipients), in: workspace)
    }

    /// As an argument.
    package var json: JSON { ["key_id": JSON(key_id), "text": .string(text)] }

    /// Throws `broken` for a word that was sealed for other recipients.
    package func opened(to recipients: [String], with vault: Vault, in workspace: ID) async throws -> String {
        let plain = try await vault.open(text, key: key_id, for: Self.place(recipients), in: workspace)
        return String(decoding: plain, as: UTF8.self)
    }

    private static func place(_ recipients: [String]) -> String {
        "mail/\(recipients.joined(separator: ","))"
    }
}
