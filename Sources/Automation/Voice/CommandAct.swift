import Core
import Store
import Workspace

/// Does one command that was heard, within the transaction of a store.
struct CommandAct {
    /// What it led to.
    struct Outcome {
        /// A sentence that can be read out.
        let said: String
        let result: JSON
        var job: ID?

        init(_ said: String, _ result: JSON, job: ID? = nil) {
            self.said = said
            self.result = result
            self.job = job
        }

        var values: Values {
            Values([
                "status": JSON(Voice.RunStatus.done), "said": .string(String(said.prefix(2_000))),
                "result": result, "job_id": JSON(job), "error": .null,
            ])
        }
    }

    private let run: Item
    private let store: Store
    private let job: CommandDesk.JobMaker
    private let now: Moment

    init(_ run: Item, _ store: Store, _ job: @escaping CommandDesk.JobMaker, at now: Moment) {
        self.run = run
        self.store = store
        self.job = job
        self.now = now
    }

    /// Throws `forbidden` for what the speaker may not do, and `missing` and `conflict` for what cannot be
    /// done.
    func outcome() async throws -> Outcome {
        let name = run["action"].string ?? ""
        guard let action = Voice.Action(named: name) else {
            _ = try await speaker("jobs", writing: true)
            return try await start(name)
        }
        let user = try await speaker(action.area, writing: action.isChange)
        return try await CommandAct(run, store.speaking(as: user), job, at: now).act(action, name, user)
    }

    private func act(_ action: Voice.Action, _ name: String, _ user: ID) async throws -> Outcome {
        switch action {
        case .createTask: return try await createTask(user)
        case .completeTask: return try await completeTask()
        case .listTasks: return try await listTasks(user, isToday: name == "tasks.due")
        case .addNote: return try await addNote(user)
        case .startTimer: return try await startTimer(user)
        case .stopTimer: return try await stopTimer(user)
        }
    }

    /// Who spoke, if they and the key that they used may do this.
    private func speaker(_ area: String, writing: Bool) async throws -> ID {
        let workspace = try store.voice.workspace
        guard let id = run.values.id("user_id"), let user = try await store.users.find(workspace, id),
            user.isMember, user.role != .viewer || !writing
        else { throw Failure(.forbidden, "Whoever said this may not do it.") }
        guard Store.VoiceRoom.admits(run["scopes"].string ?? "", area, writing: writing) else {
            throw Failure(.forbidden, "The scopes of the key that sent this do not reach to \(area).")
        }
        return id
    }

    /// What was said for the parameter of one of these names, else for the first that is no day or time.
    private func text(_ names: String...) throws -> String {
        let parameters = run["parameters"]
        let place = Voice.Match.textName(names, among: parameters.members ?? [])
        guard let text = place.flatMap({ parameters[$0]?.string }), !text.isEmpty else {
            throw Failure(.invalid, "The command has no parameter for \(names[0]).")
        }
        return text
    }
}

extension CommandAct {
    private func createTask(_ user: ID) async throws -> Outcome {
        var values = Values(["title": .string(try text("title", "task", "text"))])
        if let day = run["parameters"]["due"]?.string ?? run["parameters"]["date"]?.string {
            let zone = try await store.voice.zone(of: user)
            values["due_date"] = JSON(zone.moment(of: day, at: run["parameters"]["time"]?.string))
        }
        let task = try await store.rows(.tasks).create(values, at: now)
        return Outcome("Created the task \(title(task)).", ["task": shown(task)])
    }

    private func completeTask() async throws -> Outcome {
        let task = try await SpokenTask(store).find(try text("title", "task", "text")).task
        let done = try await store.rows(.tasks).update(task.id, Values(["status": "done"]), at: now)
        return Outcome("Completed the task \(title(done)).", ["task": shown(done)])
    }

