import Foundation
import Testing

/// A change that breaks a law, and what the house says of it.
struct Trial: Sendable, CustomTestStringConvertible {
    let source: Source
    let complaint: String

    var testDescription: String { "\(source.path): \(complaint)" }

    init(_ path: String, _ text: String, _ complaint: String) {
        source = Source(path: path, text: text)
        self.complaint = complaint
    }

    /// A trial of Package.swift with one part put in the place of another.
    init(plan old: String, _ new: String, _ complaint: String) {
        let text = House.ours["Package.swift"]?.text ?? ""
        self.init("Package.swift", text.replacingOccurrences(of: old, with: new), complaint)
    }

    static func lines(_ count: Int) -> String { String(repeating: "// A line.\n", count: count) }

    static func job(_ name: String) -> String { "struct \(name): Job {\n    let a: Int\n}\n" }
}

extension [Trial] {
    static let arrows = [
        Trial("Sources/Redis/A.swift", "import SQL\n", "line 1 imports SQL, which is not below Redis"),
        Trial("Sources/Queue/A.swift", "\nimport Work\n", "line 2 imports Work, which is not below Queue"),
        Trial(
            "Sources/Store/A.swift", "import Queue\n", "Queue, which Package.swift does not list for Store"),
        Trial(
            "Sources/Core/A.swift", "import NIOCore\n",
            "NIOCore, which Package.swift does not let Core borrow"),
        Trial("Sources/Core/A.swift", "@testable import struct Redis.Reply\n", "line 1 imports Redis"),
        Trial("Tests/CoreTests/A.swift", "import Store\n", "which Package.swift does not list for CoreTests"),
        Trial("Sources/Cellar/A.swift", "let depth = 1\n", "Sources/Cellar/A.swift stands in no room"),
        Trial(
            plan: "(\"Redis\", uses:", "(\"Redis\", uses: \"Core\",", "Redis on floor 1 lists Core on floor 1"
        ),
        Trial(
            plan: "(\"Work\", uses:", "(\"Work\", uses: \"Workspace\",", "Work belongs to the public"),
        Trial(
            plan: "(\"Core\", uses:", "(\"Core\", uses: \"Attic\",", "use Attic, and there is no such room"),
        Trial(plan: "// 1.", "//", "Redis on floor 0 lists CHiredis on floor 0"),
    ]

    static let things = [
        Trial("jobs/Orphan.swift", Trial.job("Orphan"), "jobs/Orphan.swift is an orphan: add Orphan.self"),
        Trial("jobs/Pair.swift", Trial.job("Pair") + Trial.job("Second"), "jobs/Pair.swift declares 2 jobs"),
        Trial("jobs/Wrong.swift", Trial.job("Right"), "declares the job Right; name the file after it"),
        Trial("jobs/Empty.swift", "/// Nothing.\nstruct Empty {}\n", "jobs/Empty.swift declares 0 jobs"),
        Trial(
            "jobs/Catalogue.swift", "let all = [Ghost.self]\n",
            "lists Ghost, and no file of jobs/ declares it"),
        Trial(
            "Sources/Queue/Lua/drift.lua", "#!lua\nreturn 1\n",
            "lacks in its header: a sentence, ARGV, what"),
        Trial("Sources/Queue/Lua/drift.lua", "return 1\n", "is no part of a program"),
        Trial(
            "Sources/Queue/Lua/drift.lua", "#!lua\nreturn 1\n",
            "is used by no line of Sources/Queue/Scripts.swift"),
        Trial(
            "Sources/Queue/Lua/drift.lua", "#!lua\nreturn 1\n",
            "has no Sources/Queue/Drift.swift that calls it"),
    ]

    static let sizes = [
        Trial(
            "Sources/Core/A.swift", Trial.lines(301), "Sources/Core/A.swift has 301 lines; 300 is the most"),
        Trial("Sources/Core/A.swift", "// " + String(repeating: "ä", count: 108), "line 1 has 111 columns"),
        Trial("Sources/Core/A.swift", "func deep() {\n\(Trial.lines(49))}\n", "line 1: deep has 51 lines"),
        Trial(
            "Sources/Core/A.swift",
            "struct A {\n    init?(\n        a: B\n    ) {\n\(Trial.lines(49))    }\n}\n",
            "line 2: init has 53 lines"),
        Trial(
            "Sources/Core/A.swift",
            "func many(a: A<B, C>, b: (D, E) -> F, c: G = [1, 2], d: H, e: I) -> J { k }\n",
            "line 1: many takes 5 parameters"),
        Trial(
            "Sources/Queue/Lua/a.lua", "local function deep(a)\n\(Trial.lines(49))end\n", "deep has 51"),
    ]

    static let names = [
        Trial("Sources/Core/TextUtils.swift", "let a = 1\n", "TextUtils.swift says Utils"),
        Trial("Sources/Core/A.swift", "final class LeaseManager {}\n", "line 1: LeaseManager says Manager"),
        Trial("Tests/CoreTests/A.swift", "// TO" + "DO later\n", "line 1 says TO" + "DO"),
        Trial("Sources/Core/A.swift", "\nlet a = \"\\(try! b())\"\n", "line 2 says try!"),
        Trial("Tests/CoreTests/A.swift", "let a = b as! C\n", "line 1 says as!"),
        Trial("Sources/Core/A.swift", "do { try a() } catch {}\n", "line 1 catches an error and drops it"),
        Trial(
            "Sources/Core/A.swift", "do {\n    a()\n} catch is B {\n}\n",
            "line 3 catches an error and drops it"),
        Trial("Sources/Worker/A.swift", "let a = \"x:{\\(queue)}:jobs\"\n", "line 1 spells a Redis key"),
        Trial("Sources/Worker/A.swift", "let a = \"atom:workers\"\n", "line 1 spells a Redis key"),
        Trial("Sources/Queue/Lua/a.lua", "redis.call('GET', 'a:{b}')\n", "line 1 spells a Redis key"),
        Trial("Sources/Worker/A.swift", "let a = getenv(\"HOME\")\n", "line 1 reads the environment"),
        Trial(
            "Sources/Worker/A.swift", "\nlet a = ProcessInfo.processInfo.environment\n",
            "line 2 reads the env"),
    ]

    static let documents = [
        Trial(
            "Sources/Core/A.swift", "@frozen\npublic struct Bare {}\n", "line 2: Bare crosses rooms and no"),
        Trial(
            "jobs/A.swift", "\npackage final class B {}\n", "line 2: B crosses rooms and no"),
    ]

    static let settings = [
        Trial(
            ".env.example", "# ATOM_GHOST=1\n",
            ".env.example shows ATOM_GHOST, and Sources/atom/Settings.swift"),
        Trial(
            "Sources/atom/Settings.swift", "let a = read(\"ATOM_NEW\")\n", "reads ATOM_NEW, and .env"),
    ]
}
