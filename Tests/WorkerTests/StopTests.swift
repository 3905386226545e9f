import Core
import Redis
import TestHouse
import Testing
import Work

@testable import Queue
@testable import Worker

@Suite struct `G3 G4 A job that is told to stop` {
    @Test func `because somebody cancelled it stops within a second`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            try await measure(below: .seconds(1)) {
                let id = try await plant.add(.gate)[0]
                try await until("it runs") { !plant.notebook.starts(of: id).isEmpty }
                let start = ContinuousClock.now
                #expect(try await plant.queue.cancel(id, reason: "changed my mind") == .running)
                try await plant.wait(for: id, .cancelled)
                #expect(try await plant.look(id)?.reason == "changed my mind")
                return ContinuousClock.now - start
            }
            let next = try await plant.add(.nothing)[0]
            try await plant.wait(for: next, .done)
        }
    }

    @Test func `because it took too long fails like any other attempt`() async throws {
        let plant = try Plant()
        let arguments = try Envelope(Act(what: .sleep(60_000))).arguments
        let envelope = Envelope(name: Act.name, arguments: arguments, attempts: 2, timeout: .milliseconds(50))
        try await plant.queue.enqueue([envelope])
        try await plant.withWorker { _ in try await plant.wait(for: envelope.id, .dead) }
        let sight = try #require(try await plant.look(envelope.id))
        #expect(
            sight.errors.compactMap { $0["message"]?.string }
                == Array(repeating: "The attempt took longer than 0.05 seconds.", count: 2))
        #expect(sight.crashes == 0)
    }

    @Test func `and does not loses its place, while its neighbours finish`() async throws {
        let plant = try Plant()
        let arguments = try Envelope(Act(what: .deaf)).arguments
        let deaf = Envelope(name: Act.name, arguments: arguments, attempts: 1, timeout: .milliseconds(50))
        try await plant.queue.enqueue([deaf])
        try await plant.withWorker(.init(2, grace: .milliseconds(300))) { _ in
            let neighbours = try await plant.add(.sleep(20), 50)
            try await until("it is given up") { try await plant.look(deaf.id)?.state == .dead }
            for id in neighbours { try await plant.wait(for: id, .done) }
            let both = try await plant.add(.gate, 2)
            try await until("two more run at once") {
                both.allSatisfy { !plant.notebook.starts(of: $0).isEmpty }
            }
            plant.notebook.open()
            for id in both { try await plant.wait(for: id, .done) }
            try await until("it came back at last") { plant.notebook.ended.contains(deaf.id) }
        }
        #expect(try await plant.look(deaf.id)?.state == .dead)
        #expect(try await plant.queue.depths().totals["refused"] == nil)
    }

    @Test func `because another has its lease writes nothing more`() async throws {
        let plant = try Plant(lease: .milliseconds(600))
        let id = try await plant.add(.gate)[0]
        try await plant.withWorker { running in
            try await until("it runs") { !plant.notebook.starts.isEmpty }
            // It takes no second job, so that the other one gets this job.
            running.worker.quiet()
            try await until("its lease has run out") {
                _ = try await plant.redis.send(Command("ZADD", plant.queue.keys.leases, "XX", "1", id.text))
                _ = try await plant.queue.reclaim()
                return try await plant.queue.depths().totals["crashed"] == 1
            }
            var shift = Queue.Shift()
            shift.settlements = try await plant.claim(1).map {
                Settlement($0, .done(["by": "other"]), started: .now, worker: "other")
            }
            #expect(shift.settlements.count == 1)
            #expect(try await plant.queue.work(shift).refused.isEmpty)
            try await until("the first attempt heard of it") { plant.notebook.ended.contains(id) }
            try await until("its outcome was refused") {
                try await plant.queue.depths().totals["refused"] ?? 0 >= 2
            }
        }
        let sight = try #require(try await plant.look(id))
        #expect(sight.state == .done)
        #expect(sight.worker == "other")
        #expect(sight.result == ["by": "other"])
    }

    @Test func `is not mistaken for the next one on its lane`() async throws {
        let plant = try Plant()
        let arguments = try Envelope(Act(what: .sleep(30))).arguments
        try await plant.withWorker(.init(2)) { _ in
            let envelopes = (0..<200).map { _ in Envelope(name: Act.name, arguments: arguments, attempts: 1) }
            try await plant.queue.enqueue(envelopes)
            // Cancels meet jobs in every moment of their lives, the last one among them.
            for envelope in envelopes.prefix(100) {
                try await until("it runs") { !plant.notebook.starts(of: envelope.id).isEmpty }
                try await Task.sleep(for: .milliseconds(Int64.random(in: 24...34)))
                _ = try await plant.queue.cancel(envelope.id, reason: "r")
            }
            try await until("all ended") {
                try await plant.queue.depths().backlog + plant.queue.depths().running == 0
            }
            for envelope in envelopes {
                let state = try await plant.look(envelope.id)?.state
                #expect(state == .done || state == .cancelled, "Nobody else may suffer from a cancel.")
            }
        }
    }
}

