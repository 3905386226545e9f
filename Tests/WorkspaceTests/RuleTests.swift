import Core
import Testing

@testable import Workspace

@Suite struct `The rules of a task` {
    @Test(arguments: [
        ("Water the roses", true), ("", false), (" \n", false), (String(repeating: "a", count: 500), true),
        (String(repeating: "a", count: 501), false), ("tab\tand\nline", true), ("bell\u{07}", false),
        ("nul\u{0}", false), ("c1\u{85}", false), ("Gießkanne füllen 🌱", true),
    ])
    func `allow a title of 1 to 500 characters without control characters`(title: String, isFine: Bool) {
        let failure = Self.failure { () throws(Failure) in try ProjectTask.check(title: title) }
        #expect(failure?.pointer == (isFine ? nil : "/title"))
        #expect(failure?.kind == (isFine ? nil : .invalid))
    }

    static func failure(_ check: () throws(Failure) -> Void) -> Failure? {
        do throws(Failure) {
            try check()
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        (0.0, true), (10_000, true), (-0.5, false), (10_000.5, false), (.nan, false), (.infinity, false),
    ])
    func `allow 0 to 10,000 hours`(hours: Double, isFine: Bool) {
        let estimate = Self.failure { () throws(Failure) in try ProjectTask.check(timeEstimate: hours) }
        let spent = Self.failure { () throws(Failure) in try ProjectTask.check(timeSpent: hours) }
        #expect(estimate?.pointer == (isFine ? nil : "/time_estimate"))
        #expect(spent?.pointer == (isFine ? nil : "/time_spent"))
    }

    @Test func `name the field that breaks them`() throws {
        var task = Garden.task(1)
        try task.check()
        task.assignedTo = String(repeating: "x", count: 201)
        #expect(throws: Failure.self) { try task.check() }
        task.assignedTo = nil
        task.dependsOn = [task.id]
        let failure = #expect(throws: Failure.self) { try task.check() }
        #expect(failure?.pointer == "/depends_on")
        #expect(failure?.message == "A task cannot depend on itself.")
    }

    @Test func `list the words there are for an unknown one`() throws {
        #expect(try ProjectTask.status("in_progress") == .inProgress)
        #expect(try Project.status("on_hold") == .onHold)
        let failure = #expect(throws: Failure.self) { try ProjectTask.priority("urgent") }
        #expect(failure?.message == "priority is \"urgent\"; it must be one of low, medium, high.")
        #expect(failure?.pointer == "/priority")
    }
}

@Suite struct `The rules of a project` {
    @Test func `want a name of 1 to 200 characters`() throws {
        try Garden.project(1, String(repeating: "n", count: 200)).check()
        #expect(throws: Failure.self) { try Garden.project(1, "").check() }
        #expect(throws: Failure.self) { try Garden.project(1, String(repeating: "n", count: 201)).check() }
    }

    @Test func `allow a description of 20,000 characters`() throws {
        try Project.check(description: String(repeating: "d", count: 20_000))
        #expect(throws: Failure.self) {
            try Project.check(description: String(repeating: "d", count: 20_001))
        }
    }
}
