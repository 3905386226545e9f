import CHiredis
import NIOCore

/// Turns bytes from Redis into replies, with the parser of hiredis.
struct Reader: ~Copyable {
    private let parser: UnsafeMutablePointer<redisReader>

    /// hiredis moves what is unread to the front as it parses, so small portions keep that cheap.
    private static let portion = 16 << 10

    /// A buffer that grew larger than this for one reply is given back.
    private static let kept = 1 << 20

    init() {
        guard let parser = redisReaderCreate() else { fatalError("No memory is left for a reader.") }
        self.parser = parser
        // The default of 16 KiB frees and allocates the buffer again and again.
        parser.pointee.maxbuf = Self.kept
    }

    deinit { redisReaderFree(parser) }

    /// Reads all replies that end within these bytes; the beginning of the next is kept.
    func read(_ buffer: ByteBuffer) throws(Fault) -> [Reply] {
        var replies: [Reply] = []
        var rest = buffer
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(rest.readableBytes, Self.portion))
        {
            try feed(part)
            while let reply = try next() { replies.append(reply) }
        }
        return replies
    }

    private func feed(_ bytes: ByteBuffer) throws(Fault) {
        let status = bytes.withUnsafeReadableBytes {
            redisReaderFeed(parser, $0.bindMemory(to: CChar.self).baseAddress, $0.count)
        }
        guard status == REDIS_OK else { throw complaint }
    }

    private func next() throws(Fault) -> Reply? {
        var raw: UnsafeMutableRawPointer?
        guard redisReaderGetReply(parser, &raw) == REDIS_OK else { throw complaint }
        guard let raw else { return nil }
        defer { freeReplyObject(raw) }
        return Reply(raw.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private var complaint: Fault {
        let text = withUnsafeBytes(of: parser.pointee.errstr) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .lost("the other side does not speak the Redis protocol (\(text))")
    }
}

extension Reply {
    fileprivate init(_ raw: redisReply) {
        switch raw.type {
        case REDIS_REPLY_INTEGER: self = .integer(raw.integer)
        case REDIS_REPLY_ARRAY: self = .array(Self.elements(of: raw))
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(of: raw), as: UTF8.self))
        default: self = .string(Array(Self.bytes(of: raw)))
        }
    }

    private static func bytes(of raw: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: raw.str, count: raw.len)
    }

    private static func elements(of raw: redisReply) -> [Reply] {
        UnsafeBufferPointer(start: raw.element, count: raw.elements).map { element in
            element.map { Reply($0.pointee) } ?? .null
        }
    }
}
