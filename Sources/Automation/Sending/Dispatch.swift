import Core
import Integrations
import Store
import Workspace

/// Takes one message of the workspace to its channel, part by part, each part once.
///
/// It goes through the connection that the message names, else the usual one of its channel's provider. Where
/// there is none, the sandbox keeps it, as long as that is open. E-mail goes through the operator's server.
package struct Dispatch: Sendable {
    /// How far it got.
    package enum Outcome: Sendable {
        /// Every part is taken.
        case sent(receipt: JSON)
        /// Nobody knows whether the part with this key in the ledger was sent; no later one was.
        case unknown(key: String)
    }

    private let parcel: Parcel
    private let courier: any Courier
    private let ledger: Ledger

    /// Throws `Failure(.broken)` for a row that is no message, `invalid` for a connection that does not fit.
    package init(_ message: Item, _ tools: Tools, in workspace: ID) async throws {
        parcel = try Parcel(message, in: workspace)
        ledger = tools.ledger
        courier = try await Self.courier(for: parcel, tools)
    }

    /// Sends what is not sent yet. Throws the failure of a part that was certainly not sent.
    package func send(job: ID, attempt: Int) async throws -> Outcome {
        var receipts: [JSON] = []
        for part in try await courier.parts() {
            let effect = try await effect(of: part, job: job, attempt: attempt)
            let doubt = Ledger.Doubt.about(courier.provider, asking: courier.question(about: part))
            switch try await ledger.once(effect, doubt: doubt, call: { await call(part) }) {
            case .receipt(let receipt): receipts.append(receipt)
            case .unknown: return .unknown(key: part.key)
            }
        }
        guard let first = receipts.first else { throw Failure(.invalid, "The message has no text.") }
        let more = receipts.dropFirst().map { $0["id"] ?? .null }
        guard !more.isEmpty else { return .sent(receipt: first) }
        return .sent(receipt: .object((first.members ?? []) + [.init("more", .array(more))]))
    }

    /// The calls as the ledger knows them.
    package func effects(job: ID, attempt: Int) async throws -> [Effect] {
        var effects: [Effect] = []
        for part in try await courier.parts() {
            effects.append(try await effect(of: part, job: job, attempt: attempt))
        }
        return effects
    }

    private func effect(of part: Parcel.Part, job: ID, attempt: Int) async throws -> Effect {
        Effect(
            workspace: parcel.workspace, key: part.key, provider: courier.provider,
            requestHash: try await courier.digest(of: part), job: job, attempt: attempt)
    }

    private func call(_ part: Parcel.Part) async -> Ledger.Call {
        do { return try await courier.send(part) } catch let failure as Failure {
            return .failed(failure)
        } catch {
            // A cancelled attempt says so only when nothing was sent.
            return .failed(
                Failure(.unavailable, "The attempt was stopped before the message was sent.", cause: error))
        }
    }

    private static func courier(for parcel: Parcel, _ tools: Tools) async throws -> any Courier {
        if parcel.channel == .email { return MailCourier(parcel: parcel, tools: tools) }
        guard let connection = try await connection(for: parcel, tools) else {
            return LocalCourier(parcel: parcel, tools: tools)
        }
        let store = tools.store.scoped(Scope(workspace: parcel.workspace))
        switch parcel.channel {
        case .whatsapp, .sms: return TwilioCourier(parcel: parcel, connection: connection, store: store)
        case .telegram: return TelegramCourier(parcel: parcel, connection: connection, store: store)
        case .slack: return SlackCourier(parcel: parcel, connection: connection)
        case .discord: return DiscordCourier(parcel: parcel, connection: connection)
        case .teams: return TeamsCourier(parcel: parcel, connection: connection)
        case .email, .inApp: return LocalCourier(parcel: parcel, tools: tools)
        }
    }

    private static func connection(for parcel: Parcel, _ tools: Tools) async throws -> Connection? {
        guard let name = parcel.channel.provider else { return nil }
        let provider = try Providers.named(name)
        guard let id = parcel.values.id("connection_id") else {
            return try await tools.connections.usual(provider, in: parcel.workspace)
        }
        let connection = try await tools.connections.open(id, in: parcel.workspace)
        guard connection.provider.name == name else {
            throw Failure(
                .invalid,
                "The connection \"\(connection.name)\" leads to \(connection.provider.title), which does not "
                    + "carry messages of \(parcel.channel.title).")
        }
        return connection
    }
}
