import Core
import Testing

@testable import Workspace

@Suite struct `A priority worth changing` {
    @Test func `is low on what many wait for`() {
        let waiting = [2, 3, 4].map { Garden.task($0, after: [1]) }
        let found = Garden.find(.priority, in: [Garden.task(1, "Dig", .todo, .low)] + waiting)
        #expect(found.map(\.title) == ["“Dig” has low priority, but 3 tasks wait for it."])
        #expect(found.first?.number("suggested") == "high")
        #expect(Garden.find(.priority, in: [Garden.task(1, nil, .todo, .low)] + waiting.dropLast()).isEmpty)
        #expect(Garden.find(.priority, in: [Garden.task(1, nil, .todo, .high)] + waiting).isEmpty)
    }

    @Test func `is below that of what waits for it`() {
        let tasks = [Garden.task(1, "Dig"), Garden.task(2, "Plant", .todo, .high, after: [1])]
        #expect(
            Garden.find(.priority, in: tasks).map(\.title)
                == ["“Dig” has medium priority, but “Plant”, of high priority, waits for it."])
    }

    @Test(arguments: [
        (2.0, ProjectTask.Priority.low, String?.some("it is due on 2026-11-22")),
        (-1, .low, "it was due on 2026-11-19"),
        (4, .low, nil), (2, .medium, nil),
    ])
    func `is low on what is due soon`(due: Double, priority: ProjectTask.Priority, reason: String?) {
        let found = Garden.find(.priority, in: [Garden.task(1, "Dig", .todo, priority, due: due)])
        #expect(found.map(\.title) == (reason.map { ["“Dig” has low priority, but \($0)."] } ?? []))
        #expect(found.allSatisfy { $0.number("suggested") == "medium" })
    }

    @Test(arguments: [
        (ProjectTask.Status.todo, -30.0, Double?.none, 1), (.todo, -29, nil, 0), (.todo, -30, 10, 0),
        (.todo, -30, 20, 1), (.inProgress, -30, nil, 0),
    ])
    func `is high on what nobody touches`(
        status: ProjectTask.Status, changed: Double, due: Double?, count: Int
    ) {
        let found = Garden.find(
            .priority, in: [Garden.task(1, nil, status, .high, due: due, changed: changed)])
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.severity == .info && $0.number("suggested") == "medium" })
    }

    @Test(arguments: [(6, 4, 1), (5, 5, 0), (5, 4, 0)])
    func `is high on most of the work`(high: Int, others: Int, count: Int) {
        let tasks =
            (1...high).map { Garden.task($0, nil, .todo, .high) }
            + (1...others).map { Garden.task($0 + 50) }
        #expect(Garden.find(.priority, in: tasks).count == count)
    }
}
