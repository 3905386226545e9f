import Core

/// Reads a body of `multipart/form-data` (RFC 7578) piece by piece: its fields, and the bytes of one file.
struct Multipart {
    /// Bytes of the head of a part, and of a field's value.
    static let headLimit = 8_192
    static let partLimit = 20

    private enum Place {
        case before, head, field(String), file, after
    }

    private(set) var fields: [String: String] = [:]
    private(set) var hasFile = false
    /// True once the last boundary was read.
    var isWhole: Bool { if case .after = place { true } else { false } }

    private let mark: [UInt8]
    private var place = Place.before
    private var parts = 0
    private var value: [UInt8] = []
    /// What was fed and not taken yet. It begins as if a line had ended before the first boundary.
    private var rest: [UInt8] = Array("\r\n".utf8)

    /// Nil for a Content-Type that is no form, or has no good boundary.
    init?(contentType: String) {
        let pieces = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
        guard pieces.first?.lowercased() == "multipart/form-data",
            let piece = pieces.first(where: { $0.lowercased().hasPrefix("boundary=") })
        else { return nil }
        let boundary = piece.dropFirst("boundary=".count).filter { $0 != "\"" }
        guard (1...70).contains(boundary.utf8.count) else { return nil }
        mark = Array("\r\n--\(boundary)".utf8)
    }

    /// The next bytes of the file in what comes next. Throws `Failure(.invalid)` for what is no such form.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Failure) -> [UInt8] {
        rest += bytes
        var file: [UInt8] = []
        while try step(&file) {}
        return file
    }

    /// True when there may be more to take.
    private mutating func step(_ file: inout [UInt8]) throws(Failure) -> Bool {
        switch place {
        case .after:
            rest = []
            return false
        case .head: return try head()
        case .before, .field, .file:
            guard let end = rest.place(of: mark) else {
                // The mark may begin in what is here and end in what comes.
                try take(max(0, rest.count - mark.count), &file)
                return false
            }
            guard rest.count >= end + mark.count + 2 else { return false }
            try take(end, &file)
            return try pass()
        }
    }

    private mutating func take(_ count: Int, _ file: inout [UInt8]) throws(Failure) {
        switch place {
        case .file: file += rest[..<count]
        case .field:
            value += rest[..<count]
            guard value.count <= Self.headLimit else { throw bad("A field of the form is too long") }
        case .before, .head, .after: break
        }
        rest.removeFirst(count)
    }

    /// Goes over a boundary.
    private mutating func pass() throws(Failure) -> Bool {
        if case .field(let name) = place {
            guard let text = String(validating: value, as: UTF8.self) else {
                throw bad("A field is no UTF-8")
            }
            fields[name] = text
            value = []
        }
        let ending = rest[mark.count..<mark.count + 2]
        rest.removeFirst(mark.count + 2)
        if ending.elementsEqual("--".utf8) {
            place = .after
        } else if ending.elementsEqual("\r\n".utf8) {
            parts += 1
            place = .head
            guard parts <= Self.partLimit else { throw bad("The form has more than \(Self.partLimit) parts") }
        } else {
            throw bad("A boundary of the form has no line end behind it")
        }
        return true
    }

    private mutating func head() throws(Failure) -> Bool {
        guard let end = rest.place(of: Array("\r\n\r\n".utf8)) else {
            guard rest.count <= Self.headLimit else { throw bad("The head of a part is too long") }
            return false
        }
        let lines = String(decoding: rest[..<end], as: UTF8.self).split(separator: "\r\n")
        rest.removeFirst(end + 4)
        let disposition = lines.first { $0.lowercased().hasPrefix("content-disposition:") } ?? ""
        guard let name = Self.parameter("name", disposition) else {
            throw bad("A part of the form has no name")
        }
        if name == "file" {
            guard !hasFile else { throw bad("The form has two files") }
            (hasFile, place) = (true, .file)
        } else {
            guard fields[name] == nil else { throw bad("The form has the field \(name.prefix(40)) twice") }
            place = .field(name)
        }
        return true
    }

    private static func parameter(_ name: String, _ line: Substring) -> String? {
        for piece in line.split(separator: ";").map({ $0.drop { $0 == " " } })
        where piece.hasPrefix("\(name)=") {
            return piece.dropFirst(name.count + 1).filter { $0 != "\"" }
        }
        return nil
    }

    private func bad(_ what: String) -> Failure { Failure(.invalid, "\(what).") }
}

extension [UInt8] {
    /// Where `mark` stands for the first time.
    fileprivate func place(of mark: [UInt8]) -> Int? {
        guard let first = mark.first, count >= mark.count else { return nil }
        let last = count - mark.count
        return withUnsafeBufferPointer { bytes in
            var place = 0
            while place <= last {
                if bytes[place] == first, bytes[place..<place + mark.count].elementsEqual(mark) {
                    return place
                }
                place += 1
            }
            return nil
        }
    }
}
