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

    @Test func `list the words there are for an unknown one`() throws {
        let status: ProjectTask.Status = try Rule.choice("in_progress", at: "/status")
        #expect(status == .inProgress)
        let failure = Self.failure { () throws(Failure) in
            _ = try Rule.choice("urgent", at: "/priority") as ProjectTask.Priority
        }
        #expect(failure?.message == "priority is \"urgent\"; it must be one of low, medium, high.")
        #expect(failure?.pointer == "/priority")
    }
}
