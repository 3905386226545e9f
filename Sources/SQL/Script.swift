/// A file of SQL, which a database takes one statement at a time.
struct Script {
    private let text: [UInt8]
    private var at = 0

    private init(_ text: String) { self.text = Array(text.utf8) }

    /// The statements of `text`. A semicolon within quotes or a comment ends none.
    static func statements(_ text: String) -> [String] {
        var script = Script(text)
        var statements: [String] = []
        while let statement = script.next() {
            if statement.contains(where: { $0 != 0x20 && $0 != 0x0A }) {
                statements.append(String(decoding: statement, as: UTF8.self))
            }
        }
        return statements
    }

    /// The bytes up to the next semicolon, without comments; nil at the end.
    private mutating func next() -> [UInt8]? {
        guard at < text.count else { return nil }
        var statement: [UInt8] = []
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: ";"):
                at += 1
                return statement
            case UInt8(ascii: "'"), UInt8(ascii: "\""): statement += quoted()
            case UInt8(ascii: "-") where text[at...].starts(with: "--".utf8):
                at = text[at...].firstIndex(of: 0x0A) ?? text.count
            case UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                statement.append(0x20)
                at += 1
            default:
                statement.append(text[at])
                at += 1
            }
        }
        return statement
    }

    /// A quoted piece with its quotes; a doubled quote ends one piece and opens the next, which reads the
    /// same.
    private mutating func quoted() -> ArraySlice<UInt8> {
        let start = at
        let end = text[(at + 1)...].firstIndex(of: text[at]) ?? text.count - 1
        at = end + 1
        return text[start...end]
    }
}
