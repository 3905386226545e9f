import Core
import Queue

extension Sight {
    /// What happened to the job, oldest first: each entry says when, what, and by whom where that is known.
    var timeline: [JSON] {
        var entries: [JSON] = [
            entry(
                envelope.created, "enqueued", actor: envelope.actor,
                [
                    .init("queue", .string(queue)), .init("version", JSON(envelope.version)),
                    .init("run_at", JSON(envelope.due)), .init("trace", JSON(envelope.trace)),
                    .init("parent_id", JSON(envelope.parent)),
                ])
        ]
        entries += history.compactMap { noted in
            guard let at = noted["t"]?.integer, let event = noted["e"]?.string else { return nil }
            return entry(
                Moment(milliseconds: at), event, actor: noted["k"]?.string,
                [.init("detail", noted["d"] ?? .null)])
        }
        if let started { entries.append(entry(started, "started", actor: worker, [])) }
        if let finished {
            entries.append(entry(finished, state.rawValue, actor: worker, [.init("reason", JSON(reason))]))
        }
        return entries.sorted { ($0["at"]?.string ?? "") < ($1["at"]?.string ?? "") }
    }

    private func entry(_ at: Moment, _ event: String, actor: String?, _ more: [JSON.Member]) -> JSON {
        .object(
            [.init("at", JSON(at)), .init("event", .string(event)), .init("actor", JSON(actor))]
                + more.filter { $0.value != .null })
    }
}

extension Explanation {
    /// What keeps the job, as the API shows it.
    ///
    /// - Parameter drain_per_s: how many jobs of its queue end in a second, where that is known.
    func json(drain_per_s: Double?) -> JSON {
        let estimate: Moment? =
            if blockers.isEmpty, let ahead, let rate = drain_per_s, rate > 0 {
                .now + .seconds(Double(ahead) / rate)
            } else {
                nil
            }
        return [
            "state": .string(state), "ahead": JSON(ahead),
            "blockers": .array(
                blockers.map { blocker in
                    [
                        "kind": JSON(blocker.kind), "key": .string(blocker.key), "until": JSON(blocker.until),
                    ]
                }),
            "earliest_start": state == "waiting" || state == "scheduled" ? JSON(earliest) : .null,
            "estimated_start": JSON(estimate),
        ]
    }
}
