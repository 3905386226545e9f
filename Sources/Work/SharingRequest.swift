import Core
import Queue

extension JobRequest {
    /// One limit the job counts against, as the request writes it.
    package struct Charge: Decodable, Sendable {
        let key: String
        let cost: Int?
    }

    /// The lock the job is to hold, as the request writes it.
    package struct Lock: Decodable, Sendable {
        let key: String?
        let by: [String]?
        let until: String?
        let lifetimeSeconds: Double?
        let onConflict: String?
        let maximumWaitSeconds: Double?

        enum CodingKeys: String, CodingKey {
            case key, by, until
            case lifetimeSeconds = "lifetime_seconds"
            case onConflict = "on_conflict"
            case maximumWaitSeconds = "maximum_wait_seconds"
        }
    }

    /// What the job shares with others. Without a word of its own it takes turns with those of other
    /// workspaces; `""` opts out.
    func flow(workspace: String) throws -> Flow {
        let share = share ?? (Flow.isKey(workspace) ? workspace : "")
        if !share.isEmpty { try Self.check(share, at: "/share") }
        let charges = limits ?? []
        guard charges.count <= Flow.chargeLimit else {
            throw Failure(
                .invalid,
                "A job counts against \(Flow.chargeLimit) limits at most; these are \(charges.count).",
                at: "/limits")
        }
        for (index, charge) in charges.enumerated() {
            try Self.check(charge.key, at: "/limits/\(index)/key")
            guard Limits.cost.contains(charge.cost ?? 1) else {
                throw Failure(
                    .invalid, "cost must be 1 to \(Limits.cost.upperBound).", at: "/limits/\(index)/cost")
            }
            guard !charges[..<index].contains(where: { $0.key == charge.key }) else {
                throw Failure(
                    .invalid, "The limit \(charge.key) is named twice.", at: "/limits/\(index)/key")
            }
        }
        if let exclusive { try Self.check(exclusive, at: "/exclusive", room: 90) }
        return Flow(
            share: share, charges: charges.map { Flow.Charge($0.key, cost: $0.cost ?? 1) },
            exclusive: exclusive.map { Self.own($0, workspace) })
    }

    /// Limits are shared by all; locks and orders are a workspace's own.
    private static func own(_ key: String, _ workspace: String) -> String {
        workspace.isEmpty ? key : "\(workspace)/\(key)"
    }

    private static func check(_ key: String, at pointer: String, room: Int = Flow.keyLimit) throws {
        guard Flow.isKey(key), key.utf8.count <= room else {
            throw Failure(
                .invalid,
                "A key has 1 to \(room) printable ASCII characters, no space and none of \" \\ ; , * |; "
                    + "write others as a hash or percent-encoded.", at: pointer)
        }
    }

    func overflowPolicy() throws -> Overflow {
        guard let overflow else { return .queue }
        return try Rule.choice(overflow, at: "/overflow")
    }

    /// The lock; its key is named, or made from the job's name and the arguments that `by` points to.
    func lock(workspace: String) throws -> Unique? {
        guard let unique else { return nil }
        guard unique.key == nil || unique.by == nil else {
            throw Failure(.invalid, "key and by exclude each other; send one.", at: "/unique/by")
        }
        if let key = unique.key { try Self.check(key, at: "/unique/key", room: 90) }
        let until: Unique.Until = try unique.until.map { try Rule.choice($0, at: "/unique/until") } ?? .end
        let conflict: Unique.Conflict =
            try unique.onConflict.map { try Rule.choice($0, at: "/unique/on_conflict") } ?? .reject
        if let seconds = unique.lifetimeSeconds {
            try Rule.number(
                seconds, Limits.lifetime_s, at: "/unique/lifetime_seconds", unit: "seconds")
        }
        if let seconds = unique.maximumWaitSeconds {
            try Rule.number(
                seconds, Limits.lifetime_s, at: "/unique/maximum_wait_seconds", unit: "seconds")
        }
        guard until != .lifetime || unique.lifetimeSeconds != nil else {
            throw Failure(
                .invalid, "A lock until the end of its lifetime needs lifetime_seconds.",
                at: "/unique/lifetime_seconds")
        }
        return Unique(
            Self.own(try unique.key ?? digest(unique.by), workspace), until: until,
            lifetime: unique.lifetimeSeconds.map(Duration.seconds), conflict: conflict,
            maximumWait: unique.maximumWaitSeconds.map(Duration.seconds))
    }

    /// A hash of the job's name and of the chosen arguments, or of all.
    private func digest(_ pointers: [String]?) throws -> String {
        let all = arguments ?? [:]
        var chosen: [JSON] = [.string(name)]
        for (index, pointer) in (pointers ?? [""]).enumerated() {
            guard let value = all.value(at: pointer) else {
                throw Failure(
                    .invalid,
                    "There is no argument at \"\(pointer.prefix(100))\"; send a JSON pointer into "
                        + "arguments, such as /to.", at: "/unique/by/\(index)")
            }
            chosen.append(value)
        }
        return Unique.key(of: .array(chosen))
    }

    /// A time that must be ahead.
    func ahead(_ moment: Moment?, _ now: Moment, at pointer: String) throws -> Moment? {
        guard let moment else { return nil }
        guard moment > now else {
            throw Failure(
                .invalid, "\(pointer.dropFirst()) is in the past: it is \(now.text) now.", at: pointer)
        }
        return moment
    }

    /// Applies what few requests ask for.
    func apply(to envelope: inout Envelope, now: Moment) throws {
        envelope.callback = try callback()
        envelope.flow = try flow(workspace: envelope.workspace)
        envelope.overflow = try overflowPolicy()
        envelope.unique = try lock(workspace: envelope.workspace)
        envelope.deadline = try ahead(deadlineAt, now, at: "/deadline_at")
        envelope.retryUntil = try ahead(retryUntil, now, at: "/retry_until")
        if let parentID {
            guard let parent = ID(parentID) else {
                throw Failure(.invalid, "parent_id is no id of a job.", at: "/parent_id")
            }
            envelope.parent = parent
        }
    }
}
