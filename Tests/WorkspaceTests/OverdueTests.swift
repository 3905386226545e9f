import Core
import Testing

@testable import Workspace

@Suite struct `Overdue work` {
    @Test(arguments: [
        (-1.0, ProjectTask.Priority.medium, Finding.Severity.warning, Int64(1)), (-6.5, .low, .warning, 6),
        (-7, .low, .critical, 7), (-0.5, .high, .critical, 0), (-30, .medium, .critical, 30),
    ])
    func `is critical from a week on, or when it matters`(
        due: Double, priority: ProjectTask.Priority, severity: Finding.Severity, late: Int64
    ) throws {
        let found = Garden.find(.overdue, in: [Garden.task(1, nil, .todo, priority, due: due)])
        let finding = try #require(found.first)
        #expect(found.count == 1)
        #expect(finding.severity == severity)
        #expect(finding.number("days_late") == .integer(late))
        #expect(finding.ids == [Garden.id(1)])
        #expect(finding.evidence.thresholds == [JSON.Member("critical_after_days", 7)])
    }

    @Test func `is said in a sentence`() throws {
        let tasks = [
            Garden.task(1, "Prune", .todo, .high, due: -0.5),
            Garden.task(2, "Weed", .todo, .medium, by: " ", due: -3),
        ]
        let found = Garden.find(.overdue, in: tasks)
        #expect(
            found.map(\.title) == [
                "“Prune” is overdue by less than a day (high priority, assigned to Ada).",
                "“Weed” is overdue by 3 days (medium priority, assigned to nobody).",
            ])
        #expect(found[1].action == "Give it an owner and a new date, or close it.")
    }

    @Test func `is not what is done, due later, undated or on hold`() {
        let tasks = [
            Garden.task(1, nil, .done, due: -5), Garden.task(2, due: 0.1), Garden.task(3),
            Garden.task(4, project: 90, due: -5),
        ]
        #expect(Garden.find(.overdue, in: tasks, projects: [Garden.project(90, "Later", .onHold)]).isEmpty)
    }

    @Test func `is a project past its deadline with tasks left`() throws {
        let projects = [
            Garden.project(90, "Pond", deadline: -2), Garden.project(91, "Done", .completed, deadline: -2),
            Garden.project(92, "Empty", deadline: -2),
        ]
        let tasks = [Garden.task(1, project: 90), Garden.task(2, project: 90), Garden.task(3, project: 91)]
        let found = Garden.find(.overdue, in: tasks, projects: projects)
        #expect(
            found.map(\.title) == ["The project “Pond” passed its deadline 2 days ago with 2 tasks open."])
        #expect(found.first?.severity == .critical)
        #expect(found.first?.evidence.project == Garden.id(90))
    }
}

@Suite struct `Stale work` {
    @Test(arguments: [
        (ProjectTask.Status.inProgress, ProjectTask.Priority.medium, -13.9, Finding.Severity?.none),
        (.inProgress, .medium, -14, .warning), (.inProgress, .low, -14, .info),
        (.inProgress, .low, -28, .warning),
        (.inProgress, .high, -14, .warning), (.inProgress, .high, -28, .critical), (.todo, .high, -90, nil),
        (.done, .high, -90, nil),
    ])
    func `is in progress without a change for two weeks`(
        status: ProjectTask.Status, priority: ProjectTask.Priority, changed: Double,
        severity: Finding.Severity?
    ) {
        let found = Garden.find(.stale, in: [Garden.task(1, nil, status, priority, changed: changed)])
        #expect(found.first?.severity == severity)
        #expect(found.count == (severity == nil ? 0 : 1))
    }
}
