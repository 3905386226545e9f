/// Reads the records of a CSV text (RFC 4180) from bytes that arrive in pieces of any size.
///
/// Commas, semicolons or tabs part the fields, whichever the header line has most of; lines end in LF or
/// CRLF; a UTF-8 byte order mark and blank lines are passed over. A record that cannot be read is reported
/// with the line it starts on, and reading goes on with the line after that one, so a stray quote spoils one
/// line and never the rest of the file. Quotes inside unquoted fields are refused, as the RFC has it: then
/// every quote counts, and a file made to be rescanned from each of its lines cannot be.
package struct CSV: Sendable {
    /// What is read before a record counts as bad.
    package enum Limits {
        package static let recordBytes = 262_144
        package static let fieldBytes = 100_000
        package static let columns = 200
    }

    /// A place between two records.
    package struct Position: Sendable, Hashable {
        /// Bytes from the start of the file.
        package let offset: Int
        /// Counted from 1.
        package let line: Int

        package init(offset: Int, line: Int) {
            self.offset = offset
            self.line = line
        }
    }

    /// What the header says about every record after it.
    package struct Shape: Sendable, Hashable {
        package let delimiter: UInt8
        package let columns: Int

        package init(delimiter: UInt8, columns: Int) {
            self.delimiter = delimiter
            self.columns = columns
        }
    }

    /// Where the next record starts: hand it, with `shape`, to a new reader to go on from there.
    package private(set) var position: Position
    /// Known once the header was read.
    package private(set) var shape: Shape?

    private var delimiter: UInt8?
    private var buffer: [UInt8] = []
    /// Where in `buffer` the record begins, and the first of its bytes not looked at yet.
    private var start = 0
    private var scanned = 0
    private var state = State.fieldStart
    private var lineFeeds = 0
    private var column = 1
    /// Set while the rest of a bad record's first line is passed over.
    private var fault: Fault?

    /// Reads from the start of a file; the first record is the header.
    package init() { position = Position(offset: 0, line: 1) }

    /// Goes on at `position`, which a reader of the same file gave; the bytes fed start there.
    package init(shape: Shape, at position: Position) {
        self.shape = shape
        self.position = position
        delimiter = shape.delimiter
    }

    /// The records that end within the bytes fed so far.
    package mutating func feed(_ chunk: some Sequence<UInt8>) -> [Record] {
        buffer.append(contentsOf: chunk)
        return drain(isLast: false)
    }

    /// The records left when no more bytes come.
    package mutating func finish() -> [Record] { drain(isLast: true) }
}

extension CSV {
    private enum State {
        case fieldStart, plain, quoted, quoteClosed, returnAfterQuote
        case ended, strayQuote, textAfterQuote

        func after(_ byte: UInt8, delimiter: UInt8) -> State {
            switch (self, byte) {
            case (.quoted, Byte.quote): .quoteClosed
            case (.quoted, _): .quoted
            case (_, Byte.lineFeed): .ended
            case (.returnAfterQuote, _): .textAfterQuote
            case (_, delimiter): .fieldStart
            case (.fieldStart, Byte.quote), (.quoteClosed, Byte.quote): .quoted
            case (.quoteClosed, Byte.carriageReturn): .returnAfterQuote
            case (.quoteClosed, _): .textAfterQuote
            case (_, Byte.quote): .strayQuote
            default: .plain
            }
        }
    }

    private enum Step {
        case needsMore
        case ended(Int)
        case bad(Fault)
    }

    private mutating func drain(isLast: Bool) -> [Record] {
        guard let delimiter = delimiter ?? detect(isLast: isLast) else { return [] }
        self.delimiter = delimiter
        var records: [Record] = []
        while let record = next(delimiter, isLast: isLast) { records.append(record) }
        buffer.removeFirst(start)
        scanned -= start
        start = 0
        return records
    }

