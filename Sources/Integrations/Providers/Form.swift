import Curl

/// Fields of a form or a query, as `application/x-www-form-urlencoded` writes them; a name may stand twice.
package struct Form: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// Adds a field where there is a value.
    package mutating func add(_ name: String, _ value: String?) {
        if let value { fields.append((name, value)) }
    }

    package var text: String {
        fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// A request that carries the fields in its body.
    package func post(to url: String) -> Curl.Request {
        Curl.Request(
            "POST", url, headers: [.init("Content-Type", "application/x-www-form-urlencoded")],
            body: .bytes(Array(text.utf8)))
    }

    /// Everything but letters, digits and `-._~` as `%XX`, so that it fits a path too.
    package static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
