/// Puts the head of an answer together from its lines, across interim answers and followed redirects.
struct HeadReader: Sendable {
    static let longest = 64 << 10

    private let redirects: Int
    private var status = 0
    private var headers: [Curl.Header] = []
    private var size = 0
    /// The finished head; lines after it are trailers.
    private(set) var head: Curl.Head?
    private(set) var hasBegun = false

    /// `redirects`: how many are followed, whose heads nobody wants to see.
    init(redirects: Int) { self.redirects = redirects }

    /// Takes one line with its end; false when the head grows beyond its bound.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        hasBegun = true
        size += line.count
        guard size <= Self.longest else { return false }
        guard head == nil else { return true }
        let text = String(decoding: line.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if text.isEmpty {
            finish()
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append(Curl.Header(String(text[..<colon]), String(value)))
        }
        return true
    }

    private mutating func finish() {
        guard status >= 200 else { return }
        let isFollowed =
            redirects > 0 && (300..<400).contains(status)
            && headers.contains { $0.name.lowercased() == "location" }
        if !isFollowed { head = Curl.Head(status: status, headers: headers) }
    }
}
