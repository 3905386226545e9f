import Core
import Store
import Workspace

/// Finds the command in what was heard, and does it: once, and not before it was confirmed where that is
/// wanted.
package struct CommandDesk: Sendable {
    /// The envelope of a job, checked, and the area that it changes. Throws `Failure(.invalid)` where there
    /// is no such job, and for arguments that are not its own.
    package typealias JobMaker =
        @Sendable (_ name: String, _ arguments: JSON) throws -> (envelope: Envelope, area: String)

    private let store: Store
    private let job: JobMaker

    /// - Parameter store: scoped to the workspace.
    package init(_ store: Store, job: @escaping JobMaker) {
        self.store = store
        self.job = job
    }

    /// The run of what was heard, done as far as it may be; nil where it is no command.
    package func take(_ transcript: Item, at now: Moment = .now) async throws -> Item? {
        let run =
            if let known = try await store.voice.run(of: transcript.id) { known } else {
                try await find(in: transcript, at: now)
            }
        guard let run, run.status == .running else { return run }
        return try await finish(run.id, from: .running, at: now)
    }

    /// Says yes to a run. Throws `conflict` for one that does not wait, or waited too long.
    package func confirm(_ id: ID, at now: Moment = .now) async throws -> Item {
        let run = try await store.rows(.voiceRuns).require(id)
        if run.status == .awaitingConfirmation, let end = run.values.time("expires_at"), end < now {
            try await mark(id, .expired)
            throw Failure(
                .conflict, "The command waited for \(Self.minutes) minutes, and is void now; say it again.")
        }
        return try await finish(id, from: .awaitingConfirmation, at: now)
    }

    /// Says no to a run. Throws `conflict` for one that does not wait.
    package func cancel(_ id: ID) async throws -> Item {
        try await store.transaction { store in
            let run = try await store.rows(.voiceRuns).update(id, Values())
            guard run.status == .awaitingConfirmation else { throw Self.late(run) }
            return try await store.rows(.voiceRuns).update(
                id, Values(["status": JSON(Voice.RunStatus.cancelled), "said": .null]))
        }
    }

    private static let minutes = Int(Voice.Limits.patience.seconds / 60)

    private static func late(_ run: Item) -> Failure {
        Failure(.conflict, "The command does not wait to be confirmed: it is \(run["status"].string ?? "").")
    }

    /// Does what a run says, with its new state in the same transaction.
    private func finish(_ id: ID, from status: Voice.RunStatus, at now: Moment) async throws -> Item {
        do {
            return try await store.transaction { store in
                // The lock keeps a second confirmation waiting until this one has ended.
                let run = try await store.rows(.voiceRuns).update(id, Values())
                guard run.status == status else { throw Self.late(run) }
                let outcome = try await CommandAct(run, store, job, at: now).outcome()
                return try await store.rows(.voiceRuns).update(id, outcome.values)
            }
        } catch let failure as Failure where !failure.isWorthRetrying {
            guard try await store.rows(.voiceRuns).require(id).status == status else { throw failure }
            return try await mark(id, .failed, failure.message)
        }
    }

    @discardableResult
    private func mark(_ id: ID, _ status: Voice.RunStatus, _ error: String? = nil) async throws -> Item {
        try await store.rows(.voiceRuns).update(
            id,
            Values([
                "status": JSON(status), "said": .null, "error": JSON(error.map { String($0.prefix(2_000)) }),
            ]))
    }
}

extension CommandDesk {
    /// Writes the run of the command in what was heard.
    private func find(in transcript: Item, at now: Moment) async throws -> Item? {
        let zone = try await store.voice.zone(of: transcript.values.id("user_id"))
        let surroundings = Voice.Surroundings(
            today: zone.civilDay(at: now), people: try await store.voice.people())
        let commands = try await store.voice.commands()
        guard let heard = Voice.Command.match(transcript["text"].string ?? "", to: commands, surroundings)
        else {
            return nil
        }
        let match = try await SpokenTask(store).named(heard)
        return try await store.transaction { store in
            let values = try await Self.values(match, transcript, store, at: now)
            let run = try await store.rows(.voiceRuns).create(values, at: now)
            try await store.rows(.transcripts).update(transcript.id, Values(["run_id": JSON(run.id)]))
            if let command = match.command.id { try await store.voice.used(command, at: now) }
            return run
        }
    }

    private static func values(
        _ match: Voice.Match, _ transcript: Item, _ store: Store, at now: Moment
    ) async throws -> Values {
        let command = match.command
        let isChange = Voice.Action(named: command.action)?.isChange ?? true
        // What was heard almost right may be wrong: it is done when somebody says so.
        let isHeld = try await store.voice.confirmsChanges() || match.isGuess
        let waits = command.needsConfirmation || isHeld && isChange
        let members = match.parameters.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) }
        return Values([
            "transcript_id": JSON(transcript.id), "command_id": JSON(command.id),
            "phrase": .string(command.said), "action": .string(command.action),
            "parameters": .object(members), "user_id": transcript["user_id"], "scopes": transcript["scopes"],
            "status": JSON(waits ? Voice.RunStatus.awaitingConfirmation : .running),
            "said": waits ? .string(String("Shall I do this: \(match.sentence)?".prefix(2_000))) : .null,
            "expires_at": waits ? JSON(now + Voice.Limits.patience) : .null,
        ])
    }
}

extension Item {
    /// Where a run stands.
    fileprivate var status: Voice.RunStatus? {
        self["status"].string.flatMap { Voice.RunStatus(rawValue: $0) }
    }
}
