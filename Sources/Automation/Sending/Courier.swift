import Core
import Integrations
import Store
import Workspace

/// Takes the parts of one message to one provider.
protocol Courier: Sendable {
    /// What the ledger calls the provider.
    var provider: String { get }
    /// The calls that the message takes, in order.
    func parts() async throws -> [Parcel.Part]
    func digest(of part: Parcel.Part) async throws -> String
    /// Makes the call. What it throws says that nothing was sent.
    func send(_ part: Parcel.Part) async throws -> Ledger.Call
    /// How the provider is asked where nobody knows whether the call was made; nil where it cannot be.
    func question(about part: Parcel.Part) -> Ledger.Question?
}

extension Courier {
    func question(about part: Parcel.Part) -> Ledger.Question? { nil }

    /// Asks for the ids of what may be the call; where the provider may not be asked, it stays silent.
    func asking(_ ids: @escaping @Sendable (Moment) async throws -> [String]) -> Ledger.Question {
        { [provider] since in
            do {
                return .made(try await ids(since).map { .posted($0, by: provider) })
            } catch let failure as Failure where !failure.isWorthRetrying {
                return .silent
            }
        }
    }
}

extension Ledger.Call {
    /// What became of a posting; its receipt names the provider, and what that calls the message.
    init(_ posting: Posting, by provider: String) {
        switch posting {
        case .posted(let id): self = .made(receipt: .posted(id, by: provider))
        case .failed(let failure): self = .failed(failure)
        case .unclear(let failure): self = .unclear(failure)
        }
    }
}

extension JSON {
    /// The receipt of a message that a provider has taken.
    static func posted(_ id: String, by provider: String) -> JSON {
        [
            "provider": .string(provider), "sandbox": false, "reply": "taken",
            "id": id.isEmpty ? .null : .string(id),
        ]
    }
}
