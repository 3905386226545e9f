extension CSV {
    /// One record: its fields, or why it cannot be read.
    package struct Record: Sendable, Hashable {
        /// The line it starts on, counted from 1.
        package let line: Int
        package let content: Result<[String], Fault>
        /// Where the record after it starts.
        package let next: Position
    }

    /// Why a record cannot be read, and in which of its columns.
    package struct Fault: Error, Sendable, Hashable {
        package enum Reason: Sendable, Hashable {
            case unclosedQuote, strayQuote, textAfterQuote, longRecord, longField, notUTF8, noObject
            case manyColumns(Int, most: Int)
        }

        /// Counted from 1; nil when the whole record is meant.
        package let column: Int?
        package let reason: Reason

        init(_ column: Int?, _ reason: Reason) {
            self.column = column
            self.reason = reason
        }

        /// A sentence for whoever wrote the file.
        package var message: String {
            switch reason {
            case .unclosedQuote: "A quote is opened on this line and never closed."
            case .strayQuote:
                "A quote stands inside an unquoted field; quote the whole field and double that quote."
            case .textAfterQuote: "Text follows a closing quote; double the quotes that belong to the text."
            case .longRecord: "The row is longer than \(Limits.recordBytes) bytes."
            case .longField: "The field is longer than \(Limits.fieldBytes) bytes."
            case .noObject: "Each task must be a JSON object."
            case .notUTF8: "The field is not valid UTF-8; save the file as UTF-8."
            case .manyColumns(let count, let most): "The row has \(count) columns; the header has \(most)."
            }
        }
    }

    enum Byte {
        static let quote = UInt8(ascii: "\"")
        static let lineFeed = UInt8(ascii: "\n")
        static let carriageReturn = UInt8(ascii: "\r")
        /// The UTF-8 byte order mark.
        static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    }

    /// Commas win where a line has as many of each.
    static func delimiter(of line: ArraySlice<UInt8>) -> UInt8 {
        let choices = [",", ";", "\t"].map { UInt8(ascii: $0) }
        var counts = [0, 0, 0]
        var isQuoted = false
        for byte in line {
            if byte == Byte.quote { isQuoted.toggle() }
            if !isQuoted, let choice = choices.firstIndex(of: byte) { counts[choice] += 1 }
        }
        let best = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) }
        return choices[best ?? 0]
    }

    /// The fields of a record whose quotes are known to match.
    static func fields(of record: ArraySlice<UInt8>, _ delimiter: UInt8, most: Int) -> Result<[String], Fault>
    {
        var fields: [String] = []
        var count = 0
        var rest = record
        while true {
            let (bytes, end) = cut(rest, delimiter)
            count += 1
            if count <= most {
                guard bytes.count <= Limits.fieldBytes else { return .failure(Fault(count, .longField)) }
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    return .failure(Fault(count, .notUTF8))
                }
                fields.append(text)
            }
            guard end < rest.endIndex else { break }
            rest = rest[(end + 1)...]
        }
        return count <= most ? .success(fields) : .failure(Fault(most + 1, .manyColumns(count, most: most)))
    }

    /// The first field of `rest` without its quotes, and the index of the delimiter or end behind it.
    private static func cut(_ rest: ArraySlice<UInt8>, _ delimiter: UInt8) -> (ArraySlice<UInt8>, Int) {
        guard rest.first == Byte.quote else {
            let end = rest.firstIndex(of: delimiter) ?? rest.endIndex
            return (rest[..<end], end)
        }
        var text: [UInt8] = []
        var index = rest.startIndex + 1
        while index < rest.endIndex {
            if rest[index] == Byte.quote {
                guard index + 1 < rest.endIndex, rest[index + 1] == Byte.quote else { break }
                index += 1
            }
            text.append(rest[index])
            index += 1
        }
        return (text[...], min(index + 1, rest.endIndex))
    }
}
