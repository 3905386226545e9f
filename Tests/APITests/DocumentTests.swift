import Workspace
import Core
import Testing

@testable import API

/// Holds every answer of every test to the document: a status that it does not tell of is an issue.
enum Documented {
    private static let operations = document()

    static func document(_ version: String = "1.2.3") -> JSON {
        Document(Routes.all, version: version).json["paths"] ?? .null
    }

    @Sendable static func expect(_ method: String, _ route: String, _ status: Int) {
        // What the front answers for no route, or before it has one, is no route's answer.
        guard route != "none", ![405, 414].contains(status), method != "OPTIONS" else { return }
        let verb = method == "HEAD" ? "get" : method.lowercased()
        let responses = operations[route]?[verb]?["responses"]
        #expect(responses?[String(status)] != nil, "\(method) \(route) answered \(status), undocumented")
    }
}

@Suite struct `The document` {
    private var document: JSON { Document(Routes.all, version: "1.2.3").json }

    private func operations() -> [(name: String, operation: JSON)] {
        (document["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).map { ("\($0.name.uppercased()) \(path.name)", $0.value) }
        }
    }

    @Test func `tells of every route and of no other`() async throws {
        try await Running.with { house in
            let served = try await house.get("/openapi.json").json
            let told = (served["paths"]?.members ?? []).flatMap { path in
                (path.value.members ?? []).map { "\($0.name.uppercased()) \(path.name)" }
            }
            let routed = house.registered.filter { !$0.hasPrefix("HEAD ") }
            #expect(Set(told) == Set(routed))
            #expect(told.count == routed.count)
        }
    }

    @Test func `calls every operation by a name of its own that speaks`() {
        let names = operations().compactMap { $0.operation["operationId"]?.string }
        #expect(Set(names).count == names.count)
        #expect(names.count == Routes.all.count)
        for name in [
            "createTask", "listTasks", "getTask", "updateTask", "deleteTask", "cancelJob", "retryJob",
        ] {
            #expect(names.contains(name), "\(name) is not among \(names)")
        }
        #expect(names.allSatisfy { $0.first?.isLowercase == true && $0.allSatisfy(\.isLetter) })
    }

    @Test func `tells of every refusal by its own status`() {
        for (name, operation) in operations() {
            let statuses = Set((operation["responses"]?.members ?? []).map(\.name))
            #expect(statuses.isSuperset(of: ["400", "429", "503"]), "\(name)")
            #expect(!statuses.contains("default"), "\(name)")
            #expect(!statuses.contains("500"), "\(name)")
            if operation["security"] == nil { #expect(statuses.contains("401"), "\(name)") }
            if name.contains("{") { #expect(statuses.contains("404"), "\(name)") }
            if operation["requestBody"] != nil {
                #expect(statuses.isSuperset(of: ["413", "415", "422"]), "\(name)")
            }
        }
    }

    @Test func `refers to nothing that it does not hold`() {
        func references(_ json: JSON) -> [String] {
            switch json {
            case .object(let members):
                members.flatMap { member in
                    member.name == "$ref" ? [member.value.string ?? ""] : references(member.value)
                }
            case .array(let items): items.flatMap(references)
            default: []
            }
        }
        let document = document
        let all = Set(references(document))
        #expect(!all.isEmpty)
        for reference in all {
            #expect(document.value(at: String(reference.dropFirst())) != nil, "\(reference)")
        }
    }

    @Test func `shows an example of every schema, request and answer`() {
        for schema in document.value(at: "/components/schemas")?.members ?? [] {
            #expect(schema.value["examples"]?.array?.isEmpty == false, "\(schema.name)")
        }
        for (name, operation) in operations() {
            if let content = operation.value(at: "/requestBody/content/application~1json") {
                #expect(content["example"] != nil, "\(name)")
            }
        }
    }

    @Test func `leads from what was made to what can be done with it`() throws {
        let created = try #require(
            operations().first { $0.name == "POST /api/tasks" }?.operation.value(at: "/responses/201"))
        #expect(created.value(at: "/links/GetTask/operationId")?.string == "getTask")
        #expect(created.value(at: "/links/DeleteTask/parameters/id")?.string == "$response.body#/id")
        let accepted = operations().first { $0.name == "POST /api/jobs" }?.operation
        #expect(accepted?.value(at: "/responses/202/links/CancelJob") != nil)
    }

    @Test func `gives examples that the rules of a noun take`() throws {
        for resource in Routes.resources {
            guard
                let operation = operations().first(where: { $0.name == "POST \(resource.path)" })?.operation,
                operation.value(at: "/requestBody/content/application~1json") != nil
            else { continue }
            let example = try #require(
                operation.value(at: "/requestBody/content/application~1json/example"), "\(resource.path)")
            #expect(throws: Never.self) { _ = try resource.noun.read(example) }
        }
    }
}

@Suite struct `A row's ETag` {
    @Test func `answers 304 while the row is as the caller has it`() async throws {
        try await Running.with { house in
            let made = try await house.post("/api/projects", ["name": "One"])
            let (path, tag) = (try #require(made["location"]), try #require(made["etag"]))
            func ask(_ known: String) async throws -> Heard {
                try await house.ask("GET", path, as: .init(key: house.key, headers: ["If-None-Match": known]))
            }
            for known in [tag, "*", "W/\(tag)", "\"other\", \(tag)"] {
                let same = try await ask(known)
                #expect(same.status == 304)
                #expect(same.body.isEmpty)
                #expect(same["etag"] == tag)
            }
            #expect(try await ask("\"999\"").status == 200)
            _ = try await house.send("PUT", path, ["name": "Two"])
            let changed = try await ask(tag)
            #expect(changed.status == 200)
            #expect(changed["etag"] != tag)
        }
    }
}

@Suite struct `The page of documentation` {
    @Test func `is served whole, and may load nothing from elsewhere`() async throws {
        try await Running.with { house in
            let page = try await house.ask("GET", "/docs", as: .init(type: nil))
            #expect(page.status == 200)
            #expect(page["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page["content-security-policy"])
            #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(!page.text.contains("//") || !page.text.contains("http"))
            for part in page.text.matches(of: /(?:src|href)="([^"#]+)"/).map({ String($0.1) })
            where !part.hasPrefix("data:") {
                #expect(try await house.ask("GET", "/\(part)", as: .init(type: nil)).status == 200, "\(part)")
            }
            // What a page of this policy could not run.
            #expect(!page.text.contains("style=") && !page.text.contains("onclick"))
            #expect(page.text.matches(of: /<script[^>]*>/).allSatisfy { $0.output.contains("src=") })
            let script = try await house.ask("GET", "/docs.js", as: .init(type: nil)).text
            for word in ["innerHTML", "eval(", "localStorage", "sessionStorage", "document.cookie"] {
                #expect(!script.contains(word), "\(word)")
            }
        }
    }
}