    private mutating func next(_ delimiter: UInt8, isLast: Bool) -> Record? {
        while true {
            if let fault { return passLine(fault, isLast: isLast) }
            switch scan(delimiter, isLast: isLast) {
            case .needsMore: return nil
            case .bad(let fault): self.fault = fault
            case .ended(let end):
                if let record = take(upTo: end, delimiter) { return record }
            }
        }
    }

    private mutating func scan(_ delimiter: UInt8, isLast: Bool) -> Step {
        let most = min(buffer.count, start + Limits.recordBytes)
        while scanned < most {
            let byte = buffer[scanned]
            scanned += 1
            state = state.after(byte, delimiter: delimiter)
            switch state {
            case .ended: return .ended(scanned - 1)
            case .strayQuote: return .bad(Fault(column, .strayQuote))
            case .textAfterQuote:
                // Past the first line the opening quote is the wrong one: another field's quote closed it.
                return .bad(Fault(column, lineFeeds > 0 ? .unclosedQuote : .textAfterQuote))
            case .fieldStart: column += 1
            default: if byte == Byte.lineFeed { lineFeeds += 1 }
            }
        }
        if scanned - start >= Limits.recordBytes {
            return .bad(state == .quoted ? Fault(column, .unclosedQuote) : Fault(nil, .longRecord))
        }
        guard isLast, start < buffer.count else { return .needsMore }
        return state == .quoted ? .bad(Fault(column, .unclosedQuote)) : .ended(buffer.count)
    }

    /// The record whose bytes end before `end`; nil when the line is blank.
    private mutating func take(upTo end: Int, _ delimiter: UInt8) -> Record? {
        let hasReturn = end > start && buffer[end - 1] == Byte.carriageReturn
        let bytes = buffer[start..<(hasReturn ? end - 1 : end)]
        let line = position.line
        advance(to: min(end + 1, buffer.count), lines: lineFeeds + 1)
        guard !bytes.isEmpty else { return nil }
        let content = Self.fields(of: bytes, delimiter, most: shape?.columns ?? Limits.columns)
        if shape == nil {
            shape = Shape(delimiter: delimiter, columns: (try? content.get())?.count ?? Limits.columns)
        }
        return Record(line: line, content: content, next: position)
    }

    /// Reports a bad record once the line it began on is behind us.
    private mutating func passLine(_ fault: Fault, isLast: Bool) -> Record? {
        let line = position.line
        guard let end = buffer[start...].firstIndex(of: Byte.lineFeed) else {
            advance(to: buffer.count, lines: isLast ? 1 : 0)
            return isLast ? report(fault, line) : nil
        }
        advance(to: end + 1, lines: 1)
        return report(fault, line)
    }

    private mutating func report(_ fault: Fault, _ line: Int) -> Record {
        self.fault = nil
        if shape == nil, let delimiter { shape = Shape(delimiter: delimiter, columns: Limits.columns) }
        return Record(line: line, content: .failure(fault), next: position)
    }

    private mutating func advance(to index: Int, lines: Int) {
        position = Position(offset: position.offset + index - start, line: position.line + lines)
        start = index
        scanned = index
        state = .fieldStart
        lineFeeds = 0
        column = 1
    }

    /// The delimiter the first line that is not blank has most of; nil until that line is there.
    private mutating func detect(isLast: Bool) -> UInt8? {
        guard buffer.count >= Byte.mark.count || isLast else { return nil }
        if start == 0, position.offset == 0, buffer.starts(with: Byte.mark) {
            advance(to: Byte.mark.count, lines: 0)
        }
        let rest = buffer[start...].drop { $0 == Byte.lineFeed || $0 == Byte.carriageReturn }
        let line = rest.prefix { $0 != Byte.lineFeed }
        guard line.count < rest.count || isLast || line.count >= Limits.recordBytes else { return nil }
        return Self.delimiter(of: line.prefix(Limits.recordBytes))
    }
}
