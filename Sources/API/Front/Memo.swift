import Queue
import Synchronization

/// What is learnt of one request while it is answered, for its answer's headers and its line in the log.
final class Memo: Sendable {
    private struct Notes {
        var allowance: Allowance?
        var principal: Principal?
    }

    private let notes = Mutex(Notes())

    var allowance: Allowance? {
        get { notes.withLock { $0.allowance } }
        set { notes.withLock { $0.allowance = newValue } }
    }

    var principal: Principal? {
        get { notes.withLock { $0.principal } }
        set { notes.withLock { $0.principal = newValue } }
    }
}
