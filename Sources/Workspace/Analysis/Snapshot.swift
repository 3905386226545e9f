import Core

/// A workspace at one moment, indexed so that each kind of finding reads it in one pass.
struct Snapshot: Sendable {
    /// Sorted by id, so that the order of the input does not matter.
    let tasks: [ProjectTask]
    let projects: [ID: Project]
    let now: Moment
    let limits: Thresholds
    /// Tasks still to be done, without those of projects on hold.
    let open: [Int]
    /// For each task, the unfinished tasks it waits for.
    let blockers: [[Int]]
    /// For each task, the unfinished tasks that wait for it.
    let dependents: [[Int]]

    init(projects: [Project], tasks: [ProjectTask], now: Moment, limits: Thresholds) {
        let tasks = tasks.sorted { $0.id < $1.id }
        let known = Dictionary(projects.map { ($0.id, $0) }) { first, _ in first }
        self.tasks = tasks
        self.projects = known
        self.now = now
        self.limits = limits
        open = tasks.indices.filter { index in
            tasks[index].status != .done
                && tasks[index].project.flatMap { known[$0] }?.status != .onHold
        }
        (blockers, dependents) = Self.edges(tasks)
    }

    /// Whole days from `from` to `to`, negative when `to` is earlier.
    func days(from: Moment, to: Moment) -> Int {
        Int(((to - from).seconds / 86_400).rounded(.down))
    }

    func isOverdue(_ index: Int) -> Bool {
        tasks[index].status != .done && tasks[index].dueDate.map { $0 < now } ?? false
    }

    /// True when the task is due within so many days from now, or overdue.
    func isDue(_ index: Int, withinDays days: Int) -> Bool {
        guard let due = tasks[index].dueDate else { return false }
        return due <= now + .seconds(days * 86_400)
    }

    /// Hours of work left in an open task; nil when nobody estimated it.
    func hoursLeft(_ index: Int) -> Double? {
        tasks[index].timeEstimate.map { max($0 - (tasks[index].timeSpent ?? 0), 0) }
    }

    /// Who does the task; a blank name is nobody.
    func owner(_ index: Int) -> String? {
        guard let name = tasks[index].assignedTo, !name.allSatisfy(\.isWhitespace) else { return nil }
        return name
    }

    func quote(_ index: Int) -> String { Phrase.quote(tasks[index].title) }

    /// The evidence for a finding about `indices`.
    func evidence(
        _ indices: [Int], project: ID? = nil, _ numbers: [JSON.Member], against thresholds: [JSON.Member] = []
    ) -> Evidence {
        let shown = indices.prefix(limits.evidence)
        return Evidence(
            project: project,
            tasks: shown.map { Evidence.Reference(id: tasks[$0].id, title: Phrase.clean(tasks[$0].title)) },
            taskCount: indices.count, numbers: numbers, thresholds: thresholds)
    }

    private static func edges(_ tasks: [ProjectTask]) -> ([[Int]], [[Int]]) {
        var places: [ID: Int] = [:]
        places.reserveCapacity(tasks.count)
        for index in tasks.indices { places[tasks[index].id] = index }
        var blockers = [[Int]](repeating: [], count: tasks.count)
        var dependents = blockers
        for index in tasks.indices where tasks[index].status != .done {
            // A dependency that is gone cannot hold anything up.
            let waitsFor = Set(tasks[index].dependsOn.compactMap { places[$0] })
            for blocker in waitsFor.sorted() where tasks[blocker].status != .done && blocker != index {
                blockers[index].append(blocker)
                dependents[blocker].append(index)
            }
        }
        return (blockers, dependents)
    }
}
