/// The sizes of law 5: nothing is so long that it cannot be read at once.
enum Sizes {
    private static let linesOfFile = 300
    private static let linesOfFunction = 50
    private static let columns = 110
    private static let parameters = 4

    static func faults(in source: Source) -> [String] {
        guard source.isSwift || source.isLua else { return [] }
        // Package.swift is a plan, and the functions there are its words.
        if source.path == "Package.swift" { return lines(source) }
        return files(source) + lines(source) + functions(source)
    }

    /// What is usual: half of all are no longer.
    static func medians(in house: House) -> String {
        let sources = house.sources(in: "Sources", "jobs").filter { $0.isSwift || $0.isLua }
        let functions = sources.flatMap { functionsOf($0).map(\.lines) }.sorted()
        let files = sources.map(\.lineCount).sorted()
        guard let longest = functions.last, let largest = files.last else { return "nothing to measure" }
        return "\(files.count) files, median \(files[files.count / 2]) lines, longest \(largest); "
            + "\(functions.count) functions, median \(functions[functions.count / 2]) lines, "
            + "nine of ten within \(functions[functions.count * 9 / 10]), longest \(longest)"
    }

    private static func files(_ source: Source) -> [String] {
        source.lineCount <= linesOfFile
            ? []
            : [
                "\(source.path) has \(source.lineCount) lines; \(linesOfFile) is the most. Split it."
            ]
    }

    private static func lines(_ source: Source) -> [String] {
        (0..<source.lineCount).compactMap { index in
            // Counting bytes first is fast, and no line has more characters than bytes.
            guard source.length(of: index + 1) > columns else { return nil }
            let count = source.line(index + 1).count
            guard count > columns else { return nil }
            return "\(source.path) line \(index + 1) has \(count) columns; \(columns) is the most."
        }
    }

    private static func functionsOf(_ source: Source) -> [FunctionDeclaration] {
        source.isLua ? luaFunctions(source) : source.functions
    }

    private static func functions(_ source: Source) -> [String] {
        functionsOf(source).flatMap { function in
            let place = "\(source.path) line \(function.line): \(function.name)"
            var faults: [String] = []
            if function.lines > linesOfFunction {
                faults.append("\(place) has \(function.lines) lines; \(linesOfFunction) is the most.")
            }
            // A test takes what it is tried with, and what it is built from may have many parts.
            let mayTakeMore = function.isInitializer || source.stands(in: "Tests")
            if function.parameters > parameters, !mayTakeMore {
                faults.append("\(place) takes \(function.parameters) parameters; \(parameters) is the most.")
            }
            return faults
        }
    }

    /// A Lua function ends at the `end` that stands under its beginning.
    private static func luaFunctions(_ source: Source) -> [FunctionDeclaration] {
        let lines = source.lines
        return lines.indices.compactMap { index in
            let line = lines[index]
            guard let words = line.firstRange(of: "function "), let opening = line.firstIndex(of: "("),
                let closing = line.firstIndex(of: ")"), opening < closing
            else { return nil }
            let end = line.prefix { $0 == " " } + "end"
            let last = line.hasSuffix(" end") ? index : lines[index...].firstIndex { $0 == end } ?? index
            let list = line[line.index(after: opening)..<closing]
            return FunctionDeclaration(
                name: String(line[words.upperBound..<opening]), line: index + 1, lines: last - index + 1,
                parameters: list.isEmpty ? 0 : list.split(separator: ",").count)
        }
    }
}
