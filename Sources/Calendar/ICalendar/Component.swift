import Core

/// A component of an iCalendar file: what stands between a BEGIN and its END.
struct Component: Sendable {
    let name: String
    /// The line of its BEGIN.
    let number: Int
    private(set) var lines: [ContentLine] = []
    private(set) var children: [Component] = []

    private static let depth = 8

    /// The calendar that a file holds; where it holds several, they are joined.
    static func calendar(in bytes: [UInt8]) throws -> Component {
        var stack = [Component(name: "", number: 1)]
        for line in try ContentLine.lines(of: bytes) {
            switch line.name {
            case "BEGIN":
                guard stack.count < depth else {
                    throw Failure(.invalid, "Line \(line.number) opens more than \(depth) components.")
                }
                stack.append(Component(name: line.value.uppercased(), number: line.number))
            case "END":
                let closed = stack.removeLast()
                guard !stack.isEmpty, closed.name == line.value.uppercased() else {
                    throw Failure(.invalid, "Line \(line.number) ends \(line.value), which is not open.")
                }
                stack[stack.count - 1].children.append(closed)
            default: stack[stack.count - 1].lines.append(line)
            }
        }
        return try joined(stack)
    }

    private static func joined(_ stack: [Component]) throws -> Component {
        guard stack.count == 1 else {
            let open = stack[stack.count - 1]
            throw Failure(.invalid, "The file ends within the \(open.name) that line \(open.number) begins.")
        }
        let calendars = stack[0].children.filter { $0.name == "VCALENDAR" }
        guard !calendars.isEmpty else { throw Failure(.invalid, "The file holds no VCALENDAR.") }
        var whole = Component(name: "VCALENDAR", number: calendars[0].number)
        whole.lines = calendars.flatMap(\.lines)
        whole.children = calendars.flatMap(\.children)
        return whole
    }

    /// The first line of that name.
    func line(_ name: String) -> ContentLine? { lines.first { $0.name == name } }

    func lines(_ name: String) -> [ContentLine] { lines.filter { $0.name == name } }

    func text(_ name: String) -> String? { line(name)?.text }
}
