import Core
import Queue
import TestHouse
import Testing

@testable import Work

@Suite struct `An attempt` {
    let stage: Stage

    init() throws { stage = try Stage() }

    @Test(arguments: [
        ("done", "done nothing"), ("result", #"done {"word":"hammer","attempt":1}"#),
        ("again", "snooze 5.0 seconds"),
        (
            "again, spent",
            "retry after 5.0 seconds broken The job asked to run again. That spends an attempt."
        ),
        ("give up", "dead invalid  It makes no sense."),
        ("odd", "retry after 7.0 seconds broken The job failed: Oddity()."),
        ("broken", "retry after 7.0 seconds broken It is broken."),
        ("unavailable", "retry after 7.0 seconds unavailable It is unavailable."),
        ("limited", "retry after 7.0 seconds limited It is limited."),
        ("invalid", "dead invalid  It is invalid."),
        ("unauthorized", "dead unauthorized  It is unauthorized."),
        ("forbidden", "dead forbidden  It is forbidden."),
        ("missing", "dead missing  It is missing."), ("conflict", "dead conflict  It is conflict."),
    ])
    func `comes to one verdict`(what: String, verdict: String) async throws {
        #expect(try await stage.attempt(what).text == verdict)
    }

    @Test func `that fails for the last time is dead, by the policy or the request`() async throws {
        #expect(try await stage.attempt("odd", attempts: 1).text == "dead broken  The job failed: Oddity().")
        var claim = Claim(
            delivery: Delivery(id: ID()),
            envelope: Envelope(name: Act.name, arguments: (["what": "odd"] as JSON).bytes))
        for (earlier, isDead) in [(1, false), (2, true)] as [(Int64, Bool)] {
            claim.errors = JSON.array([["attempt": .integer(earlier)]]).bytes
            let report = Report(claim, in: stage.queue)
            let verdict = await stage.runner.attempt(claim, started: .now, reporter: report, stop: { nil })
            #expect(verdict.text.hasPrefix("dead") == isDead)
        }
    }

    @Test func `of an unknown job leaves it for a newer worker`() async {
        #expect(await stage.attempt(Envelope(name: "unheard_of", arguments: [])).text == "parked")
    }

    @Test func `that comes too late does not start`() async {
        let arguments = (["what": "done"] as JSON).bytes
        let late = Envelope(name: Act.name, arguments: arguments, expires: .now + .milliseconds(-1))
        #expect(await stage.attempt(late).text == "expired")
        let early = Envelope(name: Act.name, arguments: arguments, expires: .now + .seconds(60))
        #expect(await stage.attempt(early).text == "done nothing")
    }

    @Test func `G5 of a job whose deadline has passed does not start, and says so`() async {
        var envelope = Envelope(name: Act.name, arguments: (["what": "done"] as JSON).bytes)
        envelope.deadline = Moment("2026-01-02T03:04:05Z")
        #expect(
            await stage.attempt(envelope).text
                == "dead broken  The job's deadline, 2026-01-02T03:04:05.000Z, passed before it could start.")
        envelope.deadline = .now + .seconds(60)
        #expect(await stage.attempt(envelope).text == "done nothing")
    }

    @Test func `G5 may take no longer than what is left until the deadline`() {
        let now = Moment.now
        var envelope = Envelope(name: Act.name, arguments: [])
        for (left, time) in [(4, 4), (9, 9), (60, 9), (-1, 0)] {
            envelope.deadline = now + .seconds(left)
            #expect(stage.runner.timeout(of: envelope, from: now) == .seconds(time))
        }
    }

