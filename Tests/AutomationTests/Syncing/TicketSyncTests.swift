import Automation
import Core
import Integrations
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `Syncing tickets of Zendesk` {
    @Test(arguments: Engine.allCases) func `makes tasks of tickets, once`(_ engine: Engine) async throws {
        try await Desk.with(engine) { desk in
            let id = try await desk.ticket(subject: "Printer on fire", priority: "urgent", tags: ["fire"])
            try await desk.said(id, "It still burns.")
            for _ in 0..<3 { try await desk.sync() }
            let task = try await desk.house.item(.tasks, "title", "Printer on fire")
            #expect(task["priority"] == "high")
            #expect(task["status"] == "todo")
            #expect(task["description"] == "What of Printer on fire?")
            #expect(try await desk.house.texts(.labels, "name") == ["fire"])
            #expect(try await desk.house.items(.tasks).count == 1)
            let comments = try await desk.house.texts(.comments, "content")
            #expect(comments.count == 1 && comments[0].hasSuffix("\nIt still burns."))
            #expect(try await desk.house.texts(.contacts, "name") == ["Carla Customer"])
            #expect(try await desk.house.stand.effects("update").isEmpty)
        }
    }

    @Test(arguments: Engine.allCases) func `makes tickets of tasks, once whatever is lost`(
        _ engine: Engine
    ) async throws {
        try await Desk.with(engine) { desk in
            let task = try await desk.task("Ours", status: "in_progress")
            try await desk.house.stand.fault(["kind": "drop_after", "times": 3, "path": "tickets$"])
            for _ in 0..<6 { try await desk.sync() }
            #expect(try await desk.house.stand.effects("create").count == 1)
            let ticket = try #require(try await desk.tickets().first)
            #expect(ticket["subject"] == "Ours")
            #expect(ticket["status"] == "open")
            #expect(ticket["external_id"]?.string == "atom-task-\(task)")
            #expect(try await desk.house.items(.tasks).count == 1)
        }
    }

    @Test(arguments: [false, true]) func `knows the tickets of its tasks from a connection before`(
        _ isNoticed: Bool
    ) async throws {
        try await Desk.with { desk in
            let task = try await Store.Zendesk.$isBringing.withValue(!isNoticed) {
                try await desk.task("Ours", status: "todo")
            }
            try await desk.house.stand.act([
                "ticket": [
                    "subject": "Ours", "comment": ["body": "Ours."],
                    "external_id": .string("atom-task-\(task)"),
                ]
            ])
            // The job of a task that was noticed comes before the first reading.
            if isNoticed { _ = try await desk.work() }
            for _ in 0..<3 { try await desk.sync() }
            #expect(try await desk.tickets().count == 1)
            #expect(try await desk.house.texts(.tasks, "title") == ["Ours"])
        }
    }

    @Test func `carries changes both ways and then rests`() async throws {
        try await Desk.with { desk in
            let id = try await desk.ticket(subject: "Printer")
            try await desk.sync()
            let task = try await desk.house.item(.tasks, "title", "Printer")
            try await desk.change(task.id, ["title": "Printer, again", "status": "in_progress"])
            try await desk.agent(id, ["priority": "high"])
            try await desk.settle()
            let ticket = try #require(try await desk.tickets().first)
            #expect(ticket["subject"] == "Printer, again")
            #expect(ticket["status"] == "open")
            #expect(try await desk.house.item(.tasks, "title", "Printer, again")["priority"] == "high")
            let writes = try await desk.house.stand.effects("update")
            #expect(writes.count == 1)
            for _ in 0..<3 { try await desk.sync() }
            #expect(try await desk.house.stand.effects("update").count == 1)
        }
    }

    @Test func `does not take its own lost change for somebody else's`() async throws {
        try await Desk.with { desk in
            _ = try await desk.ticket(subject: "Printer")
            try await desk.settle()
            let task = try await desk.house.item(.tasks, "title", "Printer")
            try await desk.change(task.id, ["status": "done"])
            try await Task.sleep(for: TicketPause.tick)
            try await desk.house.stand.fault(["kind": "drop_after", "times": 1, "path": "tickets/[0-9]+$"])
            try await desk.house.stand.fault(["kind": "drop_after", "times": 1, "path": "tickets/[0-9]+$"])
            try await desk.sync()
            // Zendesk's status would win over this, were the one there not our own.
            try await desk.change(task.id, ["status": "in_progress"])
            try await desk.settle()
            #expect(try await desk.tickets().first?["status"] == "open")
            #expect(try await desk.house.items(.tasks).first?["status"] == "in_progress")
        }
    }

    @Test func `says each comment once, whatever is lost`() async throws {
        try await Desk.with { desk in
            let id = try await desk.ticket(subject: "Printer")
            try await desk.settle()
            let task = try await desk.house.item(.tasks, "title", "Printer")
            for text in ["One.", "Two."] {
                try await desk.store.rows(.comments).create(
                    Values(["task_id": JSON(task.id), "content": .string(text)]))
            }
            try await desk.house.stand.fault(["kind": "drop_after", "times": 2, "path": "tickets/[0-9]+$"])
            try await desk.settle()
            let said = try await desk.house.stand.effects("comment").filter { $0["ticket"]?.integer == id }
            #expect(said.compactMap { $0["body"]?.string } == ["What of Printer?", "One.", "Two."])
            #expect(try await desk.house.items(.comments).count == 2)
        }
    }

    @Test func `keeps what Zendesk refuses here, and says why`() async throws {
        try await Desk.with { desk in
            _ = try await desk.ticket(subject: "Printer")
            try await desk.settle()
            let task = try await desk.house.item(.tasks, "title", "Printer")
            try await desk.house.stand.act(["settings": ["solve_needs": "Product"]])
            try await desk.change(task.id, ["status": "done"])
            try await desk.settle()
            let pair = try #require(
                try await desk.store.zendesk.find(desk.house.connection.id, task: task.id))
            #expect(pair.error?.contains("Product: is required") == true)
            #expect(try await desk.house.items(.tasks).first?["status"] == "done")
            try await desk.house.stand.act(["settings": ["solve_needs": .null]])
            try await desk.change(task.id, ["title": "Printer, solved"])
            try await desk.settle()
            #expect(try await desk.tickets().first?["status"] == "solved")
            #expect(try await desk.tickets().first?["subject"] == "Printer, solved")
        }
    }

    @Test func `lets go of what was deleted on either side`() async throws {
        try await Desk.with { desk in
            let (first, second) = (
                try await desk.ticket(subject: "First"), try await desk.ticket(subject: "Second")
            )
            try await desk.settle()
            try await desk.house.stand.act(["delete": .integer(first)])
            try await desk.store.rows(.tasks).delete(
                try await desk.house.item(.tasks, "title", "Second").id)
            try await desk.agent(second, ["subject": "Second, changed"])
            try await desk.settle()
            #expect(try await desk.house.texts(.tasks, "title") == ["First"])
            let left = try await desk.tickets().filter { $0["status"] != "deleted" }
            #expect(left.compactMap { $0["subject"]?.string } == ["Second, changed"])
        }
    }
}
