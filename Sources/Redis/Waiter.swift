/// Who waits for the replies to one or more commands.
enum Waiter: Sendable {
    typealias Continuation<Value: Sendable> = UnsafeContinuation<Result<Value, Fault>, Never>

    case one(Continuation<Reply>)
    /// All replies together, so that a pipeline costs one continuation.
    case many(Continuation<[Reply]>, Int)
    /// Called on the event loop.
    case call(@Sendable (Result<Reply, Fault>) -> Void)

    var commands: Int {
        if case .many(_, let count) = self { count } else { 1 }
    }

    func fail(_ fault: Fault) {
        switch self {
        case .one(let continuation): continuation.resume(returning: .failure(fault))
        case .many(let continuation, _): continuation.resume(returning: .failure(fault))
        case .call(let body): body(.failure(fault))
        }
    }
}

/// A waiter and what it waited for, to be resumed outside any lock.
enum Completion: Sendable {
    case one(Waiter.Continuation<Reply>, Reply)
    case many(Waiter.Continuation<[Reply]>, [Reply])
    case call(@Sendable (Result<Reply, Fault>) -> Void, Reply)
    case failed(Waiter, Fault)

    func resume() {
        switch self {
        case .one(let continuation, let reply): continuation.resume(returning: .success(reply))
        case .many(let continuation, let replies): continuation.resume(returning: .success(replies))
        case .call(let body, let reply): body(.success(reply))
        case .failed(let waiter, let fault): waiter.fail(fault)
        }
    }
}
