/// What happened to a job or to a row of a workspace, as it is published and kept in a stream: one line of
/// text each.
///
/// The line is `kind id workspace` and, where the event has more to say, a space and a JSON object. That of a
/// change has `noun version audience` before the object, the audience `-` where there is none.
public struct Event: Sendable, Hashable {
    /// The change that happened: one of those a job goes through, or the noun of a row and what was done to
    /// it, such as `task:created`.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public let rawValue: String
        /// True for a change of a row.
        public let isChange: Bool

        /// Nil for what neither names a state of jobs nor has a colon between words of a-z, 0-9 and `_`.
        public init?(rawValue: String) {
            isChange = !Self.known.contains(rawValue)
            guard !isChange || Self.namesChange(rawValue) else { return nil }
            self.rawValue = rawValue
        }

        private init(_ job: String) {
            rawValue = job
            isChange = false
        }

        public static let waiting = Kind("waiting"), scheduled = Kind("scheduled"), running = Kind("running")
        public static let progress = Kind("progress"), retrying = Kind("retrying")
        public static let crashed = Kind("crashed"), released = Kind("released"), done = Kind("done")
        public static let dead = Kind("dead"), cancelled = Kind("cancelled"), expired = Kind("expired")
        public static let parked = Kind("parked"), discarded = Kind("discarded")

        private static let known = Set(allCases.map(\.rawValue))

        private static func namesChange(_ text: String) -> Bool {
            let words = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
            return words.count > 1
                && words.allSatisfy { word in
                    !word.isEmpty
                        && word.allSatisfy {
                            (97...122).contains($0) || (48...57).contains($0) || $0 == 95
                        }
                }
        }
    }

    /// What is said of a row beside its id.
    public struct Change: Sendable, Hashable {
        /// Such as `task`.
        public let noun: String
        /// The row's version after the change.
        public let version: Int
        /// The one user who may hear of it; nil where all of the workspace may.
        public let audience: String?

        /// - Parameters:
        ///   - noun: without white space.
        ///   - audience: a user's id.
        public init(noun: String, version: Int, audience: String? = nil) {
            self.noun = noun
            self.version = version
            self.audience = audience
        }
    }

    public let kind: Kind
    /// The job; of a change, the row.
    public let job: ID
    public let workspace: String
    /// Nil for what happened to a job.
    public let change: Change?
    public let detail: JSON?

    public init(_ kind: Kind, job: ID, workspace: String, detail: JSON? = nil) {
        self.kind = kind
        self.job = job
        self.workspace = workspace
        self.change = nil
        self.detail = detail
    }

    /// - Parameter kind: one that `isChange`.
    public init(_ kind: Kind, row: ID, workspace: String, change: Change, detail: JSON? = nil) {
        self.kind = kind
        self.job = row
        self.workspace = workspace
        self.change = change
        self.detail = detail
    }

    /// The event that `line` writes, or nil.
    public init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let kind = Kind(rawValue: String(parts[0])), let id = ID(parts[1]) else {
            return nil
        }
        self.kind = kind
        job = id
        workspace = String(parts[2])
        var rest = parts.count > 3 ? Substring(parts[3]) : nil
        change = kind.isChange ? Change(&rest) : nil
        guard !kind.isChange || change != nil else { return nil }
        detail = rest.flatMap { try? JSONParser.parse(Array($0.utf8)) }
    }

    /// The one user who may hear of it; nil where all of the workspace may. What an attempt says to one
    /// person names them in its detail.
    public var audience: String? {
        change?.audience ?? (kind == .progress ? detail?["audience"]?.string : nil)
    }

    public var line: String {
        "\(kind.rawValue) \(job.text) \(workspace)\(change?.text ?? "")"
            + (detail.map { " " + $0.text } ?? "")
    }
}

extension Event.Kind: CaseIterable {
    /// What can happen to a job.
    public static let allCases: [Self] = [
        waiting, scheduled, running, progress, retrying, crashed, released, done, dead, cancelled, expired,
        parked, discarded,
    ]
}

extension Event.Change {
    fileprivate var text: String { " \(noun) \(version) \(audience ?? "-")" }

    /// Reads it from the beginning of what is left of a line.
    fileprivate init?(_ rest: inout Substring?) {
        let parts = rest?.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false) ?? []
        guard parts.count >= 3, !parts[0].isEmpty, !parts[2].isEmpty, let version = Int(parts[1]) else {
            return nil
        }
        self.init(
            noun: String(parts[0]), version: version, audience: parts[2] == "-" ? nil : String(parts[2]))
        rest = parts.count > 3 ? parts[3] : nil
    }
}