    private func listTasks(_ user: ID, isToday: Bool) async throws -> Outcome {
        let zone = try await store.voice.zone(of: user)
        let day = run["parameters"]["due"]?.string ?? (isToday ? zone.civilDay(at: now).text : nil)
        // Due on a day is what is due before that day's last minute has ended.
        let end = day.flatMap { zone.moment(of: $0, at: nil) }.map { $0 + .seconds(60) }
        let tasks = try await store.voice.openTasks(before: end)
        let names = tasks.prefix(SpokenTask.spoken).map { title($0) }.joined(separator: ", ")
        let count = tasks.count == 1 ? "1 open task" : "\(tasks.count) open tasks"
        return Outcome(
            tasks.isEmpty ? "There are no open tasks." : "\(count): \(names).",
            ["count": JSON(tasks.count), "tasks": .array(tasks.prefix(Self.listed).map { shown($0) })])
    }

    private func addNote(_ user: ID) async throws -> Outcome {
        let text = try text("text", "note", "title")
        let title = String(text.unicodeScalars.prefix(200).map(Character.init))
        let values = Values(["title": .string(title), "body": .string(text), "author_id": JSON(user)])
        let note = try await store.rows(.notes).create(values, at: now)
        return Outcome("Took the note.", ["note": ["id": JSON(note.id), "title": note["title"]]])
    }

    private func startTimer(_ user: ID) async throws -> Outcome {
        let task = try await SpokenTask(store).find(try text("title", "task", "text")).task
        let before = try await store.voice.start(user, on: task.id, at: now)
        if let before { _ = try await book(before, user) }
        if task["status"].string == ProjectTask.Status.todo.rawValue {
            try await store.rows(.tasks).update(task.id, Values(["status": "in_progress"]), at: now)
        }
        return Outcome("Counting the time on \(title(task)).", ["task": shown(task)])
    }

    private func stopTimer(_ user: ID) async throws -> Outcome {
        guard let timer = try await store.voice.stop(user) else {
            throw Failure(.missing, "No time is being counted.")
        }
        let entry = try await book(timer, user)
        let minutes = entry.values.whole("minutes") ?? 0
        return Outcome(
            "Booked \(minutes) minutes.", ["time_entry_id": JSON(entry.id), "minutes": JSON(minutes)])
    }

    /// Writes the time since a timer began, a minute at least, into the task.
    private func book(_ timer: VoiceTimer, _ user: ID) async throws -> Item {
        let minutes = Int((now - timer.startedAt).seconds / 60)
        return try await store.rows(.timeEntries).create(
            Values([
                "task_id": JSON(timer.task), "minutes": JSON(min(max(1, minutes), 60_000)),
                "started_at": JSON(timer.startedAt), "user_id": JSON(user),
            ]), at: now)
    }

    /// Puts the job of that name on the way, in the same transaction.
    private func start(_ name: String) async throws -> Outcome {
        var (envelope, area): (Envelope, String)
        do { (envelope, area) = try job(name, run["parameters"]) } catch let failure as Failure
            where failure.kind == .missing
        {
            throw Failure(.missing, "There is no action and no job called \(name).")
        }
        _ = try await speaker(area, writing: true)
        envelope.actor = "user:\(run["user_id"].string ?? "")"
        try await store.outbox.add(
            .init(
                id: envelope.id, workspace: try store.voice.workspace, queue: "default",
                envelope: envelope.bytes))
        return Outcome("Started \(name).", ["job_id": JSON(envelope.id)], job: envelope.id)
    }
}

extension CommandAct {
    /// Tasks that are listed.
    private static let listed = 20

    private func title(_ task: Item) -> String { task["title"].string ?? "" }

    private func shown(_ task: Item) -> JSON {
        ["id": JSON(task.id), "title": task["title"], "status": task["status"], "due_date": task["due_date"]]
    }
}

extension Store {
    /// The same doors for a person: what is made belongs to them.
    fileprivate func speaking(as user: ID) throws -> Store {
        guard let scope else { throw Failure(.broken, "A command needs a scope.") }
        return scoped(
            Scope(workspace: scope.workspace, user: user, actor: scope.actor, request: scope.request))
    }
}
