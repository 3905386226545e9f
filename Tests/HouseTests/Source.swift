import Foundation

/// One file of the repository, kept as bytes: in a debug build a test that walks over characters takes many
/// seconds.
struct Source: Sendable {
    let path: String
    let bytes: [UInt8]
    /// The same with a zero behind them, as `strstr` wants it.
    private let searchable: [CChar]
    /// Where each line begins, and behind them where the next one would.
    private let starts: [Int]
    /// Lines that lie inside a long string literal, and so are no code.
    private let quoted: [ClosedRange<Int>]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        searchable = bytes.withUnsafeBytes { Array($0.bindMemory(to: CChar.self)) + [0] }
        var starts = [0]
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            while let start = starts.last, start < buffer.count,
                let end = memchr(base + start, 10, buffer.count - start)
            {
                starts.append(UnsafeRawPointer(end) - base + 1)
            }
        }
        if let last = starts.last, last < bytes.count { starts.append(bytes.count + 1) }
        self.starts = starts
        quoted = path.hasSuffix(".swift") ? Self.quoted(in: searchable, starts) : []
    }

    init(path: String, text: String) { self.init(path: path, bytes: Array(text.utf8)) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isLua: Bool { path.hasSuffix(".lua") }
    var fileName: String { String(path.split(separator: "/").last ?? "") }
    /// The file's name without its ending.
    var name: String { String(fileName.split(separator: ".").first ?? "") }

    func stands(in folder: String) -> Bool { path.hasPrefix(folder + "/") }

    // Lines count from 1, as an editor counts them.

    var lineCount: Int { starts.count - 1 }

    func length(of line: Int) -> Int { starts[line] - starts[line - 1] - 1 }

    func line(_ line: Int) -> String {
        String(decoding: bytes[starts[line - 1]..<(starts[line] - 1)], as: UTF8.self)
    }

    var lines: [String] { (0..<lineCount).map { line($0 + 1) } }

    func indent(of line: Int) -> Int {
        var at = starts[line - 1]
        while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 }
        return at - starts[line - 1]
    }

    func isBlank(_ line: Int) -> Bool { indent(of: line) >= length(of: line) }

    /// The byte of the line at `column`, which counts from 0; 0 behind its end.
    func byte(_ line: Int, _ column: Int) -> UInt8 {
        column >= 0 && column < length(of: line) ? bytes[starts[line - 1] + column] : 0
    }

    /// The lines of code that say `words`, strings and comments not told apart.
    func lines(saying words: String) -> [(line: Int, column: Int)] {
        Self.offsets(of: words, in: searchable).map { offset in
            let line = Self.line(at: offset, starts)
            return (line, offset - starts[line - 1])
        }
        .filter { place in !quoted.contains { $0.contains(place.line) } }
    }

    func says(_ words: String) -> Bool { Self.offsets(of: words, in: searchable, most: 1) != [] }

    /// The file cut into tokens, or some lines of it; slow, so ask only where a quicker look found something.
    func tokens(_ lines: ClosedRange<Int>? = nil) -> [Token] {
        guard let lines else { return Lexer.tokens(of: bytes) }
        return Lexer.tokens(
            of: Array(bytes[starts[lines.lowerBound - 1]..<min(starts[lines.upperBound], bytes.count)]))
    }

    /// True when a documentation comment stands above the line, attributes between them aside.
    func isDocumented(line: Int) -> Bool {
        var above = line - 1
        while above > 0, byte(above, indent(of: above)) == UInt8(ascii: "@") { above -= 1 }
        guard above > 0 else { return false }
        return (0..<3).allSatisfy { byte(above, indent(of: above) + $0) == UInt8(ascii: "/") }
    }

    // The looks at bytes.

    private static func offsets(of words: String, in text: [CChar], most: Int = .max) -> [Int] {
        var found: [Int] = []
        text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var from = base
            while found.count < most, let hit = strstr(from, words) {
                found.append(UnsafePointer(hit) - base)
                from = UnsafePointer(hit) + 1
            }
        }
        return found
    }

    private static func line(at offset: Int, _ starts: [Int]) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// From the line behind each opening `"""` to that of the closing one.
    private static func quoted(in text: [CChar], _ starts: [Int]) -> [ClosedRange<Int>] {
        let marks = offsets(of: "\"\"\"", in: text).map { line(at: $0, starts) }
        return stride(from: 0, to: marks.count - 1, by: 2)
            .filter { marks[$0 + 1] > marks[$0] }.map { (marks[$0] + 1)...marks[$0 + 1] }
    }
}
