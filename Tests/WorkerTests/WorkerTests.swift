import Core
import Queue
import Redis
import TestHouse
import Testing
import Work

@testable import Worker

@Suite struct `A worker` {
    @Test func `runs every job once, many at a time`() async throws {
        let plant = try Plant()
        try await plant.withWorker(.init(8)) { _ in
            let before = try await plant.add(.nothing, 700)
            let after = try await plant.add(.sleep(5), 300)
            try await until("all are done") { try await plant.queue.depths().totals["ended"] == 1_000 }
            #expect(Set(plant.notebook.starts.map(\.id)) == Set(before + after))
            #expect(plant.notebook.starts.count == 1_000)
            #expect(plant.notebook.most <= 8)
            #expect(plant.notebook.most > 1)
            let sight = try #require(try await plant.look(before[0]))
            #expect(sight.state == .done)
            #expect(sight.result == ["attempt": 1])
        }
    }

    @Test func `tries a failing job again after its pause, with its errors kept`() async throws {
        let plant = try Plant()
        let id = try await plant.add(.fail(until: 3))[0]
        try await plant.withWorker { _ in try await plant.wait(for: id, .done) }
        let starts = plant.notebook.starts(of: id)
        #expect(starts.map(\.attempt) == [1, 2, 3])
        for (earlier, later) in zip(starts, starts.dropFirst()) {
            #expect(later.at - earlier.at >= .milliseconds(60))
        }
        let sight = try #require(try await plant.look(id))
        #expect(sight.errors.compactMap { $0["message"]?.string } == ["Not yet.", "Not yet."])
        #expect(sight.attempts == 3)
    }

    @Test func `hears of a queue that emptied while it waited for another`() async throws {
        let plant = try Plant(queues: 2)
        var settings = Plant.Settings(4)
        settings.weights = [1, 1]
        try await plant.add(.sleep(20), 40, to: 1)
        try await plant.withWorker(settings) { _ in
            try await until("all are done") { try await plant.queues[1].depths().totals["ended"] == 40 }
            let asked = ContinuousClock.now
            try await plant.add(.nothing, to: 1)
            try await until("the last one is") { try await plant.queues[1].depths().totals["ended"] == 41 }
            #expect(ContinuousClock.now - asked < .seconds(3))
        }
    }

    @Test func `C2 gives a job up when its attempts are spent`() async throws {
        let plant = try Plant()
        let id = try await plant.add(.fail(until: 9))[0]
        try await plant.withWorker { _ in
            try await plant.wait(for: id, .dead)
            #expect(plant.notebook.starts(of: id).count == 3)
            #expect(try await plant.queue.retry(id))
            try await until("it ran again") { plant.notebook.starts(of: id).count == 6 }
            #expect(plant.notebook.starts(of: id).map(\.attempt) == [1, 2, 3, 1, 2, 3])
        }
    }

    @Test func `starts scheduled jobs when they are due, and not before`() async throws {
        let plant = try Plant()
        try await plant.withWorker { _ in
            try await measure(below: .milliseconds(100)) {
                var due: [ID: Moment] = [:]
                for index in 0..<20 {
                    let moment = Moment.now + .milliseconds(150 + index * 37)
                    due[try await plant.add(.nothing, due: moment)[0]] = moment
                }
                try await until("all ran") { Set(plant.notebook.ended).isSuperset(of: due.keys) }
                let delays = plant.notebook.starts.compactMap { start in due[start.id].map { start.at - $0 } }
                    .sorted()
                #expect(delays[0] > .milliseconds(-1))
                // One in ten may come later.
                return delays[17]
            }
        }
    }

    @Test func `shows progress, notes and itself while a job runs, and keeps what was said`() async throws {
        let plant = try Plant()
        let id = try await plant.add(.report)[0]
        try await plant.withWorker { running in
            try await until("it shows") {
                let sight = try await plant.look(id)
                return sight?.worker == running.worker.id && sight?.progress?["log"] != nil
            }
            let sight = try #require(try await plant.look(id))
            #expect(sight.state == .running)
            #expect(sight.progress?["message"] == "a third")
            #expect(sight.started != nil)
            plant.notebook.open()
            try await plant.wait(for: id, .done)
        }
        let sight = try #require(try await plant.look(id))
        #expect(sight.progress?["percent"]?.double == 30)
        #expect(sight.progress?["log"]?.array?.first?["line"] == "said")
    }

    @Test func `is in the book of workers while it runs`() async throws {
        let plant = try Plant()
        let workers = Workers(on: plant.redis, prefix: plant.queue.settings.prefix)
        try await plant.withWorker(.init(7)) { running in
            try await until("it is listed") { try await workers.list().map(\.id) == [running.worker.id] }
            let about = try #require(try await workers.list().first?.about)
            #expect(about["concurrency"] == 7)
            #expect(about["queues"] == ["q0"])
            #expect(about["jobs"] == ["act@1"])
        }
        #expect(try await workers.list().isEmpty)
    }

    @Test func `leaves a job it does not know to one that does`() async throws {
        struct Newer: Job {
            static let name = "newer"
            func run(_ context: Context<Notebook>) async throws -> Outcome { .done }
        }
        let plant = try Plant()
        let envelope = Envelope(name: Newer.name, arguments: Array("{}".utf8))
        try await plant.queue.enqueue([envelope])
        try await plant.withWorker { _ in try await plant.wait(for: envelope.id, .parked) }
        var settings = Plant.Settings()
        settings.jobs = [Act.self, Newer.self]
        try await plant.withWorker(settings) { _ in try await plant.wait(for: envelope.id, .done) }
    }

    @Test func `shares itself between two queues by weight while both have jobs`() async throws {
        let plant = try Plant(queues: 2)
        let often = Set(try await plant.add(.sleep(1), 500, to: 0))
        let seldom = try await plant.add(.sleep(1), 500, to: 1)
        var settings = Plant.Settings(6)
        settings.weights = [5, 1]
        try await plant.withWorker(settings) { _ in
            try await until("all ran") { plant.notebook.ended.count == 1_000 }
        }
        let first = plant.notebook.starts.prefix(360).filter { often.contains($0.id) }.count
        #expect(
            (290...310).contains(first),
            "Of 360 starts \(first) were of the queue with five sixths of the weight.")
        #expect(Set(plant.notebook.starts.map(\.id)) == often.union(seldom))
    }

    @Test func `with nothing to do leaves Redis in peace`() async throws {
        let server = try await RedisServer()
        let plant = try Plant(on: server)
        try await plant.withWorker { running in
            let workers = Workers(on: plant.redis, prefix: plant.queue.settings.prefix)
            try await until("it has begun") { try await !workers.list().isEmpty }
            // What it does to begin may still go on in the first of three spans on a busy machine.
            var a_second = Double.infinity
            for _ in 0..<3 where a_second > 2 {
                let (before, start) = (try await commands(plant.redis), ContinuousClock.now)
                try await Task.sleep(for: .seconds(6))
                a_second =
                    Double(try await commands(plant.redis) - before) / (ContinuousClock.now - start).seconds
            }
            #expect(a_second <= 2)
        }
    }

    private func commands(_ redis: Client) async throws -> Int {
        let info = try await redis.send(Command("INFO", "stats")).text ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_commands_processed:") }
        return try #require(line.flatMap { Int($0.dropFirst("total_commands_processed:".count)) })
    }
}
