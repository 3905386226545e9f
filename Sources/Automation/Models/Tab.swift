import Core
import Integrations
import Store
import Workspace

/// What one call of a model has reserved, until it is known what it cost.
struct Tab: Sendable {
    let store: Store
    let reservation: Store.Spending.Reservation
    let price: Price
    /// The most tokens of input that it can have.
    let bound: Int
    /// The most tokens of output.
    let most: Int
    let call: Store.Spending.Call

    /// How a call ended, for the books.
    enum Ending: Sendable {
        /// It was refused, or never made.
        case unbilled
        /// The server said what it took.
        case counted(Reply.Usage)
        /// So many bytes of an answer were heard; a token has one at least.
        case heard(Int)
    }

    /// Settles what the call took, the most it can have been where nobody said.
    func close(_ ending: Ending) async throws {
        let (store, reservation, call, bill) = (store, reservation, call, bill(ending))
        // Also when the attempt was cancelled, the books must be right.
        try await Task {
            guard let bill else { return try await store.spending.cancel(reservation) }
            try await store.spending.settle(reservation, call, bill)
        }.value
    }

    private func bill(_ ending: Ending) -> Store.Spending.Bill? {
        switch ending {
        case .unbilled: return nil
        case .counted(let usage):
            let cost = price.cost_micro(input: usage.input, cached: usage.cached, output: usage.output)
            return .init(input: usage.input, cached: usage.cached, output: usage.output, cost_micro: cost)
        case .heard(let bytes):
            let output = min(bytes, most)
            let cost = price.cost_micro(input: bound, output: output)
            return .init(input: bound, output: output, cost_micro: cost, isEstimate: true)
        }
    }
}
