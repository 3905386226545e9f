import Core
import Foundation
import Queue
import ServiceLifecycle
import Testing
import Work

@testable import Worker

/// A worker in a process of its own, some of whose jobs never return.
private enum Patient {
    static let neighbours = 3

    /// The plant that the process of a test and the one it starts share.
    static func plant(_ name: String, of process: pid_t) throws -> Plant {
        var settings = Queue.Settings()
        settings.prefix = "stuck-\(name)-\(process)"
        settings.lease = .seconds(2)
        return try Plant(settings)
    }

    /// Takes back whatever leases run out, as the sweeper of another worker would, while `body` runs.
    static func sweeping(_ plant: Plant, _ body: () async -> Void) async throws {
        let sweep = Task {
            while !Task.isCancelled {
                _ = try await plant.queue.reclaim()
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        await body()
        sweep.cancel()
        if case .failure(let error) = await sweep.result, !(error is CancellationError) { throw error }
    }

    /// Runs in the process that is to be replaced: neighbours that take a while, then jobs that never end.
    static func live(_ name: String, neighboursTake milliseconds: Int, spinners: Int) async throws {
        // Whatever goes wrong, this process must not spin for ever.
        alarm(60)
        let plant = try plant(name, of: getppid())
        try await plant.add(.sleep(milliseconds), neighbours)
        var settings = Plant.Settings(neighbours + spinners + 2, grace: .milliseconds(300))
        settings.worker.patience = .milliseconds(500)
        // The fresh program looks at itself: the same id, no signal shut out (but 32, which the C library
        // keeps for itself), none of the old one's files.
        let check = """
            /^(SigBlk|SigIgn):/ && $2 !~ /^0+[08]0000000$/ { wrong = 1 }
            /^Pid:/ && $2 != \(getpid()) { wrong = 2 }
            END {
                while (("ls /proc/\(getpid())/fd" | getline) > 0) files++
                exit wrong ? wrong : files > 6 ? 3 : 0
            }
            """
        settings.worker.replace = {
            Replacement.run("/usr/bin/awk", ["awk", check, "/proc/self/status"])
        }
        let arguments = try Envelope(Act(what: .spin)).arguments
        let spin = (0..<spinners).map { _ in
            Envelope(name: Act.name, arguments: arguments, attempts: 1, timeout: .milliseconds(300))
        }
        try await plant.withWorker(settings) { _ in
            try await until("the neighbours run") { plant.notebook.starts.count == neighbours }
            try await plant.queue.enqueue(spin)
            try await Task.sleep(for: .seconds(60))
        }
        exit(EXIT_FAILURE)
    }
}

@Suite(.serialized) struct `G3 A worker with a job in an endless loop` {
    @Test func `finishes the neighbours and is replaced under its process id`() async throws {
        let plant = try Patient.plant("one", of: getpid())
        try await Patient.sweeping(plant) {
            await #expect(processExitsWith: .success) {
                try await Patient.live("one", neighboursTake: 4_500, spinners: 1)
            }
        }
        let totals = try await plant.queue.depths().totals
        #expect((totals["ended"], totals["dead"], totals["crashed"], totals["refused"]) == (3, 1, nil, nil))
        #expect(try await plant.queue.depths().running == 0)
    }

    @Test func `in every thread gives the neighbours back and is replaced`() async throws {
        let plant = try Patient.plant("all", of: getpid())
        try await Patient.sweeping(plant) {
            await #expect(processExitsWith: .success) {
                let threads = ProcessInfo.processInfo.activeProcessorCount
                try await Patient.live("all", neighboursTake: 1_500, spinners: threads)
            }
        }
        let depths = try await plant.queue.depths()
        #expect((depths.running, depths.backlog) == (0, 3))
        let claims = try await plant.claim(10)
        #expect(claims.map(\.attempt) == [1, 1, 1])
        #expect(claims.map(\.crashes) == [0, 0, 0])
        #expect((depths.totals["refused"], depths.totals["crashed"]) == (nil, nil))
    }
}
