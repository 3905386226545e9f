import Core
import Redis

extension Unique {
    /// A short key that is the same for equal values, whatever the order of their members.
    public static func key(of value: JSON) -> String { SHA1.hex(value.canonical.bytes) }
}
