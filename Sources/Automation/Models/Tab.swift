import Core
import Integrations
import Store
import Workspace

/// What one call of a model has reserved, until it is known what it cost.
struct Tab: Sendable {
    let store: Store
    let reservation: Store.Spending.Reservation
    let price: Price

    /// Settles what the call took by the server's own count, or else the most that it can have been.
    func close(_ usage: Reply.Usage?, _ extent: Model.Extent) async throws {
        let (store, reservation, bill) = (store, reservation, bill(usage, extent))
        // Also when the attempt was cancelled, the books must be right.
        try await Task {
            guard let bill else { return try await store.spending.cancel(reservation) }
            try await store.spending.settle(reservation, bill)
        }.value
    }

    private func bill(_ usage: Reply.Usage?, _ extent: Model.Extent) -> Store.Spending.Bill? {
        if let usage {
            let cost = price.cost_micro(input: usage.input, cached: usage.cached, output: usage.output)
            return .init(input: usage.input, cached: usage.cached, output: usage.output, cost_micro: cost)
        }
        let most = reservation.most
        switch extent {
        case .none: return nil
        case .unknown: return most
        case .heard(let bytes): return price.most(input: most.input, output: min(bytes, most.output))
        }
    }
}

extension Price {
    /// The bill of a call that takes all of these tokens.
    func most(input: Int, output: Int) -> Store.Spending.Bill {
        .init(
            input: input, output: output, cost_micro: cost_micro(input: input, output: output),
            isEstimate: true)
    }
}
