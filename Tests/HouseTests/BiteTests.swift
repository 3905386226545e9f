import Foundation
import Testing

/// Shows that each law bites: whatever breaks it is told in a sentence.
@Suite struct `A broken house` {
    @Test(arguments: [Trial].arrows)
    func `is told of an arrow that does not point down`(_ trial: Trial) {
        let house = House.ours.with(trial.source)
        expect(trial, in: Arrows.faults(in: house.plan) + Arrows.faults(in: trial.source, house.plan))
    }

    @Test(arguments: [Trial].things)
    func `is told of two things in one file or one in none`(_ trial: Trial) {
        expect(trial, in: OneThing.faults(in: House.ours.with(trial.source)))
    }

    @Test(arguments: [Trial].sizes)
    func `is told of what grew too long`(_ trial: Trial) {
        expect(trial, in: Sizes.faults(in: trial.source))
    }

    @Test(arguments: [Trial].names)
    func `is told of a name or word out of place`(_ trial: Trial) {
        expect(trial, in: Names.faults(in: trial.source))
    }

    @Test(arguments: [Trial].documents)
    func `is told of what nobody explains`(_ trial: Trial) {
        expect(trial, in: Documents.faults(in: trial.source))
    }

    @Test(arguments: [Trial].settings)
    func `is told of a setting that only one side knows`(_ trial: Trial) {
        let settings = Source(path: "Sources/atom/Settings.swift", text: "let a = read(\"ATOM_HOME\")\n")
        let example = Source(path: ".env.example", text: "# ATOM_HOME=.atom\n")
        expect(trial, in: Documents.settings(in: House.ours.with(settings).with(example).with(trial.source)))
    }

    @Test func `is told of two files that make a status of a failure`() {
        let text = "let a = HTTPResponse.Status.notFound\n"
        let house = House.ours.with(Source(path: "Sources/API/A.swift", text: text))
            .with(Source(path: "Sources/API/B.swift", text: text))
        #expect(
            Names.statuses(in: house).contains { $0.contains("Sources/API/A.swift, Sources/API/B.swift") })
    }

    @Test func `is told nothing of good code`() {
        let source = Source(path: "Sources/Core/A.swift", text: Self.good)
        #expect(Arrows.faults(in: source, House.ours.plan) == [])
        #expect(Sizes.faults(in: source) == [])
        #expect(Names.faults(in: source) == [])
        #expect(Documents.faults(in: source) == [])
        #expect(source.functions.map(\.name) == ["quote", "json", "`says getenv and more`"])
    }

    /// The other trials change what was read; this one changes what lies on the disk.
    @Test func `is read from the disk`() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "house-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let trials = [[Trial].arrows[0], [Trial].things[0], [Trial].sizes[0], [Trial].names[0]]
        for source in trials.map(\.source) + House.ours.files.values.filter({ !$0.stands(in: "Tests") }) {
            let file = root.appending(path: source.path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(source.bytes).write(to: file)
        }
        let house = House(at: root)
        let sources = house.sources(in: "Sources/Redis", "Sources/Core", "jobs")
        let faults =
            OneThing.faults(in: house)
            + sources.flatMap {
                Arrows.faults(in: $0, house.plan) + Sizes.faults(in: $0) + Names.faults(in: $0)
            }
        for trial in trials { expect(trial, in: faults) }
    }

    private func expect(_ trial: Trial, in faults: [String]) {
        #expect(faults.contains { $0.contains(trial.complaint) }, "The house said \(faults).")
    }

    /// What a careless reader of Swift would take for faults.
    private static let good = #"""
        import Foundation

        /// Speaks of try! and as! in words only.
        public protocol Speaker {
            func speak(_ words: [String: (Int, Int) -> Int]) async throws
            func listen()
        }

        extension Speaker {
            // catch {} in a comment, and "a quote; the class of it
            func quote() -> String { "try! \("as! \(1 + (2 * 3))") {" + #"raw " try! "# }

            func json() -> String {
                do { return try say("{\"a\":{\"b\": \"func many(a, b, c, d, e)\"}}") } catch {
                    // Nothing was said.
                }
            }

            func `says getenv and more`(_ a: (Int, Int, Int), _ b: Int = max(1, 2)) where Self: Sendable {
                self.init(a, b, 3, 4, 5)
            }
        }
        """#
}
