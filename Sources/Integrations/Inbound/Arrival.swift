import Core
import Foundation

/// One call of a provider, as it came: its bytes are checked before anything in them is believed.
package struct Arrival: Sendable {
    package let method: String
    /// Where it was sent, as the provider wrote it: our public address with path and query.
    package let url: String
    package let headers: [Header]
    package let body: [UInt8]

    package init(method: String = "POST", url: String, headers: [Header], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// A header by its name, in any case. Nil where it is missing or empty, and where it is there twice:
    /// what is checked must be what is read.
    package func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.caseInsensitiveCompare(name) == .orderedSame }
        guard found.count == 1, let value = found.first?.value, !value.isEmpty else { return nil }
        return value
    }

    /// True when the header is there, however often.
    func has(_ name: String) -> Bool {
        headers.contains { $0.name.caseInsensitiveCompare(name) == .orderedSame }
    }

    /// A parameter of the address, decoded; nil where it is missing or there twice.
    package func query(_ name: String) -> String? {
        guard let start = url.firstIndex(of: "?") else { return nil }
        let found = Form(Array(url[url.index(after: start)...].utf8)).fields.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    /// The body as JSON; null where it is none.
    package var json: JSON {
        do { return try JSONParser.parse(body) } catch { return .null }
    }

    /// The body as a form; empty where it says that it is something else.
    package var form: Form {
        let type = header("Content-Type")?.lowercased() ?? ""
        return type.hasPrefix("application/x-www-form-urlencoded") ? Form(body) : Form([])
    }

    /// A name and a value at the head of a call.
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension Arrival {
    /// The fields of a form as a browser sends it (`application/x-www-form-urlencoded`).
    package struct Form: Sendable {
        package let fields: [(name: String, value: String)]

        package init(_ bytes: [UInt8]) {
            fields = bytes.split(separator: UInt8(ascii: "&")).map { pair in
                let parts = pair.split(
                    separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
            }
        }

        /// The first field of that name.
        package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

        private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
            var plain: [UInt8] = []
            var index = bytes.startIndex
            while index < bytes.endIndex {
                let byte = bytes[index]
                let code = bytes[(index + 1)...].prefix(2)
                if byte == UInt8(ascii: "%"), let value = Hex.bytes(code)?.first {
                    plain.append(value)
                    index += 3
                } else {
                    plain.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
                    index += 1
                }
            }
            return String(decoding: plain, as: UTF8.self)
        }
    }
}
