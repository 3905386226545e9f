import Core
import Redis

extension Queue {
    /// Tells what a running attempt says, such as a piece of a longer text, without keeping it. False when
    /// the attempt lost its lease.
    public func tell(_ claim: Claim, news: JSON) async throws -> Bool {
        let event = Event(
            .progress, job: claim.delivery.id, workspace: claim.envelope.workspace, detail: news)
        let reply = try await run(Scripts.speech) {
            $0.append(claim.delivery.text)
            $0.append(event.line)
            $0.append(event_s)
        }
        return reply.integer == 1
    }
}
