import NIOCore
import Synchronization

/// A key that somebody waits to know the owner of. One that is never answered counts as refused.
final class KeyCheck: Sendable {
    private let key: String
    private let promise: EventLoopPromise<Relay.Principal?>
    private let isAnswered = Atomic(false)

    init(_ key: String, on eventLoop: any EventLoop) {
        self.key = key
        promise = eventLoop.makePromise()
    }

    // On the promise's own event loop this would overtake an answer that is on its way there.
    deinit { if !isAnswered.load(ordering: .acquiring) { promise.succeed(nil) } }

    var owner: EventLoopFuture<Relay.Principal?> { promise.futureResult }

    func ask(_ authenticate: @Sendable (String) async -> Relay.Principal?) async {
        let owner = await authenticate(key)
        isAnswered.store(true, ordering: .releasing)
        promise.succeed(owner)
    }
}
