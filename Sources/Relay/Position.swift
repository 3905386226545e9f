import Core
import Queue

/// A place among the events of one queue: an event of a batch, or the end of a batch.
struct Position: Sendable, Hashable, Comparable {
    let sequence: Int64
    /// The event's place in its batch; `Int32.max` stands for all of them.
    let index: Int32

    /// Before the first event.
    static let start = Position(endOf: 0)

    init(_ sequence: Int64, _ index: Int) {
        self.sequence = sequence
        self.index = Int32(clamping: index)
    }

    init(endOf sequence: Int64) { self.init(sequence, Int(Int32.max)) }

    var isEnd: Bool { index == .max }

    static func < (left: Position, right: Position) -> Bool {
        (left.sequence, left.index) < (right.sequence, right.index)
    }
}

/// A position together with its queue, as clients read and write it: `default:12:3`, or `default:12` for the
/// end of a batch.
struct Mark: Sendable, Hashable {
    let queue: String
    let position: Position

    init(_ queue: String, _ position: Position) {
        self.queue = queue
        self.position = position
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard parts.count == 2 || parts.count == 3, Queue.isName(name) || name == Queue.changes,
            let sequence = Int64(parts[1]), sequence >= 0
        else { return nil }
        queue = name
        guard parts.count == 3 else {
            position = Position(endOf: sequence)
            return
        }
        guard let index = Int32(parts[2]), index >= 0, index < .max else { return nil }
        position = Position(sequence, Int(index))
    }

    var text: String {
        position.isEnd ? "\(queue):\(position.sequence)" : "\(queue):\(position.sequence):\(position.index)"
    }
}
