import Core
import HTTPTypes
import Hummingbird
import Queue

extension Routes {
    /// `/api/queues/{name}/quarantine`: frames of raw producers that were no jobs.
    enum Quarantine {
        static let routes = [
            Route(
                .get, "/api/queues/{name}/quarantine",
                "List refused frames of this workspace and of none, the newest first.", list
            ).operating().query(
                "limit", "How many entries to show, 50 unless told.", Schema.whole(1...Limits.page)
            ).answering(200, "The frames.", "Quarantine"),
            Route(.delete, "/api/queues/{name}/quarantine", "Let those frames go.", empty)
                .operating().answering(200, "How many went.", "QuarantineEmptied"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Quarantine",
                Schema.object(
                    ["frames": Schema.list(frame), "total": Schema.count], required: ["frames", "total"])),
            .init("QuarantineEmptied", Schema.object(["deleted": Schema.count], required: ["deleted"])),
        ]

        private static let frame = Schema.object(
            [
                "reason": Schema.string, "pointer": Schema.optional(Schema.string), "at": Schema.time,
                "bytes": Schema.count, "frame": Schema.string,
            ], required: ["reason", "at", "bytes", "frame"])

        static func list(_ call: Call) async throws -> Answer {
            let frames = try await visible(call).frames
            let shown = frames.prefix(try call.limit).map { frame -> JSON in
                [
                    "reason": .string(frame.reason), "pointer": JSON(frame.pointer), "at": JSON(frame.at),
                    "bytes": JSON(frame.size), "frame": .string(frame.frame),
                ]
            }
            return Answer(["frames": .array(shown), "total": JSON(frames.count)])
        }

        static func empty(_ call: Call) async throws -> Answer {
            let (queue, frames) = try await visible(call)
            return Answer(["deleted": JSON(try await queue.release(frames))])
        }

        /// The frames that name the caller's workspace, and those too broken to name any.
        private static func visible(_ call: Call) async throws -> (queue: Queue, frames: [RefusedFrame]) {
            guard let name = call.parameters.get("name"), Queue.isName(name) else {
                throw Failure(.missing, "There is no such queue.")
            }
            let (queue, workspace) = (call.office.queues[name], try call.workspace.text)
            let frames = try await queue.quarantine()
            return (queue, frames.filter { ($0.workspace ?? workspace) == workspace })
        }
    }
}
