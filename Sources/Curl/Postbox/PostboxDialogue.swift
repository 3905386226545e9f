/// What carries the bytes of a dialogue.
protocol PostboxWire {
    func send(_ bytes: [UInt8]) throws
    /// At least one byte. Throws when there is none to come.
    func receive(most: Int) throws -> [UInt8]
}

/// Speaks IMAP4rev1 (RFC 3501) on a line that is logged in: sends commands and reads their answers.
struct PostboxDialogue {
    /// One answer: a line, in which `{}` stands for each literal.
    struct Answer: Sendable, Hashable {
        var text = ""
        var literals: [[UInt8]] = []

        /// The words of an untagged answer.
        var words: [Substring] { text.split(separator: " ") }
    }

    /// Bytes of one line of an answer, its literals apart.
    private static let longestLine = 1 << 20
    /// Bytes of one answer with its literals.
    private static let longestAnswer = Curl.Postbox.largest + (1 << 20)
    /// Answers of one command.
    private static let mostAnswers = 100_000
    private static let piece = 65_536

    private let wire: any PostboxWire
    private var buffer: [UInt8] = []
    private var start = 0
    private var commands = 0

    init(_ wire: any PostboxWire) { self.wire = wire }

    /// Sends a command and returns the untagged answers. Throws `Curl.Fault` `refused` when the server says
    /// no.
    mutating func command(_ text: String) throws -> [Answer] {
        commands += 1
        let tag = "ATOM\(commands)"
        try wire.send(Array("\(tag) \(text)\r\n".utf8))
        var answers: [Answer] = []
        while answers.count < Self.mostAnswers {
            let answer = try answer()
            if answer.text.hasPrefix("* ") {
                answers.append(answer)
            } else if answer.text.hasPrefix("\(tag) ") {
                guard answer.text.dropFirst(tag.count + 1).hasPrefix("OK") else {
                    let words = answer.text.dropFirst(tag.count + 1).prefix(200)
                    throw Curl.Fault(.refused, "The mailbox refused a command: \(words)")
                }
                return answers
            }
        }
        throw Curl.Fault(.tooLarge, "The mailbox answers without end.")
    }

    private mutating func answer() throws -> Answer {
        var answer = Answer()
        var size = 0
        while true {
            let line = try line()
            size += line.count
            guard let length = Self.literal(at: line) else {
                answer.text += String(decoding: line, as: UTF8.self)
                return answer
            }
            size += length
            guard size <= Self.longestAnswer else {
                throw Curl.Fault(.tooLarge, "The mailbox sent more than was asked for.")
            }
            answer.text += String(
                decoding: line[..<(line.lastIndex(of: UInt8(ascii: "{")) ?? 0)], as: UTF8.self)
            answer.text += "{}"
            answer.literals.append(try bytes(length))
        }
    }

    /// The length that a line announces at its end, such as `{342}`.
    private static func literal(at line: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else {
            return nil
        }
        return Int(String(decoding: line[(open + 1)..<(line.count - 1)], as: UTF8.self)).flatMap {
            $0 >= 0 ? $0 : nil
        }
    }

    private mutating func line() throws -> [UInt8] {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                let line = buffer[start..<end]
                start = end + 1
                return Array(line.last == 0x0D ? line.dropLast() : line)
            }
            searched = buffer.count
            guard buffer.count - start <= Self.longestLine else {
                throw Curl.Fault(.tooLarge, "The mailbox sent a line without end.")
            }
            let shift = start
            try fill()
            searched -= shift - start
        }
    }

    private mutating func bytes(_ count: Int) throws -> [UInt8] {
        while buffer.count - start < count { try fill() }
        defer { start += count }
        return Array(buffer[start..<(start + count)])
    }

    /// Receives more, after letting go of what was read.
    private mutating func fill() throws {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += try wire.receive(most: Self.piece)
    }
}
