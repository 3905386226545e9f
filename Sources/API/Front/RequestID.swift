import Core
import HTTPTypes
import Hummingbird

/// The name of a request: the caller's where it is sane, else one of our own.
enum RequestID {
    private static let longest = 128

    static func of(_ request: Request) -> String {
        guard let text = request.headers[.requestID], (1...longest).contains(text.utf8.count),
            text.utf8.allSatisfy(isPlain)
        else { return ID().text }
        return text
    }

    /// Letters, digits and `-_.:`, which neither a log nor a header can take for anything else.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 58, 95: true
        default: false
        }
    }
}
