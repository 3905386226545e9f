import Core
import Redis

extension Queue {
    /// Keeps and tells what a running attempt says of itself. False when the attempt lost its lease.
    ///
    /// - Parameters:
    ///   - state: everything known so far, kept until the job ends.
    ///   - news: what is told to those who watch.
    public func report(_ claim: Claim, state: JSON, news: JSON) async throws -> Bool {
        let event = Event(
            .progress, job: claim.delivery.id, workspace: claim.envelope.workspace, detail: news)
        let reply = try await run(Scripts.progress) {
            $0.append(claim.delivery.text)
            $0.append(claim.delivery.id.text)
            $0.append(state.bytes)
            $0.append(event.line)
            $0.append(event_s)
        }
        return reply.integer == 1
    }
}
