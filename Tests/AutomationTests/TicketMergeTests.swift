import Automation
import Core
import Store
import Testing

@Suite struct `A ticket and its task` {
    private static let both = Store.Zendesk.Plan(project: nil, takes: true, gives: true, isPublic: false)

    private static func side(
        _ title: String, _ status: String, _ priority: String, _ tags: Set<String> = []
    ) -> TicketMerge.Side {
        TicketMerge.Side([.title: title, .status: status, .priority: priority], tags: tags)
    }

    private static let here = side("Printer", "todo", "medium", ["vip"])
    private static let there = side("Printer", "new", "normal", ["vip"])

    private func merged(
        _ here: TicketMerge.Side, _ there: TicketMerge.Side, isNewerHere: Bool = false,
        plan: Store.Zendesk.Plan = both
    ) -> TicketMerge {
        TicketMerge(
            here: here, there: there, agreed: Agreement(here: Self.here, there: Self.there),
            isNewerHere: isNewerHere, plan: plan)
    }

    @Test func `that agree are left alone`() {
        let merge = merged(Self.here, Self.there)
        #expect(merge.here == Self.here)
        #expect(merge.changes.isEmpty)
        #expect(merge.pending == .null)
    }

    @Test func `take over what one side alone changed`() {
        let merge = merged(
            Self.side("Printer on fire", "todo", "medium", ["vip"]),
            Self.side("Printer", "pending", "urgent", ["vip"]))
        #expect(merge.here == Self.side("Printer on fire", "in_progress", "high", ["vip"]))
        #expect(merge.changes == [.init("subject", "Printer on fire")])
    }

    @Test(arguments: [true, false]) func `hold the newer title where both changed it`(_ isNewerHere: Bool) {
        let merge = merged(
            Self.side("Ours", "todo", "medium", ["vip"]), Self.side("Theirs", "new", "normal", ["vip"]),
            isNewerHere: isNewerHere)
        #expect(merge.here.fields[.title] == (isNewerHere ? "Ours" : "Theirs"))
        #expect(merge.changes == (isNewerHere ? [.init("subject", "Ours")] : []))
    }

    @Test func `hold Zendesk's status where both changed it`() {
        let merge = merged(
            Self.side("Printer", "done", "medium", ["vip"]), Self.side("Printer", "hold", "normal", ["vip"]),
            isNewerHere: true)
        #expect(merge.here.fields[.status] == "in_progress")
        #expect(merge.changes.isEmpty)
    }

    @Test func `leave a status that both words cover`() {
        let merge = merged(
            Self.side("Printer", "in_progress", "medium", ["vip"]),
            Self.side("Printer", "open", "normal", ["vip"]))
        #expect(merge.here.fields[.status] == "in_progress")
        #expect(merge.changes.isEmpty)
    }

    @Test func `hold a status of ours over one that meant the same as before`() {
        let merge = merged(
            Self.side("Printer", "done", "medium", ["vip"]), Self.side("Printer", "open", "normal", ["vip"]))
        #expect(merge.here.fields[.status] == "done")
        #expect(merge.changes == [.init("status", "solved")])
    }

    @Test func `unite what was added to their tags, and drop what either dropped`() {
        let merge = merged(
            Self.side("Printer", "todo", "medium", ["vip", "ours"]),
            Self.side("Printer", "new", "normal", ["theirs", "no label here!"]))
        #expect(merge.here.tags == ["ours", "theirs"])
        #expect(merge.sentTags == ["ours", "theirs", "no label here!"])
    }

    @Test func `go on after a lost answer as if it had come`() {
        let changed = Self.side("Ours", "done", "high", ["vip", "ours"])
        let first = merged(changed, Self.there, isNewerHere: true)
        var agreed = first.agreed
        // It arrived; then somebody here changed the title again, before the answer was known.
        let after = Self.side("Ours", "solved", "high", ["vip", "ours"])
        agreed.confirm(first.pending, by: after)
        let second = TicketMerge(
            here: Self.side("Ours, again", "done", "high", ["vip", "ours"]), there: after, agreed: agreed,
            isNewerHere: false, plan: Self.both)
        #expect(second.changes == [.init("subject", "Ours, again")])
        #expect(second.here.fields[.title] == "Ours, again")
    }

    @Test func `send again what did not arrive`() {
        let changed = Self.side("Ours", "done", "high", ["vip", "ours"])
        let first = merged(changed, Self.there, isNewerHere: true)
        var agreed = first.agreed
        agreed.confirm(first.pending, by: Self.there)
        let second = TicketMerge(
            here: changed, there: Self.there, agreed: agreed, isNewerHere: false, plan: Self.both)
        #expect(second.changes == first.changes)
    }

    @Test func `go one way where the connection says so`() {
        let (mine, theirs) = (Self.side("Ours", "todo", "medium"), Self.side("Theirs", "new", "normal"))
        let out = merged(mine, theirs, plan: .init(project: nil, takes: false, gives: true, isPublic: false))
        #expect(out.here == mine)
        let `in` = merged(
            mine, theirs, isNewerHere: true,
            plan: .init(project: nil, takes: true, gives: false, isPublic: false))
        #expect(`in`.changes.isEmpty)
    }

    @Test func `keep what they agreed on through JSON`() {
        let agreed = Agreement(here: Self.here, there: Self.there)
        #expect(Agreement(agreed.json) == agreed)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7]) func `come to rest after any changes`(_ seed: Int) {
        var dice = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let (mine, theirs) = (random(TicketWords.here, &dice), random(TicketWords.there, &dice))
            let merge = merged(mine, theirs, isNewerHere: seed.isMultiple(of: 2))
            var after = theirs
            for (field, value) in merge.sent { after.fields[field] = value }
            if let tags = merge.sentTags { after.tags = tags }
            var agreed = merge.agreed
            agreed.confirm(merge.pending, by: after)
            let rest = TicketMerge(
                here: merge.here, there: after, agreed: agreed, isNewerHere: false, plan: Self.both)
            #expect(rest.here == merge.here)
            #expect(rest.changes.isEmpty)
            for field in TicketField.allCases {
                #expect(field.matches(rest.here.fields[field] ?? "", after.fields[field] ?? ""))
            }
            #expect(rest.here.tags == after.tags)
        }
    }

    private func random(
        _ words: [TicketField: [String]], _ dice: inout SystemRandomNumberGenerator
    ) -> TicketMerge.Side {
        TicketMerge.Side(
            words.mapValues { $0.randomElement(using: &dice) ?? "" },
            tags: Set(["vip", "bug", "eu"].filter { _ in Bool.random(using: &dice) }))
    }
}

/// Words that fields may hold on each side.
private enum TicketWords {
    static let here: [TicketField: [String]] = [
        .title: ["Printer", "Ours"], .status: ["todo", "in_progress", "done"],
        .priority: ["low", "medium", "high"],
    ]
    static let there: [TicketField: [String]] = [
        .title: ["Printer", "Theirs"], .status: ["new", "open", "pending", "hold", "solved"],
        .priority: ["", "low", "normal", "high", "urgent"],
    ]
}
