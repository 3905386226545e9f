import CCurl

/// One HTTP request and its answer.
final class Exchange: Conversation {
    private let request: Curl.Request
    private let caFile: String?
    let source: Source
    let intake: Intake

    /// `window`: the most that lies unread before the sender is held back; nil collects the whole answer.
    init(_ request: Curl.Request, caFile: String?, window: Int?) throws {
        try request.check()
        self.request = request
        self.caFile = caFile
        source =
            switch request.body {
            case .none: Source([])
            case .bytes(let bytes): Source(bytes)
            case .file(let path): try Source(path: path)
            }
        let limits = Intake.Limits(maxBytes: request.maxBytes, excess: request.excess, window: window)
        intake = Intake(limits, redirects: request.redirects)
    }

    var addresses: AddressGuard { request.addresses }
    var repeats: Int { request.isRepeatable ? .max : request.redirects }
    var stopsByCallback: Bool { false }
    var firstByteTimeout: Duration? { request.timeouts.firstByte }
    var isWanted: Bool { request.isWanted() }
    var hasBegun: Bool { intake.hasBegun }

    func prepare(_ easy: Easy) throws {
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        try easy.set(CURLOPT_URL, request.url)
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.timeouts.connect)
        try easy.set(CURLOPT_TIMEOUT_MS, request.timeouts.total)
        try easy.set(CURLOPT_FOLLOWLOCATION, request.redirects > 0)
        try easy.set(CURLOPT_MAXREDIRS, request.redirects)
        try easy.set(CURLOPT_HTTPHEADER, request.lines)
        if let caFile { try easy.set(CURLOPT_CAINFO, caFile) }
        try prepareMethod(easy)
    }

    private func prepareMethod(_ easy: Easy) throws {
        if case .none = request.body {
            if request.method == "HEAD" { try easy.set(CURLOPT_NOBODY, true) }
            let isKnown = ["GET", "HEAD"].contains(request.method)
            guard !isKnown else { return }
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
            // A POST without a body still says that it has none.
            guard ["POST", "PUT", "PATCH"].contains(request.method) else { return }
        } else if request.method != "POST" {
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        try easy.set(CURLOPT_POST, true)
        try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: source.count)
    }

    func hear(line: UnsafeBufferPointer<UInt8>) -> Bool { intake.hear(line) }

    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Taken { intake.take(piece) }

    func note(command: UnsafeBufferPointer<UInt8>) {}

    func end(_ ending: Ending) {
        intake.finish(ending.error, retryAfter: ending.retryAfter, metrics: ending.metrics)
    }
}
