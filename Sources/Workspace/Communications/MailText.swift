/// Headers and what follows them, in a mail, a part of one, or a block of a report.
struct MailText {
    private let headers: [(name: String, value: String)]
    let content: [UInt8]

    private static let most = 200

    init(_ bytes: [UInt8]) {
        var (lines, index) = ([[UInt8]](), 0)
        while index < bytes.count {
            let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
            let line = bytes[index..<end].filter { $0 != 0x0D }
            index = min(end + 1, bytes.count)
            if line.isEmpty { break }
            lines.append(Array(line))
        }
        headers = Self.unfolded(lines.prefix(Self.most))
        content = Array(bytes[index...])
    }

    /// The value of the first header of this name, in lower case.
    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The blocks of the content, each of headers, with empty lines between.
    var blocks: [MailText] {
        var (blocks, rest) = ([MailText](), content)
        while !rest.isEmpty, blocks.count < Self.most {
            let block = MailText(rest)
            if !block.headers.isEmpty { blocks.append(block) }
            guard block.content.count < rest.count else { break }
            rest = block.content
        }
        return blocks
    }

    /// The parts of a multipart.
    func parts(_ boundary: String) -> [MailText] {
        let mark = Array("--\(boundary)".utf8)
        var (parts, part) = ([MailText](), [UInt8]?.none)
        for line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard line.starts(with: mark) else {
                part?.append(contentsOf: line)
                part?.append(0x0A)
                continue
            }
            if let part { parts.append(MailText(part)) }
            part = []
        }
        if let part, part.contains(where: { $0 > 0x20 }) { parts.append(MailText(part)) }
        return parts
    }

    /// A parameter of a header such as Content-Type.
    static func parameter(_ name: String, _ value: String) -> String? {
        for piece in value.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == name else { continue }
            return String(pair[1].filter { !"\" \t".contains($0) })
        }
        return nil
    }

    private static func unfolded(_ lines: some Sequence<[UInt8]>) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            if text.first?.isWhitespace == true, !headers.isEmpty {
                headers[headers.count - 1].value += " " + text.drop(while: \.isWhitespace)
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].drop(while: \.isWhitespace)
                headers.append((text[..<colon].lowercased(), String(value)))
            }
        }
        return headers
    }
}
