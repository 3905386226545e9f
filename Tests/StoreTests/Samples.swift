import Core
import Store
import Testing
import Workspace

/// The failure that `work` ends with, or nil.
func failure(_ work: () async throws -> some Any) async -> Failure? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? Failure
    }
}

/// Expects that `work` ends with a failure of this kind.
func refuses(
    _ kind: Failure.Kind, at place: SourceLocation = #_sourceLocation, _ work: () async throws -> some Any
) async {
    let found = await failure(work)
    #expect(found?.kind == kind, "\(String(describing: found))", sourceLocation: place)
}

extension Project {
    static func sample(_ workspace: ID, _ name: String = "Launch", at now: Moment = .now) -> Project {
        Project(
            id: ID(milliseconds: now.milliseconds), workspace: workspace, name: name, description: "What for",
            deadline: Moment("2031-01-02T03:04:05.000006Z"), createdAt: now, updatedAt: now)
    }
}

extension ProjectTask {
    static func sample(_ workspace: ID, _ title: String = "Write it", at now: Moment = .now) -> ProjectTask {
        ProjectTask(
            id: ID(milliseconds: now.milliseconds), workspace: workspace, title: title,
            description: "Ünï\n'x'",
            priority: .high, assignedTo: "ada", timeEstimate: 2.5, timeSpent: 0, dueDate: now,
            createdAt: now, updatedAt: now)
    }
}
