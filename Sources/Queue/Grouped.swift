import Core
import Redis

extension Queue {
    /// A page of the jobs that wait in groups.
    func grouped(from first: Int, count: Int) async throws -> [Delivery] {
        let reply = try await run(Scripts.grouped) {
            $0.append(first)
            $0.append(count)
        }
        return (reply.array ?? []).compactMap { $0.text.flatMap { Delivery($0) } }
    }
}
