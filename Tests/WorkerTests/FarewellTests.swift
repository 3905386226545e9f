import Core
import Queue
import TestHouse
import Testing
import Work

@testable import Worker

@Suite struct `C9 A job that has failed for the last time` {
    private func add(
        _ what: Act.What, to plant: Plant, _ change: (inout Envelope) -> Void = { $0.attempts = 2 }
    ) async throws -> ID {
        var envelope = try Envelope(Act(what: what))
        change(&envelope)
        try await plant.queue.enqueue([envelope])
        return envelope.id
    }

    /// One attempt of at most 50 ms.
    private static func short(_ envelope: inout Envelope) {
        (envelope.attempts, envelope.timeout) = (1, .milliseconds(50))
    }

    @Test func `hears of it once, and what fails then changes nothing`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            let id = try await add(.fail(until: 9), to: plant)
            try await plant.wait(for: id, .dead)
            #expect(plant.notebook.farewells[id] == "Not yet.")
            #expect(plant.notebook.starts(of: id).count == 2)
            #expect(try await plant.look(id)?.errors.count == 2)
            let fine = try await add(.fail(until: 2), to: plant)
            try await plant.wait(for: fine, .done)
            #expect(plant.notebook.farewells[fine] == nil)
        }
    }

    @Test func `hears of it before it is a dead letter`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            // Its attempt waits at the gate until its time is over, and so does its hook.
            let id = try await add(.gate, to: plant, Self.short)
            try await until("it hears") { plant.notebook.farewells[id] != nil }
            #expect(try await plant.look(id)?.state == .running)
            #expect(try await plant.queue.cancel(id, reason: "too late") == .running)
            plant.notebook.open()
            try await until("it has ended") { try await plant.queue.depths().running == 0 }
            #expect(plant.notebook.farewells[id] == "The attempt took longer than 0.05 seconds.")
            let next = try await plant.add(.nothing)[0]
            try await plant.wait(for: next, .done)
        }
    }

    @Test func `hears of it also when its lane was given up`() async throws {
        let plant = try Plant()
        try await plant.withWorker(.init(1, grace: .milliseconds(200))) { _ in
            let id = try await add(.deaf, to: plant, Self.short)
            try await plant.wait(for: id, .dead)
            #expect(plant.notebook.farewells[id] == "The attempt took longer than 0.05 seconds.")
            let next = try await plant.add(.nothing)[0]
            try await plant.wait(for: next, .done)
            plant.notebook.open()
            try await until("it came back at last") { plant.notebook.ended.contains(id) }
            let another = try await plant.add(.nothing)[0]
            try await plant.wait(for: another, .done)
            #expect(try await plant.look(id)?.state == .dead)
        }
        #expect(try await plant.queue.depths().totals["refused"] == nil)
    }

    @Test func `G5 because its deadline passed says so, with attempts left`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            let id = try await add(.sleep(60_000), to: plant) { $0.deadline = .now + .seconds(4) }
            try await plant.wait(for: id, .dead)
            let message = try #require(plant.notebook.farewells[id])
            #expect(message.hasPrefix("The job did not end before its deadline, "))
            #expect(plant.notebook.starts(of: id).count == 1)
            #expect(plant.notebook.stops[id] == .timedOut)
        }
    }
}

@Suite struct `G2 A job that is cancelled while it runs` {
    @Test func `can read why`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            let id = try await plant.add(.gate)[0]
            try await until("it runs") { !plant.notebook.starts(of: id).isEmpty }
            _ = try await plant.queue.cancel(id, reason: "changed my mind")
            try await plant.wait(for: id, .cancelled)
            #expect(plant.notebook.stops[id] == .cancelled("changed my mind"))
        }
    }
}
