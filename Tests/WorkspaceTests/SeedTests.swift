import Core
import Testing
import Workspace

@Suite struct `A seed` {
    private let now = Moment(milliseconds: 1_780_000_000_000)

    @Test func `is the same for the same number, and another for another`() {
        #expect(Seed(7, .small, at: now).rows.map(\.id) == Seed(7, .small, at: now).rows.map(\.id))
        #expect(
            Seed(7, .small, at: now).rows.map(\.values) == Seed(7, .small, at: now).rows.map(\.values))
        #expect(Seed(7, .small, at: now).rows.map(\.id) != Seed(8, .small, at: now).rows.map(\.id))
    }

    @Test func `has what a workspace has, and much more of it when it is large`() {
        let count = { (size: Seed.Size) in
            Dictionary(grouping: Seed(1, size, at: now).rows, by: \.noun).mapValues(\.count)
        }
        let (small, large) = (count(.small), count(.large))
        #expect(small["task", default: 0] >= 60)
        #expect(large["task", default: 0] >= 900)
        let nouns = [
            "label", "project", "comment", "time_entry", "contact", "template", "message", "category",
            "budget",
            "transaction", "note", "voice_command", "dev_project", "calendar_event",
        ]
        for noun in nouns { #expect(small[noun, default: 0] > 0, "\(noun)") }
    }

    @Test func `names only what was made before, and nothing of the future`() {
        let seed = Seed(3, .small, at: now)
        var known = Set(seed.people.map(\.id.text))
        for row in seed.rows {
            for name in row.values.names where name.hasSuffix("_id") {
                if let id = row.values.text(name) { #expect(known.contains(id), "\(row.noun) \(name)") }
            }
            for id in row.values.texts("depends_on") { #expect(known.contains(id)) }
            #expect(known.insert(row.id.text).inserted)
            #expect(row.at <= now, "\(row.noun)")
            #expect(row.changes.allSatisfy { $0.at <= now })
        }
    }
}
