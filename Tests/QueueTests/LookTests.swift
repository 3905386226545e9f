import Core
import Redis
import TestHouse
import Testing

@testable import Queue

/// A queue with some jobs in each state.
private struct Zoo {
    let site: Site
    private(set) var states: [ID: State] = [:]

    init(_ count: Int) async throws {
        site = try Site()
        let ends: [(State, Verdict)] = [
            (.done, .done(["x": 1])), (.dead, .dead(.hiccup)), (.parked, .parked),
            (.cancelled, .cancelled(reason: "r")),
            (.expired, .expired), (.scheduled, .retry(after: .seconds(500), .hiccup)),
        ]
        for (state, verdict) in ends {
            note(try await site.add(count), state)
            try await site.settle(try await site.claim(count), verdict)
        }
        note(try await site.add(count), .waiting)
        for _ in 0..<2 {
            _ = try await site.claim(count)
            try await site.overrun()
            _ = try await site.queue.reclaim()
        }
        note(try await site.add(count), .running)
        _ = try await site.claim(count, suspect: false)
        for level in Envelope.Level.allCases { note(try await site.add(count, level), .waiting) }
        note(try await site.add(count, due: .now + .seconds(500)), .scheduled)
    }

    private mutating func note(_ ids: [ID], _ state: State) { for id in ids { states[id] = state } }

    func pages(_ filter: Queue.Filter, limit: Int) async throws -> [[Sight]] {
        var pages: [[Sight]] = []
        var cursor: ListCursor?
        repeat {
            let page = try await site.queue.list(filter, limit: limit, cursor: cursor)
            pages.append(page.jobs)
            // As a caller sends it back: as text.
            cursor = try page.next.map { try #require(ListCursor($0.text)) }
        } while cursor != nil
        return pages
    }
}

@Suite struct `Looking at jobs` {
    @Test func `finds each in its state, in the order asked, and nothing for the unknown`() async throws {
        let zoo = try await Zoo(2)
        let ids = zoo.states.keys.shuffled()
        let sights = try await zoo.site.queue.look(ids + [ID()] + ids.prefix(1))
        #expect(sights.count == ids.count + 2)
        for (id, sight) in zip(ids, sights) {
            #expect(sight?.envelope.id == id)
            #expect(sight?.state == zoo.states[id])
            #expect(sight?.queue == "work")
            #expect((sight?.due != nil) == (zoo.states[id] == .scheduled))
            #expect(
                (sight?.finished != nil) == [.done, .dead, .cancelled, .expired].contains(zoo.states[id]))
        }
        #expect(sights[ids.count] == nil)
        #expect(sights.last??.envelope.id == ids[0])
        #expect(try await zoo.site.queue.look([]).isEmpty)
    }

    @Test func `shows what a running attempt says`() async throws {
        let site = try Site()
        let id = try await site.add()[0]
        let claim = try await site.claim()[0]
        _ = try await site.queue.report(claim, state: ["percent": 7.5, "log": ["a"]], news: ["percent": 7.5])
        let sight = try await site.look(id)
        #expect(sight?.progress == ["percent": 7.5, "log": ["a"]])
        #expect(sight?.attempts == 1)
    }

    @Test func `takes two hundred ids of many hours`() async throws {
        let site = try Site()
        let hour: Int64 = 3_600_000
        let envelopes = (0..<200).map { number in
            Envelope(
                id: ID(milliseconds: Moment.now.milliseconds - Int64(number) * hour), name: "job",
                arguments: [])
        }
        try await site.queue.enqueue(envelopes)
        try await site.settle(try await site.claim(200), .done(nil))
        let sights = try await site.queue.look(envelopes.map(\.id))
        #expect(sights.compactMap { $0 }.count == 200)
        #expect(try await site.keys().filter { $0.hasPrefix("ended:") }.count == 200)
    }
}

