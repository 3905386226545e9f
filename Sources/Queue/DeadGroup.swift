import Core

/// Dead letters that died of the same trouble.
public struct DeadGroup: Sendable {
    public let fingerprint: String
    /// The name of the jobs.
    public let name: String
    /// The kind of the failure.
    public let kind: String
    public private(set) var count = 1
    /// When the first and the last of them died.
    public let first: Moment
    public private(set) var last: Moment
    /// The one that died last, and the message of its failure.
    public private(set) var sample: ID
    public private(set) var message: String

    init(_ letter: DeadLetter) {
        fingerprint = letter.fingerprint.text
        name = letter.envelope.name
        kind = letter.kind
        (first, last) = (letter.died, letter.died)
        sample = letter.envelope.id
        message = letter.message
    }

    /// Takes one more that did not die earlier than the others.
    mutating func take(_ letter: DeadLetter) {
        count += 1
        guard letter.died >= last else { return }
        last = letter.died
        sample = letter.envelope.id
        message = letter.message
    }

    /// The group and one of the same trouble from another queue as one.
    public func joined(with other: DeadGroup) -> DeadGroup {
        let later = last >= other.last ? self : other
        return DeadGroup(
            of: later, count: count + other.count, first: min(first, other.first))
    }

    private init(of group: DeadGroup, count: Int, first: Moment) {
        fingerprint = group.fingerprint
        name = group.name
        kind = group.kind
        self.count = count
        self.first = first
        last = group.last
        sample = group.sample
        message = group.message
    }
}

extension Queue {
    /// The dead letters by their troubles, the largest group first.
    public func deadGroups(matching filter: DeadFilter = DeadFilter()) async throws -> [DeadGroup] {
        var groups: [String: DeadGroup] = [:]
        try await visitDead(matching: filter) { letter in
            let key = letter.fingerprint.text
            if groups[key]?.take(letter) == nil { groups[key] = DeadGroup(letter) }
        }
        return groups.values.sorted(by: DeadGroup.isBefore)
    }
}

extension DeadGroup {
    /// The larger group comes first, of equal ones the later.
    public static func isBefore(_ left: DeadGroup, _ right: DeadGroup) -> Bool {
        (left.count, left.last, left.fingerprint) > (right.count, right.last, right.fingerprint)
    }
}
