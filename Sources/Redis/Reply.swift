/// What Redis answers to one command.
public enum Reply: Sendable, Hashable {
    /// A bulk string, or a status such as `OK`.
    case string([UInt8])
    case integer(Int64)
    case array([Reply])
    case null
    /// Redis' own text, such as `ERR unknown command`.
    case error(String)

    /// The bytes of a string.
    public var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// A string as UTF-8 text; wrong bytes are shown as the replacement character.
    public var text: String? {
        if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// An integer, also one that Redis sends as a string, as `HGET` does.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let bytes): Int64(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    public var array: [Reply]? {
        if case .array(let replies) = self { replies } else { nil }
    }

    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The reply itself, or Redis' error thrown.
    public func unwrap() throws(Fault) -> Reply {
        if case .error(let text) = self { throw Fault(refusal: text) }
        return self
    }
}