@Suite struct `A worker that stops` {
    @Test func `gives back what does not end in time, in its order and with no attempt spent`() async throws {
        let plant = try Plant()
        let ids = try await plant.add(.gate, 6)
        try await plant.withWorker(.init(3, drain: .milliseconds(200))) { _ in
            try await until("three run") { plant.notebook.starts.count == 3 }
        }
        let depths = try await plant.queue.depths()
        #expect((depths.backlog, depths.running, depths.scheduled) == (6, 0, 0))
        for id in ids.prefix(3) {
            let sight = try #require(try await plant.look(id))
            #expect((sight.attempts, sight.crashes, sight.errors.count) == (0, 0, 0))
        }
        let claims = try await plant.claim(6)
        #expect(Set(claims.prefix(3).map(\.delivery.id)) == Set(ids.prefix(3)))
        #expect(claims.suffix(3).map(\.delivery.id) == Array(ids.suffix(3)))
        #expect(claims.allSatisfy { $0.attempt == 1 && $0.crashes == 0 })
    }

    @Test func `waits for what ends in time`() async throws {
        let plant = try Plant()
        let id = try await plant.add(.sleep(400))[0]
        try await plant.withWorker { _ in try await until("it runs") { !plant.notebook.starts.isEmpty } }
        #expect(try await plant.look(id)?.state == .done)
        #expect(plant.notebook.starts.count == 1)
    }

    @Test func `does not wait for ever for a job that is deaf`() async throws {
        let plant = try Plant()
        let id = try await plant.add(.deaf)[0]
        let start = ContinuousClock.now
        try await plant.withWorker(.init(2, drain: .milliseconds(100))) { _ in
            try await until("it runs") { !plant.notebook.starts.isEmpty }
        }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(try await plant.look(id)?.state == .waiting)
        plant.notebook.open()
    }

    @Test func `hands over to another without losing a job or running one twice`() async throws {
        let plant = try Plant()
        let ids = try await plant.add(.sleep(3), 600)
        for _ in 0..<3 {
            let before = plant.notebook.ended.count
            try await plant.withWorker(.init(4)) { _ in
                try await until("some ran") { plant.notebook.ended.count >= before + 100 }
            }
            #expect(try await plant.queue.depths().running == 0)
        }
        try await plant.withWorker { _ in
            try await until("all ran") { try await plant.queue.depths().totals["ended"] == 600 }
        }
        #expect(plant.notebook.starts.count == 600)
        #expect(Set(plant.notebook.starts.map(\.id)) == Set(ids))
        #expect(plant.notebook.starts.allSatisfy { $0.attempt == 1 && $0.crashes == 0 })
    }

    @Test func `and is only quiet claims nothing more, while what runs goes on`() async throws {
        let plant = try Plant()
        try await plant.withWorker { running in
            let id = try await plant.add(.gate)[0]
            try await until("it runs") { !plant.notebook.starts.isEmpty }
            running.worker.quiet()
            let later = try await plant.add(.nothing)[0]
            plant.notebook.open()
            try await plant.wait(for: id, .done)
            // A second worker shows that the token was passed on.
            let start = ContinuousClock.now
            try await plant.withWorker { _ in try await plant.wait(for: later, .done) }
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(plant.notebook.starts.count == 2)
        }
    }
}
