/// What happened to a job, as it is published and kept in the queue's stream: one line of text each.
///
/// The line is `kind id workspace` and, where the event has more to say, a space and a JSON object.
public struct Event: Sendable, Hashable {
    /// The change that happened.
    public enum Kind: String, Sendable, CaseIterable {
        case waiting, scheduled, running, progress, retrying, crashed, released
        case done, dead, cancelled, expired, parked, discarded
    }

    public let kind: Kind
    public let job: ID
    public let workspace: String
    public let detail: JSON?

    public init(_ kind: Kind, job: ID, workspace: String, detail: JSON? = nil) {
        self.kind = kind
        self.job = job
        self.workspace = workspace
        self.detail = detail
    }

    /// The event that `line` writes, or nil.
    public init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let kind = Kind(rawValue: String(parts[0])), let job = ID(parts[1]) else {
            return nil
        }
        self.init(
            kind, job: job, workspace: String(parts[2]),
            detail: parts.count > 3 ? try? JSONParser.parse(Array(parts[3].utf8)) : nil)
    }

    public var line: String {
        "\(kind.rawValue) \(job.text) \(workspace)" + (detail.map { " " + $0.text } ?? "")
    }
}
