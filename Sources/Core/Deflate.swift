import CZlib

/// Makes bytes smaller and whole again, in zlib's format (RFC 1950), which notices damage by its checksum.
public enum Deflate {
    /// Why bytes cannot be made whole again.
    public enum Fault: Error, Sendable, Hashable {
        /// They were not made by `deflate`, or something of them is lost or changed.
        case damaged
        /// They stand for more bytes than the limit, which is what this says.
        case tooLarge(limit: Int)
    }

    /// The fastest level; the slower ones make JSON about a tenth smaller and take three times as long.
    static let level: Int32 = 1

    /// Bytes made whole at once: large enough to be quick, small enough to stay in the processor's cache.
    private static let step = 65_536

    /// The same in fewer bytes, as a rule; what has no pattern grows by a few.
    public static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        // zlib clears all of its window and tables first: for a small text that takes longer than the rest.
        let window = Int32(min(max(Int.bitWidth - bytes.count.leadingZeroBitCount, 10), 15))
        let status = deflateInit2_(
            &stream, level, Z_DEFLATED, window, window - 7, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        // Only a lack of memory is left to go wrong, and nothing survives that.
        precondition(status == Z_OK, "zlib failed with \(status).")
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, uLong(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            stream.next_out = buffer.baseAddress
            stream.avail_out = uInt(room)
            let status = bytes.withUnsafeBufferPointer { source in
                // zlib only reads what its old interface calls changeable.
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = uInt(source.count)
                return CZlib.deflate(&stream, Z_FINISH)
            }
            precondition(status == Z_STREAM_END, "zlib failed with \(status).")
            count = room - Int(stream.avail_out)
        }
    }

    private static let size = Int32(MemoryLayout<z_stream>.size)

    /// The bytes that `deflate` was given.
    ///
    /// It stops as soon as there are more than `limit`, so that a few bytes that stand for very many cost no
    /// more memory than the limit.
    public static func inflate(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
        var stream = z_stream()
        let status = inflateInit_(&stream, ZLIB_VERSION, size)
        precondition(status == Z_OK, "zlib failed with \(status).")
        defer { inflateEnd(&stream) }
        var whole: [UInt8] = []
        whole.reserveCapacity(min(limit, bytes.count * 4))
        let result: Result<Void, Fault> = bytes.withUnsafeBufferPointer { source in
            stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            stream.avail_in = uInt(source.count)
            return fill(&whole, from: &stream, limit: limit)
        }
        try result.get()
        return whole
    }

    private static func fill(
        _ whole: inout [UInt8], from stream: inout z_stream, limit: Int
    ) -> Result<Void, Fault> {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: step) { buffer in
            while true {
                // One byte more than fits tells that there are too many.
                let room = min(step, limit - whole.count + 1)
                stream.next_out = buffer.baseAddress
                stream.avail_out = uInt(room)
                let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                whole.append(contentsOf: buffer[..<(room - Int(stream.avail_out))])
                guard whole.count <= limit else { return .failure(.tooLarge(limit: limit)) }
                if status == Z_STREAM_END { return stream.avail_in == 0 ? .success(()) : .failure(.damaged) }
                guard status == Z_OK, stream.avail_out == 0 || stream.avail_in > 0 else {
                    return .failure(.damaged)
                }
            }
        }
    }
}
