import Core
import Integrations
import Store

/// Keeps the sandbox's letters in the database, each in the workspace that the running job belongs to.
package struct SandboxKeeper: SandboxOutbox {
    /// The workspace of the attempt that runs in this task.
    @TaskLocal package static var workspace: ID?

    private let store: Store

    package init(_ store: Store) { self.store = store }

    package func keep(_ letter: Letter) async throws {
        guard let workspace = Self.workspace else {
            throw Failure(.broken, "The sandbox does not know whose letter this is.")
        }
        let raw = String(decoding: letter.content, as: UTF8.self)
        try await store.sandbox.add(
            .init(
                workspace: workspace, channel: "email", recipient: letter.recipients.joined(separator: ", "),
                subject: letter.subject, body: raw, raw: raw))
    }
}
