/// Law 2: one thing, one file: one job, one verb of the queue.
enum OneThing {
    static func faults(in house: House) -> [String] { jobs(in: house) + verbs(in: house) }

    /// A file right under jobs/ is a job; what several jobs share stands in a folder there or in a room
    /// below.
    private static func jobs(in house: House) -> [String] {
        let catalogue = "jobs/Catalogue.swift"
        let files = house.sources(in: "jobs").filter {
            $0.isSwift && $0.path != catalogue && $0.path.split(separator: "/").count == 2
        }
        guard let list = house[catalogue] else { return ["\(catalogue) is missing; it lists every job."] }
        let tokens = list.tokens()
        let listed = Set(
            tokens.indices.dropLast(2)
                .filter { tokens[$0 + 1].isMark(".") && tokens[$0 + 2].isWord("self") }.map {
                    tokens[$0].text
                })
        let declared = files.flatMap(declared)
        return files.flatMap { misdeclared($0, listed) }
            + listed.subtracting(declared).sorted()
            .map { "\(catalogue) lists \($0), and no file of jobs/ declares it." }
    }

    private static func declared(_ source: Source) -> [String] {
        let tokens = source.tokens()
        return tokens.indices.dropLast(2).compactMap { index in
            guard ["struct", "class", "actor", "enum", "extension"].contains(tokens[index].text) else {
                return nil
            }
            let header = tokens[(index + 2)...].prefix { !$0.isMark("{") && !$0.isWord("where") }
            guard header.first?.isMark(":") == true, header.contains(where: { $0.isWord("Job") }) else {
                return nil
            }
            return tokens[index + 1].text
        }
    }

    private static func misdeclared(_ source: Source, _ listed: Set<String>) -> [String] {
        let jobs = declared(source)
        guard jobs.count == 1, let job = jobs.first else {
            return ["\(source.path) declares \(jobs.count) jobs; a file of jobs/ is one job."]
        }
        var faults: [String] = []
        if job != source.name {
            faults.append("\(source.path) declares the job \(job); name the file after it.")
        }
        if !listed.contains(job) {
            faults.append("\(source.path) is an orphan: add \(job).self to jobs/Catalogue.swift.")
        }
        return faults
    }

    private static func verbs(in house: House) -> [String] {
        let folder = "Sources/Queue/Lua"
        let used = Set((house["Sources/Queue/Scripts.swift"]?.tokens() ?? []).map(\.text))
        let parts = Set((house["Sources/Queue/Program.swift"]?.tokens() ?? []).map(\.text))
        return house.sources(in: folder).filter(\.isLua).flatMap { script in
            // What begins with its flags is a program; the rest is put before programs.
            guard script.lines.first?.hasPrefix("#!") == true else {
                return parts.contains("\(script.name)_lua")
                    ? headless(script, needing: [])
                    : ["\(script.path) has no first line with its flags and is no part of a program."]
            }
            var faults = headless(script, needing: ["ARGV[", "returns "])
            if !used.contains("\(script.name)_lua") {
                faults.append("\(script.path) is used by no line of Sources/Queue/Scripts.swift.")
            }
            let verb = "Sources/Queue/\(script.name.prefix(1).uppercased() + script.name.dropFirst()).swift"
            if house[verb] == nil { faults.append("\(script.path) has no \(verb) that calls it.") }
            return faults
        }
    }

    /// The header of a script: a sentence that says what it does, its ARGV and what it returns.
    private static func headless(_ script: Source, needing marks: [String]) -> [String] {
        let comments = script.lines.drop { $0.hasPrefix("#!") }.prefix { $0.hasPrefix("--") }
            .map { $0.dropFirst(2).drop { $0 == " " } }
        let sentence = comments.prefix { !$0.hasPrefix("KEYS") && !$0.hasPrefix("ARGV") && !$0.isEmpty }
            .joined(separator: " ")
        var lacks: [String] = []
        if !(sentence.first?.isUppercase ?? false) || !sentence.hasSuffix(".") { lacks.append("a sentence") }
        for mark in marks where !comments.contains(where: { $0.hasPrefix(mark) }) {
            lacks.append(mark == "returns " ? "what it returns" : String(mark.dropLast()))
        }
        return lacks.isEmpty ? [] : ["\(script.path) lacks in its header: \(lacks.joined(separator: ", "))."]
    }
}
