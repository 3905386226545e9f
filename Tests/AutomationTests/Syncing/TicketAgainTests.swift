import Automation
import Core
import Integrations
import SQL
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `An account of Zendesk that is connected anew` {
    /// What is said on either side, without who says so.
    private static func said(_ desk: Desk) async throws -> (here: [String], there: [String]) {
        let here = try await desk.house.texts(.comments, "content")
        let there = try await desk.house.stand.effects("comment").compactMap { $0["body"]?.string }
        return (here.map { String($0.split(separator: "\n").last ?? "") }.sorted(), there.sorted())
    }

    @Test(arguments: Engine.allCases)
    func `knows each task, ticket and comment again`(_ engine: Engine) async throws {
        try await Desk.with(engine) { desk in
            let id = try await desk.ticket(subject: "Theirs")
            try await desk.said(id, "There, before.")
            let ours = try await desk.task("Ours", status: "todo")
            try await desk.say("Here, before.", on: ours)
            try await desk.settle()
            let theirs = try await desk.house.item(.tasks, "title", "Theirs").id
            try await desk.part()
            try await desk.said(id, "There, meanwhile.")
            try await desk.say("Here, meanwhile.", on: theirs)
            let again = try await desk.connected(to: "acme")
            try await again.settle()
            #expect(try await again.house.texts(.tasks, "title") == ["Ours", "Theirs"])
            #expect(try await again.tickets().count == 2)
            let words = ["Here, before.", "Here, meanwhile.", "There, before.", "There, meanwhile."]
            let (here, there) = try await Self.said(again)
            #expect(here == words)
            #expect(there == (words + ["Ours", "What of Theirs?"]).sorted())
        }
    }

    @Test func `does not take what belongs to another account`() async throws {
        try await Desk.with { desk in
            _ = try await desk.ticket(subject: "Theirs")
            try await desk.settle()
            try await desk.part()
            let other = try await desk.connected(to: "other")
            #expect(try await other.store.zendesk.page(.init(), of: nil, status: nil).isEmpty)
            let again = try await desk.connected(to: "ACME")
            let pairs = try await again.store.zendesk.page(.init(), of: nil, status: nil)
            #expect(pairs.map(\.connection) == [again.house.connection.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `is told nothing of what the database refuses here`(_ engine: Engine) async throws {
        try await Desk.with(engine) { desk in
            let database = desk.house.house.database
            if engine == .postgres {
                try await database.execute("alter table tasks add constraint odd check (title <> 'Odd')")
            } else {
                try await database.execute(
                    """
                    create trigger odd before insert on tasks when new.title = 'Odd'
                    begin select raise(abort, 'odd'); end
                    """)
            }
            let id = try await desk.ticket(subject: "Odd")
            _ = try await desk.ticket(subject: "Even")
            try await desk.settle()
            #expect(try await desk.house.texts(.tasks, "title") == ["Even"])
            let pair = try await desk.store.zendesk.find(desk.house.connection.id, ticket: Int(id))
            #expect(pair?.error == "It holds a value that cannot be stored.")
            try await desk.agent(id, ["subject": "Evened"])
            try await desk.settle()
            #expect(try await desk.house.texts(.tasks, "title") == ["Even", "Evened"])
        }
    }
}

@Suite struct `A closed ticket` {
    /// A ticket that is closed after its task was made; the task.
    private static func closed(_ desk: Desk) async throws -> (ticket: Int64, task: ID) {
        let id = try await desk.ticket(subject: "Printer", tags: ["fire"])
        try await desk.settle()
        try await desk.agent(id, ["status": "closed"])
        try await desk.settle()
        let task = try await desk.house.item(.tasks, "title", "Printer")
        #expect(task["status"] == "done")
        return (id, task.id)
    }

    private static func followers(of id: Int64, _ desk: Desk) async throws -> [JSON] {
        try await desk.tickets().filter { $0["via"]?["source"]?["from"]?["ticket_id"] == .integer(id) }
    }

    @Test(arguments: Engine.allCases)
    func `is followed by another one that takes what its task has new`(_ engine: Engine) async throws {
        try await Desk.with(engine) { desk in
            let (id, task) = try await Self.closed(desk)
            try await desk.say("It burns again.", on: task)
            // What was done and is not answered is found again.
            try await desk.house.stand.fault(["kind": "drop_after", "times": 2, "path": "tickets$"])
            try await desk.settle()
            let followers = try await Self.followers(of: id, desk)
            try #require(followers.count == 1)
            #expect(followers[0]["subject"] == "Printer" && followers[0]["status"] == "solved")
            #expect(followers[0]["tags"] == ["fire"])
            let next = try #require(followers[0]["id"]?.integer)
            #expect(try await Self.said(next, desk) == ["This goes on from #\(id).", "It burns again."])
            #expect(try await Self.said(id, desk) == ["What of Printer?"])

            try await desk.agent(next, ["status": "open", "comment": ["body": "We come."]])
            try await desk.settle()
            #expect(try await desk.house.items(.tasks).map(\.id) == [task])
            #expect(try await desk.house.items(.tasks).first?["status"] == "in_progress")
            #expect(try await desk.house.items(.comments).count == 2)
            let pairs = try await desk.store.zendesk.page(.init(), of: nil, status: nil)
            #expect(Set(pairs.map(\.state)) == [.open, .closed])
            #expect(Set(pairs.compactMap(\.ticketID)) == [Int(id), Int(next)])
        }
    }

    private static func said(_ id: Int64, _ desk: Desk) async throws -> [String] {
        try await desk.house.stand.effects("comment").filter { $0["ticket"]?.integer == id }
            .compactMap { $0["body"]?.string }
    }

    @Test func `is followed when its task is taken up again, and by nothing else`() async throws {
        try await Desk.with { desk in
            let (id, task) = try await Self.closed(desk)
            try await desk.change(task, ["title": "Printer, done with"])
            try await desk.settle()
            #expect(try await desk.tickets().count == 1)
            try await desk.change(task, ["status": "in_progress"])
            try await desk.settle()
            let follower = try #require(try await Self.followers(of: id, desk).first)
            #expect(follower["status"] == "open" && follower["subject"] == "Printer, done with")
            let closed = try #require(try await desk.tickets().first)
            #expect(closed["status"] == "closed" && closed["subject"] == "Printer")
            #expect(follower["requester_id"] == closed["requester_id"])
            #expect(try await desk.house.items(.tasks).count == 1)
        }
    }

    @Test func `says why none can follow it`() async throws {
        try await Desk.with { desk in
            let (_, task) = try await Self.closed(desk)
            try await desk.house.stand.act(["settings": ["solve_needs": "Product"]])
            try await desk.say("It burns again.", on: task)
            try await desk.settle()
            let connection = desk.house.connection.id
            let refused = try await desk.store.zendesk.find(connection, task: task)
            #expect(refused?.error?.contains("Product: is required") == true)
            #expect(try await desk.tickets().count == 1)
            try await desk.house.stand.act(["settings": ["solve_needs": .null]])
            try await desk.say("It really does.", on: task)
            try await desk.settle()
            #expect(try await desk.store.zendesk.find(connection, task: task)?.error == nil)
            #expect(try await desk.tickets().count == 2)
        }
    }
}

@Suite struct `A ticket with a long history` {
    @Test func `still shows which of our comments it has`() async throws {
        try await Desk.with { desk in
            let id = try await desk.ticket(subject: "Printer")
            let changes: [JSON] = (0..<2_100).map { number in
                ["update": ["id": .integer(id), "priority": number.isMultiple(of: 2) ? "high" : "low"]]
            }
            try await desk.house.stand.act(["all": .array(changes)])
            try await desk.settle()
            try await desk.say("Here.", on: try await desk.house.item(.tasks, "title", "Printer").id)
            try await desk.house.stand.fault(["kind": "drop_after", "times": 2, "path": "tickets/[0-9]+$"])
            try await desk.settle()
            let said = try await desk.house.stand.effects("comment").compactMap { $0["body"]?.string }
            #expect(said == ["What of Printer?", "Here."])
        }
    }
}
