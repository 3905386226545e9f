import Core
import Foundation
import Testing

@testable import Workspace

@Suite struct `The task list shipped as an example` {
    static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/tasks.csv")

    static func rows(at moment: Moment) throws -> [TaskImport.Row] {
        var reader = CSV()
        let records = try reader.feed(Array(Data(contentsOf: file))) + reader.finish()
        let plan = try TaskImport(header: #require(records.first), job: Garden.id(1), importedAt: moment)
        #expect(plan.ignored.isEmpty)
        return records.dropFirst().map(plan.row)
    }

    /// The drafts as tasks, with projects and dependencies looked up by name.
    static func workspace(at moment: Moment) throws -> ([Project], [ProjectTask]) {
        let drafts = try rows(at: moment).compactMap { if case .draft(let draft) = $0 { draft } else { nil } }
        let names = Set(drafts.compactMap(\.project)).sorted()
        let projects = names.enumerated().map { index, name in
            Project(
                id: Garden.id(900 + index), workspace: Garden.workspace, name: name, createdAt: moment,
                updatedAt: moment)
        }
        let projectIDs = Dictionary(uniqueKeysWithValues: projects.map { ($0.name, $0.id) })
        let ids = Dictionary(uniqueKeysWithValues: drafts.enumerated().map { ($1.title, Garden.id($0 + 1)) })
        let tasks = try drafts.map { draft in
            try draft.task(
                id: #require(ids[draft.title]), workspace: Garden.workspace,
                project: draft.project.flatMap { projectIDs[$0] },
                dependsOn: draft.dependsOn.map { try #require(ids[$0], "\($0) is no task") })
        }
        return (projects, tasks)
    }

    @Test func `has about 200 rows, six of them bad`() throws {
        let rows = try Self.rows(at: Garden.now)
        #expect((180...220).contains(rows.count))
        let bad = rows.compactMap { if case .bad(let bad) = $0 { bad } else { nil } }
        #expect(
            bad.map(\.column) == ["due_date", "title", "priority", "time_estimate", "title", nil])
        #expect(bad.map(\.line).allSatisfy { $0 > 1 })
    }

    @Test(arguments: ["2026-11-21T09:00:00Z", "2031-02-28T23:59:00Z"])
    func `shows every kind of finding whenever it is imported`(now: String) throws {
        let moment = try #require(Moment(now))
        let (projects, tasks) = try Self.workspace(at: moment)
        let report = Analysis().report(projects: projects, tasks: tasks, now: moment, seed: 1)
        for kind in Finding.Kind.allCases { #expect(report.counts.kinds[kind] ?? 0 > 0, "\(kind)") }
        let states = report.findings(.forecast).map { $0.number("state")?.string }
        #expect(Set(states) == ["forecast", "insufficient_data"])
        #expect(report.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        if let path = ProcessInfo.processInfo.environment["ATOM_REPORT_PATH"] {
            try Data(report.text.utf8).write(to: URL(filePath: path))
        }
    }
}
