import Core
import Logging
import Queue
import TestHouse
import Testing

@testable import Work

@Suite struct `What an attempt says of itself` {
    @Test func `is cut to its limits and kept`() async throws {
        let stage = try Stage()
        let arguments = (["what": "report", "times": 60] as JSON).bytes
        let claim = try await stage.claim(Envelope(name: Act.name, arguments: arguments))
        let report = Report(claim, in: stage.queue)
        #expect(report.json == nil)
        _ = await stage.runner.attempt(claim, started: .now, reporter: report, stop: { nil })
        let sight = try await stage.queue.look([claim.delivery.id])[0]
        #expect(sight?.progress == report.json)
        #expect(report.json?["percent"]?.double == 100)
        #expect(report.json?["message"]?.string?.count == Report.lengthLimit)
        let lines = report.json?["log"]?.array?.compactMap { $0["line"]?.string }
        #expect(lines == (10..<60).map { "line \($0)" })
    }

    @Test func `is told to whoever watches, piece by piece`() async throws {
        let stage = try Stage()
        let claim = try await stage.claim(Envelope(name: Plain.name, arguments: []))
        let report = Report(claim, in: stage.queue)
        try await report.progress(40, "half")
        try await report.note(String(repeating: "n", count: 5_000))
        let told = try await stage.queue.replay(after: 0).flatMap(\.events).filter { $0.kind == .progress }
        #expect(told.map { $0.detail?["percent"] } == [.double(40), nil])
        #expect(told.first?.detail?["message"] == "half")
        #expect(told.last?.detail?["log"]?["line"]?.string?.count == 1_000)
        #expect(told.last?.detail?["log"]?["at"]?.string.flatMap { Moment($0) } != nil)
    }

    @Test func `is told as a text comes into being, and kept nowhere`() async throws {
        let stage = try Stage()
        let claim = try await stage.claim(Envelope(name: Plain.name, arguments: []))
        let report = Report(claim, in: stage.queue)
        try await report.say("Good ", at: 0)
        try await report.say("morning", at: 5)
        let told = try await stage.queue.replay(after: 0).flatMap(\.events).filter { $0.kind == .progress }
        #expect(told.map(\.detail) == [["text": "Good ", "at": 0], ["text": "morning", "at": 5]])
        #expect(report.json == nil)
        #expect(try await stage.queue.look([claim.delivery.id])[0]?.progress == nil)
    }

    @Test func `is told to one person alone where it is meant for one`() async throws {
        let stage = try Stage()
        let claim = try await stage.claim(Envelope(name: Plain.name, arguments: []))
        let user = ID()
        let report = Report(claim, in: stage.queue)
        try await report.say("Good morning", at: 0, to: user)
        let told = try await stage.queue.replay(after: 0).flatMap(\.events).filter { $0.kind == .progress }
        #expect(told.map(\.audience) == [user.text])
    }

    @Test func `is refused once the lease is lost, and the attempt hears of it`() async throws {
        let stage = try Stage()
        let claim = try await stage.claim(Envelope(name: Plain.name, arguments: []))
        var shift = Queue.Shift()
        shift.settlements = [Settlement(claim, .done(nil), started: .now, worker: "other")]
        _ = try await stage.queue.work(shift)
        let report = Report(claim, in: stage.queue)
        await #expect(throws: CancellationError.self) { try await report.progress(1, "") }
        await #expect(throws: CancellationError.self) { try await report.note("x") }
        await #expect(throws: CancellationError.self) { try await report.say("x", at: 0) }
        #expect(try await stage.queue.depths().totals["refused"] == 3)
    }

    @Test(arguments: [(-5.0, 0.0), (0, 0), (33.3, 33.3), (101, 100), (.infinity, 100)])
    func `stays between 0 and 100 percent`(said: Double, shown: Double) async throws {
        let stage = try Stage()
        let claim = try await stage.claim(Envelope(name: Plain.name, arguments: []))
        let report = Report(claim, in: stage.queue)
        let context = Context(
            claim: claim, tools: Toolbox(word: ""), log: stage.log, now: .now, reporter: report)
        try await context.progress(said)
        #expect(report.json?["percent"]?.double == shown)
        #expect(context.id == claim.delivery.id)
        #expect(context.attempt == 1)
    }
}
