import Core
import Redis

extension Queue {
    /// What a cancel came to.
    public enum Cancellation: String, Sendable {
        /// There is no such job, or it has ended.
        case missing
        /// It is a dead letter and will not run anyway.
        case dead
        /// It runs; its worker has been asked to stop it.
        case running
        /// It will not run.
        case cancelled
    }

    /// Cancels a job: at once when it waits, cooperatively when it runs.
    public func cancel(_ id: ID, reason: String) async throws -> Cancellation {
        let reply = try await run(Scripts.cancel) {
            $0.append(id.text)
            $0.append(JSON.string(reason).bytes)
            $0.append(retention_s)
            $0.append(event_s)
        }
        guard let answer = reply.text.flatMap(Cancellation.init) else {
            throw Failure(.broken, "The cancel script answered what it never should.")
        }
        return answer
    }

    /// Cancels the children of a job, and theirs, in whichever queue they are.
    ///
    /// - Returns: how many were cancelled or asked to stop; `batchLimit` of a family are looked at.
    public func cancelChildren(of id: ID, reason: String) async throws -> Int {
        var (open, known, count) = ([id], Set([id]), 0)
        while let parent = open.popLast(), known.count <= Self.batchLimit {
            let command = Command("SMEMBERS", keys[.children] + parent.text)
            let members = try await translating { try await redis.send(command) }.array ?? []
            for member in members.compactMap(\.text) {
                let name = member.drop { $0 != "{" }.dropFirst().prefix { $0 != "}" }
                guard let child = ID(member.suffix(26)), known.insert(child).inserted else { continue }
                let queue = Queue(String(name), on: redis, settings: settings)
                if [.cancelled, .running].contains(try await queue.cancel(child, reason: reason)) {
                    count += 1
                }
                open.append(child)
            }
        }
        return count
    }
}
