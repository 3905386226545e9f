import Core

extension Transcription {
    /// A body of `multipart/form-data` (RFC 7578).
    struct Form {
        private let boundary = "atom-\(ID())\(ID())"
        private var parts: [UInt8] = []

        var type: String { "multipart/form-data; boundary=\(boundary)" }

        var body: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

        mutating func add(_ field: String, _ value: String) {
            add("name=\"\(field)\"", nil, Array(value.utf8))
        }

        /// - Parameter name: of plain letters, digits, dots and hyphens.
        mutating func add(_ field: String, _ content: [UInt8], name: String, type: String) {
            add("name=\"\(field)\"; filename=\"\(name)\"", type, content)
        }

        private mutating func add(_ disposition: String, _ type: String?, _ content: [UInt8]) {
            let kind = type.map { "Content-Type: \($0)\r\n" } ?? ""
            parts += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n\(kind)\r\n".utf8)
            parts += content + Array("\r\n".utf8)
        }
    }
}
