import Core
import Logging
import Queue
import ServiceLifecycle

/// Tells those who asked for it that a job has ended: one signed webhook for each end, delivered by a job of
/// its own.
///
/// The id of that job follows from the job that ended and from when it did, so telling twice makes one job.
package struct Callbacks: Service {
    private let queues: [Queue]
    /// True where something signs what a workspace is told.
    private let isSigned: @Sendable (_ workspace: String) async throws -> Bool
    private let log: Logger

    package init(
        _ queues: [Queue], log: Logger,
        isSigned: @escaping @Sendable (_ workspace: String) async throws -> Bool
    ) {
        self.queues = queues
        self.log = log
        self.isSigned = isSigned
    }

    /// Runs until the surrounding group shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for queue in queues { group.addTask { await serve(queue) } }
            }
        }
    }

    private func serve(_ queue: Queue) async {
        let tray = Tray.afters(of: queue)
        await tray.attend { error in
            log.debug("callbacks not made", metadata: ["queue": "\(queue.name)", "error": "\(error)"])
        } handle: { entry in
            try await tell(entry, of: queue)
            try await tray.drop(entry)
        }
    }

    /// Makes the job that tells of one end, unless there is nothing to tell.
    package func tell(_ entry: [UInt8], of queue: Queue) async throws {
        guard let id = ID(String(decoding: entry, as: UTF8.self)),
            let sight = try await queue.look([id]).first ?? nil,
            let end = Ending(sight), let url = sight.envelope.callback
        else { return }
        guard try await isSigned(sight.envelope.workspace) else {
            return log.warning("a callback has no secret to be signed with", metadata: ["job": "\(id)"])
        }
        let arguments: JSON = [
            "url": .string(url), "type": .string("job.\(sight.state.rawValue)"),
            "data": .object(sight.members(attempts: nil)),
        ]
        let envelope = Envelope(
            id: end.id, name: "deliver_webhook", arguments: arguments.bytes,
            workspace: sight.envelope.workspace, tags: ["callback"])
        _ = try await queue.admit(envelope)
    }
}

/// One end of a job; one that is put back after its death may have another.
private struct Ending {
    /// The id of the job that tells of it.
    let id: ID

    /// Nil while the job has not ended.
    init?(_ sight: Sight) {
        guard [.done, .dead, .cancelled, .expired].contains(sight.state), let finished = sight.finished,
            let id = ID("callback \(sight.envelope.id) \(sight.state.rawValue)", at: finished)
        else { return nil }
        self.id = id
    }
}

extension ID {
    /// The id that always follows from a text and a moment.
    fileprivate init?(_ text: String, at moment: Moment) {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let time = ID(milliseconds: moment.milliseconds).text.prefix(10)
        // Two passes of FNV-1a over the same text, the second from where the first ended.
        var (hash, digits): (UInt64, String) = (0xCBF2_9CE4_8422_2325, "")
        for _ in 0..<2 {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
            for place in 0..<8 { digits.append(alphabet[Int(hash >> (place * 5 + 24) & 31)]) }
        }
        self.init(time + digits)
    }
}
