import Automation
import Core
import Queue
import Store
import Work

/// A job as the API shows it.
struct ShownJob {
    let json: JSON

    init(_ sight: Sight, _ jobs: KnownJobs) {
        json = .object(
            sight.members(attempts: jobs.policy(sight.envelope.name)?.attempts)
                + [.init("arguments", Self.arguments(sight.envelope, sight.state))])
    }

    /// A job that was promised and has not reached its queue.
    init(_ entry: Store.Outbox.Entry, _ jobs: KnownJobs) throws {
        let envelope = try Envelope(entry.envelope)
        let most = jobs.policy(envelope.name)?.attempts
        json = .object(
            envelope.members(entry.queue, envelope.firstState, nil, attempts: most)
                + [
                    .init("arguments", Self.arguments(envelope, nil)),
                    .init("acceptance", JSON(Acceptance.durable)),
                ])
    }

    /// What is answered when a job is accepted.
    static func receipt(_ order: Order, _ acceptance: Acceptance, state: State? = nil) -> JSON {
        let envelope = order.envelope
        return .object(
            envelope.identity(order.queue, state ?? envelope.firstState) + [
                .init("acceptance", JSON(acceptance)), .init("created_at", JSON(envelope.created)),
                .init("run_at", JSON(envelope.due)),
            ])
    }

    /// The arguments while they are kept: not beyond a job's good end.
    private static func arguments(_ envelope: Envelope, _ state: State?) -> JSON {
        let isOver = state.map { [.done, .cancelled, .expired].contains($0) } ?? false
        if isOver { return .null }
        do { return try JSONParser.parse(envelope.arguments).withoutSecrets } catch { return .null }
    }
}

extension JSON {
    /// What the name of a secret contains.
    private static let marks = ["secret", "password", "token"]

    /// The same with the values of members that are named like secrets replaced.
    var withoutSecrets: JSON {
        switch self {
        case .object(let members):
            .object(
                members.map { member in
                    let name = member.name.lowercased()
                    let isSecret = Self.marks.contains { name.contains($0) }
                    return .init(member.name, isSecret ? "***" : member.value.withoutSecrets)
                })
        case .array(let items): .array(items.map(\.withoutSecrets))
        default: self
        }
    }
}

extension Envelope {
    /// Where the job is when it has just been accepted.
    var firstState: State { due.map { $0 > .now } ?? false ? .scheduled : .waiting }

    /// The same job under the id that an earlier request gave it.
    func renamed(_ id: ID) -> Envelope {
        Envelope(
            id: id, name: name, arguments: arguments, workspace: workspace, level: level, due: due,
            expires: expires, attempts: attempts, timeout: timeout, tags: tags)
    }
}
