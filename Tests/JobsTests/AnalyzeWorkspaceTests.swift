import Core
import Integrations
import Work
import Queue
import Automation
import Jobs
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `The job analyze_workspace` {
    private func task(_ house: FreshStore, _ title: String, in workspace: ID, due: Moment?) -> ProjectTask {
        ProjectTask(
            id: ID(), workspace: workspace, title: title, description: "", status: .todo, priority: .high,
            project: nil, assignedTo: "ada", timeEstimate: 2, timeSpent: nil, dueDate: due, completedAt: nil,
            createdAt: .now, updatedAt: .now)
    }

    @Test(arguments: Engine.allCases)
    func `reports what is overdue with its evidence and nothing of others`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let house = bench.house
            let past = Moment(microseconds: Moment.now.microseconds - 10 * 86_400_000_000)
            let late = task(house, "Water the ferns", in: house.workspace, due: past)
            let secret = task(house, "Secret of the others", in: house.other, due: past)
            _ = try await house.store.tasks.create([late, secret].map { .init($0, key: $0.title) })
            let claim = try await bench.claim("analyze_workspace", ["seed": 7])
            let result = try result(of: await bench.attempt(claim))
            let findings = result["report"]?["findings"]?.array ?? []
            let overdue = try #require(findings.first { $0["kind"]?.string == "overdue" })
            #expect(overdue.text.contains(late.id.text))
            #expect(!result.text.contains("Secret of the others"))
            #expect(result["text"]?.string?.contains("no language model") == true)
        }
    }

    @Test func `refuses a project of another workspace`() async throws {
        try await Bench.with { bench async throws in
            let others = bench.house.store.scoped(Scope(workspace: bench.house.other))
            let project = try await others.rows(.projects).create(Values(["name": "Theirs"]))
            let claim = try await bench.claim("analyze_workspace", ["project_id": .string(project.id.text)])
            #expect(try death(of: await bench.attempt(claim)).kind == .missing)
        }
    }
}
