import Core

/// The jobs a program knows, by name.
public struct Catalogue<Tools: Sendable>: Sendable {
    private let entries: [String: Entry]

    /// - Parameter jobs: no two with the same name.
    public init(_ jobs: [any Job<Tools>.Type]) {
        var entries: [String: Entry] = [:]
        for job in jobs {
            let entry = Entry(job)
            precondition(
                entries.updateValue(entry, forKey: job.name) == nil, "Two jobs are called \(job.name).")
        }
        self.entries = entries
    }

    public var names: [String] { entries.keys.sorted() }

    /// What this program can run, as it announces it: `name@version`, the highest version of each.
    public var offers: [String] { names.map { "\($0)@\(entries[$0]?.version ?? 1)" } }

    /// The version of arguments that the job called `name` takes; nil when there is none.
    public func version(_ name: String) -> Int? { entries[name]?.version }

    /// What the job called `name` changes, as scopes call it; nil when there is none.
    public func area(_ name: String) -> String? { entries[name]?.area }

    /// What the job called `name` promises; nil when there is none.
    public func policy(_ name: String) -> Policy? { entries[name]?.policy }

    subscript(name: String) -> Entry? { entries[name] }

    /// Throws `Failure(.invalid)` when there is no such job or the arguments are not its own.
    public func check(_ name: String, arguments: JSON) throws {
        guard let entry = entries[name] else {
            throw Failure(
                .invalid, "There is no job \"\(name)\". Known are: \(names.joined(separator: ", ")).",
                at: "/name")
        }
        try entry.check(arguments)
    }
}
