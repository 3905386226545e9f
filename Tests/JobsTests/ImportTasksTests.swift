import Automation
import Core
import Integrations
import Work
import Queue
import Jobs
import Store
import TestHouse
import Testing
import Workspace

@Suite struct `The job import_tasks` {
    private func file(rows: Int) -> String {
        (1...rows).reduce("title,priority,project,depends_on\n") { text, row in
            let priority = row % 50 == 0 ? "urgent" : "high"
            return text + "Task \(row),\(priority),Garden,\(row > 1 ? "Task \(row - 1)" : "")\n"
        }
    }

    @Test(arguments: Engine.allCases)
    func `keeps the good rows and lists the bad ones with line and reason`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let upload = try bench.upload(file(rows: 1_000))
            let claim = try await bench.claim("import_tasks", ["upload_id": .string(upload.text)])
            let result = try result(of: await bench.attempt(claim))
            #expect(result["created"]?.integer == 980)
            #expect(result["rejected"]?.integer == 20)
            #expect(result["errors"]?.array?.first?["line"]?.integer == 51)
            #expect(result["errors"]?.array?.first?["column"]?.string == "priority")
            let tasks = try await bench.house.store.tasks.all(bench.house.workspace)
            #expect(tasks.count == 980)
            #expect(
                try await bench.house.store.projects.list(bench.house.workspace).map(\.name) == ["Garden"])
            #expect(
                try await bench.queue.look([claim.envelope.id]).first??.progress?["percent"]?.double == 100)
        }
    }

    @Test(arguments: Engine.allCases)
    func `goes on where an attempt stopped and makes no row twice`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let text = file(rows: 450)
            let upload = try bench.upload(text)
            let claim = try await bench.claim("import_tasks", ["upload_id": .string(upload.text)])
            // What an attempt that was killed after its first batch leaves behind.
            let job = claim.envelope.id
            let checkpoint = Store.Imports.Checkpoint(
                workspace: bench.house.workspace, job: job, importedAt: .now)
            var (reader, desk) = (
                CSV(), ImportDesk(store: bench.house.store, project: nil, checkpoint: checkpoint)
            )
            let records = reader.feed(text.utf8)
            let rows = try TaskImport(header: records[0], job: job, importedAt: checkpoint.importedAt)
            try await desk.write(records[1...200].map { ($0, rows.row($0)) })
            let result = try result(of: await bench.attempt(claim))
            #expect(result["created"]?.integer == 441)
            #expect(result["rejected"]?.integer == 9)
            let titles = try await bench.house.store.tasks.all(bench.house.workspace).map(\.title)
            #expect(titles.count == 441)
            #expect(Set(titles).count == 441)
        }
    }

    @Test func `makes no row twice when it runs again from the start`() async throws {
        try await Bench.with { bench async throws in
            let upload = try bench.upload(file(rows: 120))
            let claim = try await bench.claim("import_tasks", ["upload_id": .string(upload.text)])
            _ = try result(of: await bench.attempt(claim))
            let again = try result(of: await bench.attempt(claim))
            #expect(again["created"]?.integer == 118)
            #expect(try await bench.house.store.tasks.all(bench.house.workspace).count == 118)
        }
    }

    @Test(arguments: Engine.allCases)
    func `takes a JSON list as it takes a file of lines`(_ engine: Engine) async throws {
        try await Bench.with(engine) { bench async throws in
            let text = """
                 {"tasks": [{"title": "Dig", "project": "Garden", "time_estimate": 1.5},
                {"title": "Plant", "depends_on": ["Dig"], "due_date": "+3d"}, 7, {"title": ""}]}
                """
            let upload = try bench.upload(text)
            let claim = try await bench.claim("import_tasks", ["upload_id": .string(upload.text)])
            let result = try result(of: await bench.attempt(claim))
            #expect(result["created"]?.integer == 2 && result["rejected"]?.integer == 2)
            #expect(result["errors"]?.array?.compactMap { $0["line"]?.integer } == [3, 4])
            let tasks = try await bench.house.store.tasks.all(bench.house.workspace)
            #expect(tasks.map(\.title).sorted() == ["Dig", "Plant"])
            let first = try #require(tasks.first { $0.title == "Dig" })
            #expect(tasks.first { $0.title == "Plant" }?.dependsOn == [first.id])
            _ = try await bench.attempt(claim)
            #expect(try await bench.house.store.tasks.all(bench.house.workspace).count == 2)
        }
    }

    @Test func `says what is wrong with a file it cannot use`() async throws {
        try await Bench.with { bench async throws in
            for (text, words) in [
                ("", "empty"), ("name,when\nx,y\n", "title"), ("{\"a\": 1}", "list"), ("[1", "no JSON"),
            ] {
                let upload = try bench.upload(text)
                let claim = try await bench.claim("import_tasks", ["upload_id": .string(upload.text)])
                #expect(try death(of: await bench.attempt(claim)).message.contains(words))
            }
            let claim = try await bench.claim("import_tasks", ["upload_id": .string(ID().text)])
            #expect(try death(of: await bench.attempt(claim)).kind == .missing)
        }
    }
}
