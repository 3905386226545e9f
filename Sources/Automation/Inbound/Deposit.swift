import Core
import Integrations
import Store

/// Puts away what a provider told us, so that nobody reads it in the database, and hands it to the job that
/// takes it.
///
/// What it says is sealed with a key of the workspace until then; its names, by which a repeat is known, are
/// digests.
package struct Deposit: Sendable {
    private let vault: Vault
    private let workspace: ID

    package init(_ tools: Tools, in workspace: ID) {
        vault = tools.connections.vault
        self.workspace = workspace
    }

    /// A call as it is to be kept.
    package func delivery(
        of call: Arrival, by scheme: Scheme, over connection: ID
    ) async throws -> Store.Deliveries.Entry {
        let (id, name) = (ID(), scheme.name(call))
        let body = scheme.keepsBody ? call.body : []
        let sealed =
            body.isEmpty ? nil : try await vault.seal(body, for: Self.place(id), in: workspace)
        return Store.Deliveries.Entry(
            id: id, connection: connection, provider: scheme.provider, name: Self.digest(name.id),
            proof: name.proof.map(Self.digest), headers: Self.kept(call), key: sealed?.key,
            body: Array((sealed?.text ?? "").utf8))
    }

    /// The call, as far as it was kept.
    func call(_ delivery: Store.Deliveries.Entry) async throws -> Arrival {
        let headers = (delivery.headers.members ?? []).compactMap { member in
            member.value.string.map { Arrival.Header(member.name, $0) }
        }
        return Arrival(url: "", headers: headers, body: try await body(delivery))
    }

    private func body(_ delivery: Store.Deliveries.Entry) async throws -> [UInt8] {
        guard let key = delivery.key else { return delivery.body }
        return try await vault.open(
            String(decoding: delivery.body, as: UTF8.self), key: key, for: Self.place(delivery.id),
            in: workspace)
    }

    /// The headers that say something about the call; none that proves who made it.
    private static func kept(_ call: Arrival) -> JSON {
        let told = ["content-type", "x-github-event", "x-goog-resource-state"]
        return .object(told.compactMap { name in call.header(name).map { .init(name, .string($0)) } })
    }

    private static func digest(_ text: String) -> String { Store.Messages.digest([text]) }

    private static func place(_ id: ID) -> String { "deliveries/\(id)/body" }
}
