import Core
import Queue
import Store

/// A job as the API shows it.
struct ShownJob {
    let json: JSON

    init(_ sight: Sight, _ jobs: KnownJobs) {
        json = .object(
            Self.identity(sight.envelope, sight.queue, sight.state)
                + Self.fate(sight.envelope, sight, jobs) + Self.history(sight.envelope, sight))
    }

    /// A job that was promised and has not reached its queue.
    init(_ entry: Store.Outbox.Entry, _ jobs: KnownJobs) throws {
        let envelope = try Envelope(entry.envelope)
        json = .object(
            Self.identity(envelope, entry.queue, envelope.firstState) + Self.fate(envelope, nil, jobs)
                + Self.history(envelope, nil) + [.init("acceptance", JSON(Acceptance.durable))])
    }

    private static func fate(_ envelope: Envelope, _ sight: Sight?, _ jobs: KnownJobs) -> [JSON.Member] {
        let most = envelope.attempts ?? jobs.policy(envelope.name)?.attempts
        return [
            .init("attempts", JSON(sight?.attempts ?? 0)), .init("max_attempts", JSON(most)),
            .init("errors", .array(sight?.errors ?? [])), .init("crashes", JSON(sight?.crashes ?? 0)),
            .init("progress", sight?.progress ?? .null), .init("result", sight?.result ?? .null),
            .init("reason", JSON(sight?.reason)), .init("tags", .array(envelope.tags.map(JSON.string))),
            .init("arguments", arguments(envelope, sight?.state)),
        ]
    }

    private static func history(_ envelope: Envelope, _ sight: Sight?) -> [JSON.Member] {
        [
            .init("created_at", JSON(envelope.created)), .init("run_at", JSON(sight?.due ?? envelope.due)),
            .init("expires_at", JSON(envelope.expires)), .init("started_at", JSON(sight?.started)),
            .init("finished_at", JSON(sight?.finished)), .init("worker", JSON(sight?.worker)),
        ]
    }

    /// What is answered when a job is accepted.
    static func receipt(_ order: Order, _ acceptance: Acceptance, state: State? = nil) -> JSON {
        let envelope = order.envelope
        return .object(
            identity(envelope, order.queue, state ?? envelope.firstState) + [
                .init("acceptance", JSON(acceptance)), .init("created_at", JSON(envelope.created)),
                .init("run_at", JSON(envelope.due)),
            ])
    }

    private static func identity(_ envelope: Envelope, _ queue: String, _ state: State) -> [JSON.Member] {
        [
            .init("id", JSON(envelope.id)), .init("name", .string(envelope.name)),
            .init("queue", .string(queue)),
            .init("state", JSON(state)), .init("priority", JSON(envelope.level)),
        ]
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
