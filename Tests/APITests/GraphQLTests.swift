import Curl
import Core
import TestHouse
import Testing

@testable import API

extension Running {
    /// Sends a document as the administrator, or with another key.
    fileprivate func graph(_ query: String, _ variables: JSON = [:], key: String? = nil) async throws -> JSON
    {
        let body: JSON = ["query": .string(query), "variables": variables]
        let answer = try await ask("POST", "/graphql", .bytes(body.bytes), as: .init(key: key ?? self.key))
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }
}

@Suite struct `GraphQL` {
    private static let create = """
        mutation ($input: TaskInput!) { createTask(input: $input) { id title version project { name } } }
        """

    @Test(arguments: Engine.allCases)
    func `creates, reads, changes and deletes as the routes do`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            let project = try await house.graph(
                "mutation { createProject(input: {name: \"Garden\"}) { id status } }")
            #expect(project.value(at: "/data/createProject/status")?.string == "active")
            let projectID = try #require(project.value(at: "/data/createProject/id"))
            let made = try await house.graph(
                Self.create, ["input": ["title": "Dig", "project_id": projectID, "priority": "high"]])
            #expect(made.value(at: "/data/createTask/project/name")?.string == "Garden", "\(made.text)")
            let id = try #require(made.value(at: "/data/createTask/id")?.string)
            let rest = try await house.get("/api/tasks/\(id)").json
            #expect(rest["title"]?.string == "Dig")
            let changed = try await house.graph(
                """
                mutation ($id: ID!) {
                  updateTask(
                    id: $id, input: {status: in_progress, due_date: "2030-01-01T00:00:00+01:00"}, version: 1
                  ) {
                    status due_date version
                  }
                }
                """, ["id": .string(id)])
            #expect(
                changed["data"]?["updateTask"]
                    == ["status": "in_progress", "due_date": "2029-12-31T23:00:00.000Z", "version": 2],
                "\(changed.text)")
            let listed = try await house.graph(
                "{ tasks(status: in_progress, first: 5) { nodes { title created_at } next_cursor } }")
            #expect(listed.value(at: "/data/tasks/nodes/0/title")?.string == "Dig")
            #expect(listed.value(at: "/data/tasks/next_cursor") == .null)
            let gone = try await house.graph("mutation { deleteTask(id: \"\(id)\") }")
            #expect(gone.value(at: "/data/deleteTask")?.string == id)
            #expect(try await house.get("/api/tasks/\(id)").status == 404)
            #expect(try await house.graph("{ task(id: \"\(id)\") { id } }").value(at: "/data/task") == .null)
        }
    }

    @Test func `pages through a list and narrows it by the route's own parameters`() async throws {
        try await Running.with { house in
            for index in 0..<5 { _ = try await house.post("/api/tasks", ["title": .string("T\(index)")]) }
            let query =
                "query ($after: String) { tasks(first: 2, after: $after) { nodes { title } next_cursor } }"
            var (titles, after) = ([String](), JSON.null)
            repeat {
                let page = try await house.graph(query, ["after": after]).value(at: "/data/tasks") ?? .null
                titles += (page["nodes"]?.array ?? []).compactMap { $0["title"]?.string }
                after = page["next_cursor"] ?? .null
            } while after != .null
            #expect(titles == ["T4", "T3", "T2", "T1", "T0"])
            let found = try await house.graph("{ tasks(q: \"t3\") { nodes { title } } }")
            #expect(found.value(at: "/data/tasks/nodes")?.array?.count == 1)
            let wrong = try await house.graph("{ tasks(first: 900) { next_cursor } }")
            #expect(wrong.value(at: "/errors/0/extensions/status") == 400)
        }
    }

    @Test func `refuses with the status and pointer of the route, and keeps what it could answer`()
        async throws
    {
        try await Running.with { house in
            let long = String(repeating: "x", count: 5_000)
            let answer = try await house.graph(
                "mutation ($t: String!) { a: createTask(input: {title: \"ok\"}) { title } "
                    + "b: createTask(input: {title: $t}) { title } }", ["t": .string(long)])
            // The root cannot be null below a field that cannot, so all of the data is.
            #expect(answer["data"] == .null)
            #expect(answer.value(at: "/errors/0/extensions/status") == 422)
            #expect(answer.value(at: "/errors/0/extensions/pointer")?.string == "/title")
            #expect(answer.value(at: "/errors/0/path")?.text == "[\"b\"]")
            let stale = try await house.graph(
                "mutation { updateTask(id: \"\(ID())\", input: {title: \"x\"}) { id } }")
            #expect(stale.value(at: "/errors/0/extensions/status") == 404)
        }
    }

    @Test func `gives each caller the rights of the routes`() async throws {
        try await Running.with { house in
            let made = try await house.post("/api/projects", ["name": "Ours"]).json
            let id = try #require(made["id"]?.string)
            let query = "{ project(id: \"\(id)\") { name } projects { nodes { name } } }"
            let viewer = try await house.graph(query, key: house.viewer)
            #expect(viewer.value(at: "/data/project/name")?.string == "Ours")
            let stranger = try await house.graph(query, key: house.stranger)
            #expect(stranger["data"] == ["project": nil, "projects": ["nodes": []]])
            let write = try await house.graph(
                "mutation { createProject(input: {name: \"No\"}) { id } }", key: house.viewer)
            #expect(write.value(at: "/errors/0/extensions/status") == 403)
            for mutation in [
                "updateProject(id: \"\(id)\", input: {name: \"Theirs\"}) { id }",
                "deleteProject(id: \"\(id)\")",
            ] {
                let theirs = try await house.graph("mutation { \(mutation) }", key: house.stranger)
                #expect(theirs.value(at: "/errors/0/extensions/status") == 404)
            }
            // A row of theirs cannot be reached through a reference of ours either.
            let linked = try await house.graph(
                "mutation { createTask(input: {title: \"x\", project_id: \"\(id)\"}) { id } }",
                key: house.stranger)
            #expect(linked.value(at: "/errors/0/extensions/status") != nil)
            #expect(try await house.get("/api/projects/\(id)").json["name"]?.string == "Ours")
            let none = try await house.ask("POST", "/graphql", .bytes(Array("{}".utf8)), as: .init())
            #expect(none.status == 401)
        }
    }

    @Test(arguments: Engine.allCases)
    func `shows talks with models and what they propose to their person alone`(engine: Engine) async throws {
        try await Running.with(engine) { house in
            let made = try await house.post("/ai/chat", ["message": "My secret"]).json
            let id = try #require(made["conversation_id"]?.string)
            let late: JSON = ["title": "Dig", "due_date": "2020-01-01T00:00:00Z"]
            let task = try await house.post("/api/tasks", late).json["id"]?.string ?? ""
            #expect(try await house.post("/ai/suggestions/time-\(task)/accept", [:]).status == 201)
            let query = """
                {
                  conversation(id: "\(id)") { title }
                  conversations { nodes { title } }
                  chatMessages { nodes { content conversation { title } } }
                  aiActions { nodes { summary status } }
                }
                """
            let mine = try await house.graph(query)
            #expect(mine.value(at: "/data/conversation/title") == "My secret", "\(mine.text)")
            #expect(mine.value(at: "/data/conversations/nodes/0/title") == "My secret")
            #expect(mine.value(at: "/data/chatMessages/nodes/0/conversation/title") == "My secret")
            #expect(mine.value(at: "/data/aiActions/nodes/0/status") == "awaiting_approval")
            for other in [house.viewer, house.stranger] {
                let theirs = try await house.graph(query, key: other)
                let nothing: JSON = ["nodes": []]
                #expect(
                    theirs["data"] == [
                        "conversation": nil, "conversations": nothing, "chatMessages": nothing,
                        "aiActions": nothing,
                    ], "\(theirs.text)")
                let gone = try await house.graph("mutation { deleteConversation(id: \"\(id)\") }", key: other)
                #expect(gone["errors"] != nil)
            }
            for forged in [
                "createChatMessage(input: {content: \"x\"}) { id }",
                "createAiAction(input: {tool: \"x\"}) { id }",
            ] {
                #expect(try await house.graph("mutation { \(forged) }")["errors"] != nil)
            }
            #expect(try await house.get("/ai/conversations/\(id)").status == 200)
        }
    }

    @Test func `takes queries by GET, and no mutations`() async throws {
        try await Running.with { house in
            let answer = try await house.get("/graphql?query=%7B__typename%7D")
            #expect(answer.json["data"]?["__typename"]?.string == "Query")
            let document = "/graphql?query=mutation%20%7BdeleteTask(id:%221%22)%7D"
            let refused = try await house.get(document)
            #expect(refused.status == 405)
            #expect(refused["allow"] == "POST")
            #expect(try await house.get("/graphql").status == 400)
            #expect(try await house.post("/graphql", ["query": 1]).refusal == "400 /query")
            #expect(try await house.post("/graphql", ["query": "{ a }", "x": 1]).status == 400)
            let wrong = try await house.post("/graphql", ["query": "{ nothing }"])
            #expect(wrong.status == 200)
            #expect(wrong.json["data"] == nil)
        }
    }

    @Test func `knows every noun that the routes know, and answers questions about its types`() async throws {
        try await Running.with { house in
            let answer = try await house.graph(
                "{ __schema { types { name fields { name type { kind name ofType { name } } } } } }")
            let types = (answer.value(at: "/data/__schema/types")?.array ?? []).compactMap {
                $0["name"]?.string
            }
            for resource in Routes.resources { #expect(types.contains(resource.noun.schemaName)) }
            #expect(Set(types).count == types.count)
        }
    }
}