@Suite struct `A list of jobs` {
    @Test(arguments: [1, 7, 50, 1_000])
    func `shows every job once, page by page`(limit: Int) async throws {
        let zoo = try await Zoo(limit == 1 ? 3 : 40)
        let pages = try await zoo.pages(Queue.Filter(), limit: limit)
        let shown = pages.flatMap { $0 }
        #expect(shown.count == zoo.states.count)
        #expect(Set(shown.map(\.envelope.id)) == Set(zoo.states.keys))
        #expect(pages.allSatisfy { $0.count <= limit })
    }

    @Test(arguments: State.allCases)
    func `of one state shows all in it and no other`(state: State) async throws {
        let zoo = try await Zoo(12)
        let shown = try await zoo.pages(Queue.Filter(state: state), limit: 5).flatMap { $0 }
        #expect(shown.allSatisfy { $0.state == state })
        #expect(Set(shown.map(\.envelope.id)) == Set(zoo.states.filter { $0.value == state }.keys))
        #expect(shown.count == zoo.states.values.filter { $0 == state }.count)
    }

    @Test func `that have ended is complete whatever the sizes of its pages`() async throws {
        let site = try Site()
        var all: Set<ID> = []
        for hour in 0..<3 {
            let envelopes = (0..<450).map { _ in
                Envelope(
                    id: ID(milliseconds: Moment.now.milliseconds - Int64(hour) * 3_600_000), name: "job",
                    arguments: [])
            }
            try await site.queue.enqueue(envelopes)
            try await site.settle(try await site.claim(450), .done(nil))
            all.formUnion(envelopes.map(\.id))
        }
        var (shown, cursor, size): ([ID], ListCursor?, Int) = ([], nil, 1)
        repeat {
            let page = try await site.queue.list(Queue.Filter(state: .done), limit: size, cursor: cursor)
            shown += page.jobs.map(\.envelope.id)
            cursor = page.next
            size = size * 5 % 97
        } while cursor != nil
        #expect(shown.count == all.count)
        #expect(Set(shown) == all)
    }

    @Test func `is filtered by name, tag and workspace together`() async throws {
        let site = try Site()
        var wanted: Set<ID> = []
        for name in ["a", "b"] {
            for tags in [[], ["t"], ["t", "u"]] {
                for workspace in ["w", "v"] {
                    let envelope = Envelope(name: name, arguments: [], workspace: workspace, tags: tags)
                    try await site.queue.enqueue([envelope])
                    if name == "a", tags.contains("t"), workspace == "w" { wanted.insert(envelope.id) }
                }
            }
        }
        let filter = Queue.Filter(workspace: "w", name: "a", tag: "t")
        let shown = try await site.queue.list(filter, limit: 100).jobs
        #expect(Set(shown.map(\.envelope.id)) == wanted)
        #expect(wanted.count == 2)
    }

    @Test func `looks at a bounded number of jobs for one page`() async throws {
        let site = try Site()
        for _ in 0..<3 { try await site.add(1_000) }
        let page = try await site.queue.list(Queue.Filter(name: "rare"), limit: 10)
        #expect(page.jobs.isEmpty)
        #expect(page.next != nil)
    }
}

@Suite struct `A list cursor` {
    @Test(arguments: [
        "", "0", "0.0.0", "0.0.0.0.0", "0.0.0.0.x", "x.0.0.0.0", "-1.0.0.0", "11.0.0.0", "0.4294967296.0.0",
        "8.0.18446744073709551615.0", "8.0.0.18446744073709551616", "0..0.0", " 0.0.0.0", "0.0.0.0\n",
        "8.0.1.0.x", "8.0.9000000000.0",
    ])
    func `is not read from a wrong text`(text: String) { #expect(ListCursor(text) == nil) }

    @Test(arguments: ["0.0.0.0", "8.3.494000.77", "9.0.0.0", "8.0.494000.5.01ARZ3NDEKTSV4RRFFQ69G5FAV"])
    func `reads its own text`(text: String) { #expect(ListCursor(text)?.text == text) }

    @Test func `from a far future comes back to now`() async throws {
        let site = try Site()
        try await site.add()
        try await site.settle(try await site.claim(), .done(nil))
        let cursor = try #require(ListCursor("8.0.2000000000.0"))
        #expect(try await site.queue.list(Queue.Filter(), limit: 10, cursor: cursor).jobs.count == 1)
    }
}
