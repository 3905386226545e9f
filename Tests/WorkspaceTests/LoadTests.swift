import Core
import Testing

@testable import Workspace

@Suite struct `An overloaded person` {
    @Test(arguments: [
        ([(50.0, Double?.some(3)), (30, 14)], Finding.Severity?.none), ([(50, 3), (31, 14)], .warning),
        ([(121, 5)], .critical), ([(81, -3)], .warning), ([(81, 15)], nil), ([(160, nil)], nil),
        ([(161, nil)], .warning),
    ])
    func `has more due in two weeks than fits, or four weeks of work`(
        work: [(hours: Double, due: Double?)], severity: Finding.Severity?
    ) {
        let tasks = work.enumerated().map { Garden.task($0 + 1, estimate: $1.hours, due: $1.due) }
        #expect(Garden.find(.overloaded, in: tasks).map(\.severity) == (severity.map { [$0] } ?? []))
    }

    @Test func `is one person however the name is written, and hours spent count as done`() {
        let tasks = [
            Garden.task(1, "Dig", by: "Ada", estimate: 60, spent: 10, due: 2),
            Garden.task(2, "Rake", by: "ada", estimate: 40, due: 3),
            Garden.task(3, "Mow", .done, by: "Ada", estimate: 500),
            Garden.task(4, "Sow", by: "Ada", estimate: 5, spent: 50, due: 3),
            Garden.task(5, "Rest", project: 90, by: "Ada", estimate: 500, due: 3),
        ]
        let found = Garden.find(.overloaded, in: tasks, projects: [Garden.project(90, "Later", .onHold)])
        #expect(found.map(\.title) == ["Ada has 90 h of work due within 14 days and 80 h to do it in."])
        #expect(found.first?.number("hours_due_within_horizon") == 90.0)
        #expect(
            found.first?.action == "Hand over or move part of it, the largest first: “Dig”, “Rake”, “Sow”.")
    }
}

@Suite struct `An idle person` {
    @Test func `has little open and nothing of unknown size`() {
        let tasks = [
            Garden.task(1, by: "Ada", estimate: 19), Garden.task(2, by: "Bea", estimate: 20),
            Garden.task(3, by: "Cem", estimate: nil), Garden.task(4, nil, .done, by: "Dan", changed: -3),
            Garden.task(5, nil, .done, by: "Eve", changed: -57),
        ]
        #expect(
            Garden.find(.idle, in: tasks).map(\.title)
                == ["Dan has no open task.", "Ada has only 19 h of open work."])
    }

    @Test func `is offered the most urgent task without an owner`() {
        let tasks = [
            Garden.task(1, by: "Ada"), Garden.task(2, "Later", .todo, .high, by: nil, due: 9),
            Garden.task(3, "Soon", .todo, .low, by: nil, due: 2), Garden.task(4, "Never", by: nil),
        ]
        #expect(Garden.find(.idle, in: tasks).map(\.action) == ["Offer Ada “Soon”, which has no owner."])
    }
}

@Suite struct `Work without an owner` {
    @Test(arguments: [
        (ProjectTask.Priority.high, Double?.some(-1), Finding.Severity.critical), (.low, -1, .warning),
        (.high, nil, .warning), (.medium, 14, .warning), (.medium, 15, .info),
    ])
    func `is as pressing as its date and priority`(
        priority: ProjectTask.Priority, due: Double?, severity: Finding.Severity
    ) {
        let found = Garden.find(.unassigned, in: [Garden.task(1, nil, .todo, priority, by: nil, due: due)])
        #expect(found.map(\.severity) == [severity])
    }

    @Test func `is one finding that begins with the most urgent`() {
        let tasks = [
            Garden.task(1, by: nil), Garden.task(2, by: "", due: 3), Garden.task(3, by: "Ada", due: 1),
            Garden.task(4, nil, .done, by: nil),
        ]
        let found = Garden.find(.unassigned, in: tasks)
        #expect(
            found.map(\.title) == [
                "2 open tasks have no owner; 1 of them due within 14 days or overdue, 0 of high priority."
            ])
        #expect(found.first?.ids == [2, 1].map(Garden.id))
    }
}
