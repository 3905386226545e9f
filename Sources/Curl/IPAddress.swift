import CCurl
import Foundation

/// An IPv4 or IPv6 address, as its 4 or 16 bytes.
package struct IPAddress: Sendable, Hashable {
    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The address that `text` writes in the usual form; nil for anything else, such as `0x7f.1`.
    package init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        let family = text.contains(":") ? AF_INET6 : AF_INET
        guard inet_pton(family, text, &buffer) == 1 else { return nil }
        bytes = Array(buffer.prefix(family == AF_INET ? 4 : 16))
    }

    /// The address in a socket's address; nil for a family that is not IP.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let part = raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr
            bytes = withUnsafeBytes(of: part) { Array($0) }
        case AF_INET6:
            let part = raw.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_addr
            bytes = withUnsafeBytes(of: part) { Array($0) }
        default: return nil
        }
    }

    /// The IPv4 address inside `::ffff:a.b.c.d`, since connecting to that reaches the IPv4 host; else itself.
    var unmapped: IPAddress {
        let prefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return bytes.starts(with: prefix) ? IPAddress(bytes: Array(bytes.suffix(4))) : self
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A range of addresses that share their first bits, such as `10.0.0.0/8`.
package struct Network: Sendable, Hashable {
    private let base: [UInt8]
    private let bits: Int

    /// The range that `text` writes: an address, or an address, a slash and the number of bits shared.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let most = address.bytes.count * 8
        guard let bits = parts.count == 2 ? Int(parts[1]) : most, (0...most).contains(bits) else {
            return nil
        }
        self.base = address.bytes
        self.bits = bits
    }

    /// True when `address` is of the same family and shares the first bits.
    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == base.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole) == base.prefix(whole) else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ base[whole]) >> UInt8(8 - rest) == 0
    }
}