    @Test func `G5 that its deadline stopped is dead at once, with attempts left`() async {
        var envelope = Envelope(name: Act.name, arguments: [], attempts: 9)
        let deadline = Moment.now
        envelope.deadline = deadline
        let claim = Claim(delivery: Delivery(id: envelope.id), envelope: envelope)
        #expect(
            stage.runner.verdict(on: .timedOut, of: claim).text
                == "dead broken  The job did not end before its deadline, \(deadline.text).")
    }

    @Test(arguments: [
        ("{}", "dead invalid /arguments/what /arguments/what is missing."),
        (#"{"what":1}"#, "dead invalid /arguments/what /arguments/what must be a string, not a number."),
        (#"{"what":"done","more":1}"#, "dead invalid /arguments/more /arguments/more is not a known field."),
        ("{", "dead invalid  The arguments are no JSON: a member needs a name in quotes at byte 1."),
        ("", "dead invalid  The arguments are no JSON: the text ends where a value should stand at byte 0."),
    ])
    func `with arguments that are not the job's is dead and says why`(
        arguments: String, verdict: String
    ) async {
        #expect(
            await stage.attempt(Envelope(name: Act.name, arguments: Array(arguments.utf8))).text == verdict)
    }

    @Test(arguments: [
        (Stop.cancelled("no more"), "cancelled no more"), (.drained, "released"), (.lost, "released"),
        (.timedOut, "retry after 7.0 seconds broken The attempt took longer than 9.0 seconds."),
    ])
    func `that was told to stop ends as it was told, whatever it throws`(
        stop: Stop, verdict: String
    ) async throws {
        #expect(try await stage.attempt("odd", stop: stop).text == verdict)
        #expect(try await stage.attempt("invalid", stop: stop).text == verdict)
        #expect(try await stage.attempt("done", stop: stop).text == "done nothing")
    }

    @Test func `may take as long as the request says, else the job, else five minutes`() {
        #expect(stage.runner.timeout(of: Envelope(name: Act.name, arguments: []), from: .now) == .seconds(9))
        #expect(
            stage.runner.timeout(
                of: Envelope(name: Act.name, arguments: [], timeout: .seconds(2)), from: .now)
                == .seconds(2))
        #expect(
            stage.runner.timeout(of: Envelope(name: "unheard_of", arguments: []), from: .now) == .seconds(300)
        )
    }
}

@Suite struct `A catalogue` {
    let catalogue = Catalogue<Toolbox>([Plain.self, Act.self])

    @Test func `knows its jobs and their policies`() {
        #expect(catalogue.names == ["act", "plain"])
        #expect(catalogue.policy("act")?.attempts == 3)
        #expect(catalogue.policy("plain") == Policy())
        #expect(catalogue.policy("other") == nil)
    }

    @Test func `checks a request before it is taken`() throws {
        try catalogue.check("act", arguments: ["what": "done"])
        try catalogue.check("plain", arguments: [:])
        let unknown = #expect(throws: Failure.self) { try catalogue.check("other", arguments: [:]) }
        #expect(unknown?.kind == .invalid)
        #expect(unknown?.pointer == "/name")
        #expect(unknown?.message == "There is no job \"other\". Known are: act, plain.")
        let missing = #expect(throws: Failure.self) { try catalogue.check("act", arguments: [:]) }
        #expect(missing?.pointer == "/arguments/what")
        let excess = #expect(throws: Failure.self) { try catalogue.check("plain", arguments: ["x": 1]) }
        #expect(excess?.pointer == "/arguments/x")
        #expect(throws: Failure.self) { try catalogue.check("plain", arguments: [1]) }
    }
}

@Suite struct `A job put on a queue by a program` {
    @Test func `arrives with its properties as arguments`() async throws {
        let stage = try Stage()
        let id = try await stage.queue.enqueue(Act(what: "result"), workspace: "acme", level: .high)
        var shift = Queue.Shift()
        shift.wanted = 1
        let claim = try #require(try await stage.queue.work(shift).claims.first)
        #expect(claim.delivery.id == id)
        #expect(claim.envelope.name == "act")
        #expect(claim.envelope.workspace == "acme")
        #expect(claim.envelope.level == .high)
        #expect(try JSONParser.parse(claim.envelope.arguments) == ["what": "result"])
        #expect(await stage.attempt(claim.envelope).text.hasPrefix("done"))
    }
}
