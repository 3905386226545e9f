extension Curl {
    /// The head of an answer.
    package struct Head: Sendable {
        package let status: Int
        package let headers: [Header]

        /// The first header called `name`, in any case.
        package subscript(name: String) -> String? {
            let name = name.lowercased()
            return headers.first { $0.name.lowercased() == name }?.value
        }
    }

    /// A whole answer.
    package struct Response: Sendable {
        package let head: Head
        package let body: [UInt8]
        /// True when `body` is only the beginning, because the request allowed no more.
        package let isCut: Bool
        /// How long the other side asks to be left alone: `Retry-After`, in seconds or as a date.
        package let retryAfter: Duration?
        package let metrics: Metrics

        package var status: Int { head.status }
    }
}
