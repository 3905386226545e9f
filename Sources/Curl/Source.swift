import Foundation
import Synchronization

/// The body that a transfer sends, from memory or from a file, piece by piece.
final class Source: Sendable {
    private enum Store {
        case bytes([UInt8])
        case file(FileHandle)
    }

    private struct State {
        var store: Store
        var given = 0
    }

    let count: Int
    private let state: Mutex<State>

    init(_ bytes: [UInt8]) {
        count = bytes.count
        state = Mutex(State(store: .bytes(bytes)))
    }

    /// The file at `path`, as long as it is now.
    init(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd(),
            (try? file.seek(toOffset: 0)) != nil
        else { throw Curl.Fault(.invalid, "The file to send cannot be read.") }
        count = Int(end)
        state = Mutex(State(store: .file(file)))
    }

    /// True once the last byte was handed over: from then on the other side may hold the whole.
    var isGiven: Bool { state.withLock { $0.given >= count } }

    /// Fills `buffer`; the number of bytes filled, 0 at the end, nil when the file cannot be read.
    func give(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        state.withLock { state in
            let wanted = min(buffer.count, count - state.given)
            guard wanted > 0 else { return 0 }
            switch state.store {
            case .bytes(let bytes):
                buffer.copyBytes(from: bytes[state.given..<state.given + wanted])
            case .file(let file):
                guard let data = try? file.read(upToCount: wanted), data.count == wanted else { return nil }
                buffer.copyBytes(from: data)
            }
            state.given += wanted
            return wanted
        }
    }

    /// Goes back to `offset`, for a repeat on a fresh connection; false when the file does not allow it.
    func rewind(to offset: Int) -> Bool {
        state.withLock { state in
            guard (0...count).contains(offset) else { return false }
            if case .file(let file) = state.store {
                guard (try? file.seek(toOffset: UInt64(offset))) != nil else { return false }
            }
            state.given = offset
            return true
        }
    }
}
