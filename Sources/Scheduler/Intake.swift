import Core
import Logging
import Queue
import ServiceLifecycle
import Work

/// Takes in the jobs of producers that know only Redis: frames of JSON in a queue's inbox.
///
/// Every worker process may run one and none leads. A frame is moved to a second list before it is looked
/// at, and leaves that list in the same script that enqueues its job or puts it into quarantine, so that a
/// crash neither loses nor doubles one.
public struct Intake: Service {
    /// Throws when the arguments are not those of the job, or the workspace is none. A job that this program
    /// does not know is no reason: it is kept for a worker that does.
    public typealias Check = @Sendable (_ name: String, _ arguments: JSON, _ workspace: String) throws -> Void

    private let queues: [Queue]
    private let check: Check
    private let log: Logger

    public init(_ queues: [Queue], log: Logger, check: @escaping Check) {
        self.queues = queues
        self.check = check
        self.log = log
    }

    /// Runs until the surrounding group shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for queue in queues { group.addTask { await serve(queue) } }
            }
        }
    }

    private func serve(_ queue: Queue) async {
        await Tray.frames(of: queue).attend { error in
            log.debug("frames not taken in", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
        } handle: { frame in
            try await take(frame, into: queue)
        }
    }

    /// Admits the job of one frame, or refuses the frame.
    package func take(_ frame: [UInt8], into queue: Queue) async throws {
        var workspace: String?
        do {
            let read = try JobFrame.read(frame)
            workspace = read.workspace
            let order = try read.order(for: queue.name) { try check($0, $1, read.workspace) }
            try await settle(try await queue.admit(order.envelope, ticket: .frame(frame)), frame, queue)
        } catch let failure as Failure where !failure.isWorthRetrying || failure.pointer != nil {
            // What another try cannot mend is for a person to see.
            guard try await queue.refuse(frame, for: failure, workspace: workspace) else { return }
            log.notice(
                "a frame was refused", metadata: ["queue": "\(queue.name)", "reason": "\(failure.message)"])
        }
    }

    /// A frame whose job is in the queue is gone; what kept a job out is told, unless it was meant to.
    private func settle(_ admission: Queue.Admission, _ frame: [UInt8], _ queue: Queue) async throws {
        switch admission {
        case .accepted, .known, .stale: return
        case .existing, .dropped, .repeated: try await Tray.frames(of: queue).drop(frame)
        case .held(let id):
            throw Failure(.conflict, "Job \(id) holds the lock of this one.", at: "/unique")
        case .full(let limit): throw Failure(.conflict, "The limit \(limit) is full.")
        case .mismatched: throw Failure(.broken, "A frame has no idempotency key, and yet one did not match.")
        }
    }
}
