import Core

/// The small pieces that the sentences of a report are made of.
enum Phrase {
    /// "1 task", "12 tasks".
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// "less than a day", "1 day", "12 days".
    static func days(_ number: Int) -> String { number < 1 ? "less than a day" : count(number, "day") }

    /// A title in quotes, on one line and cut to a readable length.
    static func quote(_ title: String) -> String {
        let line = clean(title)
        return "“" + (line.count > 60 ? line.prefix(59) + "…" : line) + "”"
    }

    /// The date alone, in UTC.
    static func day(_ moment: Moment) -> String { String(moment.text.prefix(10)) }

    /// "6 h", "7.5 h".
    static func hours(_ hours: Double) -> String {
        let tenths = Int((hours * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) h" : "\(tenths / 10).\(tenths % 10) h"
    }

    /// Up to three things in words, then how many more.
    static func list(_ items: [String]) -> String {
        let shown = items.prefix(3).joined(separator: ", ")
        return items.count > 3 ? "\(shown) and \(items.count - 3) more" : shown
    }

    /// `text` on one line, without control and direction characters that would act on a terminal.
    static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: acts) else { return text }
        let scalars = text.unicodeScalars.map { acts($0) ? Unicode.Scalar(" ") : $0 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
