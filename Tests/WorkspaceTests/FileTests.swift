import Core
import Testing
import Workspace

@Suite struct `A file` {
    @Test func `is judged by its content`() {
        let cases: [([UInt8], String)] = [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "image/png"),
            ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"), (Array("%PDF-1.7".utf8), "application/pdf"),
            (Array("RIFF....WEBPVP8 ".utf8), "image/webp"), ([0x50, 0x4B, 3, 4], "application/zip"),
            (Array("<html><script>alert(1)</script>".utf8), "text/plain"),
            (Array("Grüße\r\n\tx".utf8), "text/plain"), ([], "text/plain"),
            (Array("Grü".utf8.dropLast()), "text/plain"), ([0, 1, 2], "application/octet-stream"),
            ([0x80, 0x81, 0x82, 0x83, 0x84], "application/octet-stream"),
        ]
        for (bytes, type) in cases { #expect(FileType.of(bytes) == type, "\(bytes)") }
    }

    @Test func `of cells is no formula for a spreadsheet`() {
        let cases = [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("=1+1", "'=1+1"),
            ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "\"'\t=1\""),
            ("a\nb", "\"a\nb\""), ("", ""),
        ]
        for (text, cell) in cases { #expect(CSV.line([text]) == cell + "\r\n", "\(text)") }
        #expect(CSV.line(["a", "b"]) == "a,b\r\n")
    }
}
