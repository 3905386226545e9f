import Core

/// Where a page of a job list ended.
public struct ListCursor: Sendable, Hashable {
    /// The parts of a queue, in the order they are listed.
    enum Section: Int, Sendable, CaseIterable {
        case running, suspects, shared, high, normal, low, scheduled, parked, dead, ended

        var isList: Bool { [.suspects, .high, .normal, .low].contains(self) }

        /// False when no job in that state can be in this part.
        func mayHold(_ state: State?) -> Bool {
            switch state {
            case nil: true
            case .running: self == .running
            case .waiting: isList || self == .shared
            case .scheduled: self == .scheduled
            case .parked: self == .parked
            case .dead: self == .dead
            case .done, .cancelled, .expired: self == .ended
            }
        }
    }

    private var part = 0
    /// How far into the part.
    var position = 0
    /// Which hash of ended jobs, and how far the scan of it has come.
    var hour: Int64 = 0
    var scan: UInt64 = 0
    /// What the last step of the scan brought beyond its page. A step asked for again need not bring the
    /// same.
    var pending: [ID] = []

    init() {}

    /// The part to go on with, nil behind the last.
    var section: Section? { Section(rawValue: part) }

    mutating func advance() {
        part += 1
        position = 0
    }

    /// More than a step of a scan ever brings.
    private static let pendingLimit = 1_000

    /// The cursor that `text` writes, or nil.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.prefix(4).compactMap { UInt64($0) }
        let ids = parts.dropFirst(4).compactMap { ID($0) }
        guard numbers.count == 4, ids.count == parts.count - 4, ids.count <= Self.pendingLimit,
            numbers[0] <= Section.allCases.count, numbers[1] <= Int32.max, numbers[2] <= Int32.max
        else { return nil }
        part = Int(numbers[0])
        position = Int(numbers[1])
        hour = Int64(numbers[2])
        scan = numbers[3]
        pending = ids
    }

    public var text: String {
        (["\(part)", "\(position)", "\(hour)", "\(scan)"] + pending.map(\.text)).joined(separator: ".")
    }
}
