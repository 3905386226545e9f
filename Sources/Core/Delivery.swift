/// One handing-over of a job to a worker: the job's id and a number that only grows.
///
/// The text, `id` for the first delivery and `n|id` for the n-th, is the member of the lease set. It is the
/// fencing token: whatever a worker writes about an attempt carries it, and is refused once a newer delivery
/// exists.
public struct Delivery: Sendable, Hashable {
    public let id: ID
    public let number: Int

    public init(id: ID, number: Int = 1) {
        self.id = id
        self.number = number
    }

    /// The delivery that `text` names, or nil.
    public init?(_ text: some StringProtocol) {
        guard let bar = text.firstIndex(of: "|") else {
            guard let id = ID(text) else { return nil }
            self.init(id: id)
            return
        }
        guard let number = Int(text[..<bar]), number > 0, let id = ID(text[text.index(after: bar)...]) else {
            return nil
        }
        self.init(id: id, number: number)
    }

    public var text: String { number == 1 ? id.text : "\(number)|\(id.text)" }
}
