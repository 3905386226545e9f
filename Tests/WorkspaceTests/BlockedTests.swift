import Core
import Testing

@testable import Workspace

@Suite struct `Blocked work` {
    @Test(arguments: [
        (
            ProjectTask.Status.todo, Double?.none, ProjectTask.Status.todo, Double?.none,
            Finding.Severity?.some(.info)
        ),
        (.todo, nil, .inProgress, -1, .warning), (.inProgress, nil, .todo, -1, .critical),
        (.todo, 10, .todo, nil, .warning), (.todo, 10, .todo, -1, .critical), (.todo, 15, .todo, nil, .info),
        (.inProgress, nil, .todo, 3, .warning), (.todo, 10, .done, -1, nil), (.done, nil, .todo, -1, nil),
    ])
    func `is as bad as its blocker is late and it is pressing`(
        status: ProjectTask.Status, due: Double?, blocker: ProjectTask.Status, blockerDue: Double?,
        severity: Finding.Severity?
    ) {
        let tasks = [
            Garden.task(1, nil, status, due: due, after: [2]), Garden.task(2, nil, blocker, due: blockerDue),
        ]
        let found = Garden.find(.blocked, in: tasks)
        #expect(found.first?.severity == severity)
        #expect(found.count == (severity == nil ? 0 : 1))
        if severity != nil { #expect(found.first?.ids == [Garden.id(1), Garden.id(2)]) }
    }

    @Test func `names the late blocker first and counts the others`() {
        let tasks = [
            Garden.task(1, "Plant", after: [2, 3, 4, 99]), Garden.task(2, "Dig"),
            Garden.task(3, "Buy", due: -2), Garden.task(4, "Measure"),
        ]
        let found = Garden.find(.blocked, in: tasks)
        #expect(found.map(\.title) == ["“Plant” waits for “Buy”, which is overdue, and for 2 other tasks."])
        #expect(found.first?.number("unfinished_blockers") == 3)
    }

    @Test func `is not what waits for a task that is gone, or for itself`() {
        #expect(Garden.find(.blocked, in: [Garden.task(1, after: [1, 99])]).isEmpty)
    }
}

@Suite struct `A circle of dependencies` {
    @Test func `is found once, with its shortest round, and kept out of the blocked`() {
        let tasks = [
            Garden.task(1, "A", after: [2]), Garden.task(2, "B", after: [3, 4]),
            Garden.task(3, "C", after: [1]),
            Garden.task(4, "D", after: [3]), Garden.task(5, "E", after: [1]),
        ]
        let cycles = Garden.find(.cycle, in: tasks)
        #expect(
            cycles.map(\.title) == ["4 tasks wait for each other, so none can start: “A” → “B” → “C” → “A”."])
        #expect(cycles.first?.ids == [1, 2, 3, 4].map(Garden.id))
        #expect(cycles.first?.number("shortest_round") == 3)
        #expect(Garden.find(.blocked, in: tasks).map(\.ids) == [[Garden.id(5), Garden.id(1)]])
    }

    @Test func `is told apart from another`() {
        let tasks = [
            Garden.task(1, after: [2]), Garden.task(2, after: [1]), Garden.task(3, after: [4, 1]),
            Garden.task(4, after: [3]),
        ]
        #expect(
            Garden.find(.cycle, in: tasks).map { Set($0.ids) }
                == [[3, 4], [1, 2]].map { Set($0.map(Garden.id)) }.reversed())
    }

    @Test func `ends with one task done`() {
        let tasks = [Garden.task(1, after: [2]), Garden.task(2, nil, .done, after: [1])]
        #expect(Garden.find(.cycle, in: tasks).isEmpty)
    }

    @Test func `may be as long as it likes`() {
        let count = 50_000
        let tasks = (0..<count).map { Garden.task($0 + 1, after: [($0 + 1) % count + 1]) }
        let found = Garden.find(.cycle, in: tasks)
        #expect(found.count == 1)
        #expect(found.first?.evidence.taskCount == count)
        #expect(found.first?.evidence.tasks.count == 20)
    }
}
