import Foundation

/// Reads what is new in a mailbox, and changes nothing there: the folder is only examined, and mails are
/// peeked at.
struct PostboxReading {
    private let folder: String
    private var dialogue: PostboxDialogue

    init(_ folder: String, over wire: any PostboxWire) {
        self.folder = folder
        dialogue = PostboxDialogue(wire)
    }

    /// What lies there since `bookmark`.
    ///
    /// - Parameters:
    ///   - bookmark: nil for the first reading, which only finds out where the mailbox ends.
    ///   - since: the day to begin at where the server has numbered its mails anew.
    mutating func haul(after bookmark: Curl.Postbox.Bookmark?, since: Date) throws -> Curl.Postbox.Haul {
        let state = try examine()
        guard let bookmark else { return .init(bookmark: state, letters: [], isMore: false) }
        let isSame = bookmark.validity == state.validity
        let start = isSame ? bookmark.next : try first(since: since) ?? state.next
        guard start < state.next else {
            let end = Curl.Postbox.Bookmark(validity: state.validity, next: max(start, state.next))
            return .init(bookmark: end, letters: [], isMore: false)
        }
        return try haul(from: start, state)
    }

    private mutating func haul(
        from start: UInt32, _ state: Curl.Postbox.Bookmark
    ) throws -> Curl.Postbox.Haul {
        // A range with `*` names the last mail too, whatever its number is.
        let found = try search("UID \(start):*").filter { $0 >= start }.sorted()
        let wanted = found.prefix(Curl.Postbox.most)
        let sizes = try sizes(of: Array(wanted))
        var (letters, bytes, last) = ([Curl.Postbox.Letter](), 0, start)
        for number in wanted {
            let size = sizes[number] ?? 0
            let isCut = size > Curl.Postbox.largest
            guard letters.isEmpty || bytes + size <= Curl.Postbox.mostBytes || isCut else { break }
            if let content = try content(of: number, isCut) {
                letters.append(.init(number: number, content: content, isCut: isCut))
                bytes += content.count
            }
            last = number + 1
        }
        let isMore = found.last.map { $0 >= last } ?? false
        return .init(
            bookmark: .init(validity: state.validity, next: isMore ? last : max(last, state.next)),
            letters: letters, isMore: isMore)
    }

    private mutating func examine() throws -> Curl.Postbox.Bookmark {
        let quoted = folder.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let answers = try dialogue.command("EXAMINE \"\(quoted)\"")
        func code(_ name: String) -> UInt32? {
            answers.lazy.compactMap { answer -> UInt32? in
                guard let place = answer.text.firstRange(of: "[\(name) ") else { return nil }
                return UInt32(answer.text[place.upperBound...].prefix { $0.isNumber })
            }.first
        }
        guard let validity = code("UIDVALIDITY"), let next = code("UIDNEXT") else {
            throw Curl.Fault(.lost, "The mailbox does not number its mails.")
        }
        return .init(validity: validity, next: next)
    }

    private mutating func search(_ what: String) throws -> [UInt32] {
        try dialogue.command("UID SEARCH \(what)").filter { $0.text.uppercased().hasPrefix("* SEARCH") }
            .flatMap { $0.words.dropFirst(2).compactMap { UInt32($0) } }
    }

    private mutating func first(since day: Date) throws -> UInt32? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "d-MMM-yyyy"
        return try search("SINCE \(format.string(from: day))").min()
    }

    private mutating func sizes(of numbers: [UInt32]) throws -> [UInt32: Int] {
        guard !numbers.isEmpty else { return [:] }
        let list = numbers.map { String($0) }.joined(separator: ",")
        let answers = try dialogue.command("UID FETCH \(list) (UID RFC822.SIZE)")
        return Dictionary(
            answers.compactMap { answer in
                guard let number = answer.number("UID"), let size = answer.number("RFC822.SIZE") else {
                    return nil
                }
                return (UInt32(clamping: number), size)
            }
        ) { $1 }
    }

    /// Nil for a mail that is gone.
    private mutating func content(of number: UInt32, _ isCut: Bool) throws -> [UInt8]? {
        let part = isCut ? "HEADER" : ""
        let answers = try dialogue.command("UID FETCH \(number) (UID BODY.PEEK[\(part)])")
        return answers.first { $0.number("UID") == Int(number) && !$0.literals.isEmpty }?.literals[0]
    }
}

extension PostboxDialogue.Answer {
    /// The number behind a name within the brackets of a FETCH.
    fileprivate func number(_ name: String) -> Int? {
        let parts = text.split { " ()".contains($0) }
        guard let place = parts.firstIndex(where: { $0.uppercased() == name }), place + 1 < parts.count else {
            return nil
        }
        return Int(parts[place + 1])
    }
}
