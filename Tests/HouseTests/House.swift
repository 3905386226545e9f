import Foundation

/// The repository as the laws see it: its files by path, read from the disk or changed for a trial.
struct House: Sendable {
    private(set) var files: [String: Source] = [:]
    private(set) var plan: Plan

    /// The house that this test stands in.
    static let ours = House(
        at: URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent())

    /// What is read below the root; the rest is no business of the laws.
    private static let folders = ["Sources", "jobs", "Tests"]
    private static let singles = ["Package.swift", ".env.example"]
    private static let endings: Set = ["swift", "lua", "sql", "py"]

    init(at root: URL) {
        for path in Self.folders.flatMap({ Self.paths(in: $0, of: root) }) + Self.singles {
            guard let data = FileManager.default.contents(atPath: root.appending(path: path).path) else {
                continue
            }
            files[path] = Source(path: path, bytes: Array(data))
        }
        plan = Plan(files["Package.swift"])
    }

    private static func paths(in folder: String, of root: URL) -> [String] {
        let below = FileManager.default.subpaths(atPath: root.appending(path: folder).path) ?? []
        return below.filter { endings.contains(String($0.split(separator: ".").last ?? "")) }.map {
            "\(folder)/\($0)"
        }
    }

    /// The same house with one file written anew.
    func with(_ source: Source) -> House {
        var house = self
        house.files[source.path] = source
        if source.path == "Package.swift" { house.plan = Plan(source) }
        return house
    }

    subscript(path: String) -> Source? { files[path] }

    /// The files below the folders, in the order of their paths.
    func sources(in folders: String...) -> [Source] {
        files.values.filter { source in folders.contains { source.stands(in: $0) } }.sorted {
            $0.path < $1.path
        }
    }
}
