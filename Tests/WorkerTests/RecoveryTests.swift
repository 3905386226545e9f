import Core
import Redis
import TestHouse
import Testing
import Work

@testable import Queue
@testable import Worker

@Suite struct `After a worker's death` {
    @Test func `its jobs run again by themselves, beside each other, with no attempt spent`() async throws {
        let plant = try Plant(lease: .seconds(2))
        let ids = try await plant.add(.gate, 6)
        #expect(try await plant.claim(6).count == 6)
        try await plant.withWorker(.init(8)) { _ in
            try await until("all run") { plant.notebook.starts.count == 6 }
            plant.notebook.open()
            try await until("all are done") { try await plant.queue.depths().totals["ended"] == 6 }
        }
        #expect(Set(plant.notebook.starts.map(\.id)) == Set(ids))
        #expect(plant.notebook.starts.allSatisfy { $0.attempt == 1 && $0.crashes == 1 })
    }

    @Test func `and another's, its jobs run one at a time`() async throws {
        let plant = try Plant(lease: .seconds(2))
        let ids = try await plant.loseTwice(.sleep(20), 6)
        try await plant.withWorker(.init(8)) { _ in
            try await until("all are done") { try await plant.queue.depths().totals["ended"] == 6 }
        }
        #expect(Set(plant.notebook.starts.map(\.id)) == Set(ids))
        #expect(plant.notebook.starts.allSatisfy { $0.attempt == 1 && $0.crashes == 2 })
        #expect(plant.notebook.most == 1)
    }

    @Test func `the suspects are shared by the workers there are`() async throws {
        let plant = try Plant(lease: .seconds(2))
        try await plant.loseTwice(.gate, 4)
        try await plant.withWorker { _ in
            try await plant.withWorker { _ in
                try await until("two run") { plant.notebook.starts.count == 2 }
                plant.notebook.open()
                try await until("all are done") { try await plant.queue.depths().totals["ended"] == 4 }
            }
        }
    }

    @Test func `a job whose envelope is damaged lies among the dead, and the others run`() async throws {
        let plant = try Plant()
        let ids = try await plant.add(.nothing, 3)
        _ = try await plant.redis.send(Command("HSET", plant.queue.keys.jobs, ids[1].text, "nonsense"))
        try await plant.withWorker { _ in
            try await plant.wait(for: ids[0], .done)
            try await plant.wait(for: ids[2], .done)
            try await plant.wait(for: ids[1], .dead)
        }
        #expect(try await plant.look(ids[1])?.errors.first?["message"] == "The job's envelope is damaged.")
    }

    @Test func `trouble with one queue does not cost the jobs of another`() async throws {
        let plant = try Plant(queues: 2)
        _ = try await plant.redis.send(Command("SET", plant.queues[0].keys.leases, "no set"))
        try await plant.add(.nothing, 3, to: 0)
        let ids = try await plant.add(.nothing, 20, to: 1)
        try await plant.withWorker { _ in
            try await until("they ran") { Set(plant.notebook.ended).isSuperset(of: ids) }
            try await until("they are settled") { try await plant.queues[1].depths().totals["ended"] == 20 }
        }
        #expect(plant.notebook.starts.filter { ids.contains($0.id) }.count == 20)
    }

    @Test func `trouble with one queue does not hold up what falls due in another`() async throws {
        let plant = try Plant(queues: 2)
        _ = try await plant.redis.send(Command("SET", plant.queues[0].keys.leases, "no set"))
        try await plant.withWorker { _ in
            let id = try await plant.add(.nothing, to: 1, due: .now + .milliseconds(100))[0]
            try await until("it ran") { plant.notebook.ended == [id] }
        }
    }
}

@Suite struct `After Redis' death` {
    @Test func `nothing accepted is lost and the worker is back within 5 seconds`() async throws {
        let server = try await RedisServer("--appendonly", "yes")
        let plant = try Plant(on: server, lease: .seconds(2))
        try await plant.withWorker(.init(8)) { _ in
            var ids = try await plant.add(.sleep(4), 500)
            try await until("it is in the middle") { plant.notebook.ended.count > 100 }
            server.kill()
            try await server.restart()
            let start = ContinuousClock.now
            let before = plant.notebook.ended.count
            try await until("new jobs end") { plant.notebook.ended.count > before + 16 }
            #expect(ContinuousClock.now - start < .seconds(5))
            ids += try await plant.add(.nothing, 10)
            try await until("all ended") {
                try await plant.queue.depths().totals["ended"] == Int64(ids.count)
            }
            for part in stride(from: 0, to: ids.count, by: 100) {
                let sights = try await plant.queue.look(Array(ids[part..<min(part + 100, ids.count)]))
                #expect(sights.allSatisfy { $0?.state == .done })
            }
        }
    }
}

@Suite struct `A running job's right to act` {
    @Test func `outlasts its lease while that is renewed`() async throws {
        let plant = try Plant(lease: .seconds(2))
        try await plant.withWorker { _ in
            let id = try await plant.add(.hold(2_500))[0]
            try await plant.wait(for: id, .done)
        }
        #expect(Mandate.holds(), "Outside of an attempt nothing is forbidden.")
    }

    @Test func `ends with its lease when Redis cannot be reached`() async throws {
        let server = try await RedisServer()
        let plant = try Plant(on: server, lease: .seconds(1))
        try await plant.withWorker(.init(1, drain: .milliseconds(200))) { _ in
            let id = try await plant.add(.deaf)[0]
            try await until("it runs") { !plant.notebook.starts.isEmpty }
            let frozen = ContinuousClock.now
            server.freeze()
            try await until("its lease has run out") { ContinuousClock.now - frozen > .seconds(1) }
            plant.notebook.open()
            try await until("it has ended") { plant.notebook.ended.contains(id) }
            #expect(plant.notebook.held[id] == false)
            #expect(plant.notebook.stops[id] == nil, "Nobody has told it to stop.")
            server.thaw()
        }
    }
}
