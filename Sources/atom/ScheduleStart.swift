import Core
import Foundation
import Jobs
import Logging
import Scheduler
import Store
import Work

extension House {
    /// The file of schedules, as it lies in the working directory.
    static let schedulesFile = "jobs/schedules.yml"

    var schedules: Schedules { Schedules(on: redis, settings: queueSettings) }

    /// Puts what the file of schedules holds; without such a file all schedules stay as they are.
    func applySchedules() async throws {
        guard let bytes = FileManager.default.contents(atPath: Self.schedulesFile) else { return }
        let workspaces = try await store.workspaces.list(limit: 2)
        // Where there is one workspace only, entries need not name it.
        let only = workspaces.count == 1 ? workspaces[0].id.text : nil
        let file: ScheduleFile
        do {
            file = try ScheduleFile(
                String(decoding: bytes, as: UTF8.self), workspace: only, check: catalogue.check)
        } catch let failure as Failure {
            throw Failure(failure.kind, "\(Self.schedulesFile): \(failure.message)", at: failure.pointer)
        }
        let done = try await schedules.apply(file)
        guard done.put + done.removed > 0 else { return }
        log.notice("schedules applied", metadata: ["put": "\(done.put)", "removed": "\(done.removed)"])
    }
}
