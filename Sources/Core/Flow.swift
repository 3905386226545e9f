/// What a job shares with others while it waits and runs: whose turn it is, which limits it counts against,
/// and whom it must not run beside.
///
/// In the envelope it is one text, `share;limits;exclusive`, that the queue's scripts read without parsing
/// JSON; jobs with the same text wait in one group, first come, first served.
public struct Flow: Sendable, Hashable {
    /// One limit that the job counts against, and by how much.
    public struct Charge: Sendable, Hashable {
        /// The limit's key, such as `provider:twilio`; see `isKey`.
        public let key: String
        /// Units taken from the limit's rate, from 1; a place among those running is always one.
        public let cost: Int

        public init(_ key: String, cost: Int = 1) {
            self.key = key
            self.cost = cost
        }
    }

    /// The key whose jobs share the queue fairly with those of other keys, usually the workspace; empty when
    /// the job takes no turns.
    public var share: String
    /// The limits that must all have room before the job may start.
    public var charges: [Charge]
    /// At most one job of this key runs, in the order they were enqueued, and the next one not before it has
    /// ended for good, retries included.
    public var exclusive: String?

    public init(share: String = "", charges: [Charge] = [], exclusive: String? = nil) {
        self.share = share
        self.charges = charges
        self.exclusive = exclusive
    }

    /// The most limits one job counts against.
    public static let chargeLimit = 8
    /// The longest key, in bytes.
    public static let keyLimit = 128

    /// True when `text` may be a key: 1 to 128 printable ASCII characters other than space and `" \ ; , * |`.
    public static func isKey(_ text: String) -> Bool {
        (1...keyLimit).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !reserved.contains($0) }
    }

    private static let reserved = Array("\"\\;,*|".utf8)

    /// True when the job shares nothing.
    public var isEmpty: Bool { share.isEmpty && charges.isEmpty && exclusive == nil }

    /// `share;limits;exclusive`, the limits in order of their keys, so that equal flows have equal texts.
    public var text: String {
        let limits = charges.sorted { $0.key < $1.key }
            .map { $0.cost == 1 ? $0.key : "\($0.key)*\($0.cost)" }
        return "\(share);\(limits.joined(separator: ","));\(exclusive ?? "")"
    }

    /// The flow that `text` writes; nil where it is damaged.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        self.init(share: String(parts[0]), exclusive: parts[2].isEmpty ? nil : String(parts[2]))
        for limit in parts[1].split(separator: ",") {
            let pair = limit.split(separator: "*")
            guard pair.count == 1 || Int(pair[1]) != nil else { return nil }
            charges.append(Charge(String(pair[0]), cost: pair.count == 1 ? 1 : Int(pair[1]) ?? 1))
        }
    }
}

/// What becomes of a new job that could not start at once because of a limit or of its exclusive key.
public enum Overflow: String, Sendable, CaseIterable, Codable {
    /// It waits.
    case queue
    /// It is refused, and its caller hears which limit is full.
    case reject
    /// It is left out, and its caller hears so.
    case dropNew = "drop_new"
    /// It waits unless another one of its kind waits already; then it is left out.
    case bufferOne = "buffer_one"
    /// Those that hold the limit are asked to stop, and it runs once they have ended.
    case supersede
    /// Those that hold the limit are ended at once, without being asked, and it may run.
    case terminate
}
