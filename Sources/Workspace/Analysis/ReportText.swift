import Core

extension Report {
    /// The widest line of `text`, in characters.
    package static let textWidth = 100
    /// Findings of one kind that `text` and `html` show; the JSON lists more.
    static let shownOfKind = 8
    static let shownWorst = 5

    /// The report for a terminal or an e-mail.
    package var text: String {
        var lines = [
            "WORKSPACE ANALYSIS  \(Phrase.day(at))", headline + "  ·  " + scopeLine, "",
        ]
        let worst = worst(Self.shownWorst)
        if !worst.isEmpty {
            lines += heading("First of all")
            for (index, finding) in worst.enumerated() {
                lines += wrap(finding.title, first: " \(index + 1). ", rest: "    ")
            }
            lines.append("")
        }
        for kind in Finding.Kind.allCases { lines += section(kind) }
        lines += wrap(Self.provenance, first: "", rest: "")
        return lines.joined(separator: "\n") + "\n"
    }

    var scopeLine: String {
        let tasks = counts.tasks
        return "\(Phrase.count(counts.projects, "project")), "
            + "\(Phrase.count(tasks.values.reduce(0, +), "task")): \(tasks[.todo] ?? 0) todo, "
            + "\(tasks[.inProgress] ?? 0) in progress, \(tasks[.done] ?? 0) done"
    }

    private func section(_ kind: Finding.Kind) -> [String] {
        let count = counts.kinds[kind] ?? 0
        guard count > 0 else { return [] }
        let shown = findings(kind).prefix(Self.shownOfKind)
        var lines = heading("\(kind.heading) (\(count))")
        for finding in shown {
            lines += wrap(finding.title, first: " \(finding.severity.mark) ", rest: "   ")
            lines += wrap(finding.action, first: "   -> ", rest: "      ")
        }
        if count > shown.count { lines.append("   … and \(count - shown.count) more.") }
        return lines + [""]
    }

    private func heading(_ text: String) -> [String] {
        [text.uppercased(), String(repeating: "-", count: text.count)]
    }

    /// Breaks `text` between words; a word longer than a line is broken where the line ends.
    private func wrap(_ text: String, first: String, rest: String) -> [String] {
        var lines: [String] = []
        var line = first
        var isFresh = true
        for word in text.split(separator: " ") {
            var word = word
            if !isFresh, line.count + 1 + word.count > Self.textWidth {
                lines.append(line)
                (line, isFresh) = (rest, true)
            }
            while word.count > Self.textWidth - rest.count {
                let room = Self.textWidth - line.count
                lines.append(line + word.prefix(room))
                word = word.dropFirst(room)
                (line, isFresh) = (rest, true)
            }
            line += (isFresh ? "" : " ") + word
            isFresh = false
        }
        return isFresh ? lines : lines + [line]
    }
}

extension Finding.Severity {
    /// One character that stands for it at the start of a line.
    var mark: String {
        switch self {
        case .critical: "!"
        case .warning: "*"
        case .info: "·"
        }
    }
}
