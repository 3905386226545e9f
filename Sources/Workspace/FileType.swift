/// Judges the media type of a file by its content; what it is called does not matter.
package enum FileType {
    /// Bytes from the beginning that are looked at.
    package static let headBytes = 4_096

    private static let marks: [(offset: Int, bytes: [UInt8], type: String)] = [
        (0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        (0, [0xFF, 0xD8, 0xFF], "image/jpeg"), (0, Array("GIF87a".utf8), "image/gif"),
        (0, Array("GIF89a".utf8), "image/gif"), (8, Array("WEBP".utf8), "image/webp"),
        (0, Array("%PDF-".utf8), "application/pdf"), (0, [0x50, 0x4B, 0x03, 0x04], "application/zip"),
        (0, [0x1F, 0x8B], "application/gzip"), (4, Array("ftyp".utf8), "video/mp4"),
        (0, Array("OggS".utf8), "application/ogg"), (0, Array("ID3".utf8), "audio/mpeg"),
        (8, Array("WAVE".utf8), "audio/wav"),
    ]

    /// The type of a file that begins with `head`; HTML and scripts are plain text.
    package static func of(_ head: [UInt8]) -> String {
        if let mark = marks.first(where: { head.dropFirst($0.offset).starts(with: $0.bytes) }) {
            return mark.type
        }
        return isText(head.prefix(headBytes)) ? "text/plain" : "application/octet-stream"
    }

    /// UTF-8 without control characters; the last character may be cut off.
    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
        return isPlain && (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
    }
}
