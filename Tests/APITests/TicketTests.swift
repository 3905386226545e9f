import Core
import Store
import TestHouse
import Testing
import Workspace

@testable import API

@Suite struct `Tickets of Zendesk` {
    private static let path = "/integrations/zendesk/tickets"
    private static let draft: JSON = ["subject": "Printer", "body": "It burns.", "tags": ["fire"]]

    private static func connect(_ house: Running, _ name: String = "Ours") async throws -> String {
        let made = try await house.post(
            "/api/integrations/zendesk/connect",
            [
                "name": .string(name),
                "fields": ["subdomain": "acme", "email": "agent@example.org", "api_token": "canary"],
            ])
        return try #require(made.json["id"]?.string, "\(made.text)")
    }

    /// The arguments of the job that an answer names.
    private static func arguments(_ answer: Heard, _ house: Running) async throws -> JSON {
        #expect(answer.status == 202, "\(answer.text)")
        let id = try #require(answer.json["job_id"]?.string)
        let job = try await house.get("/api/jobs/\(id)")
        return try #require(job.json["arguments"], "\(job.text)")
    }

    @Test(arguments: Engine.allCases) func `are asked for by jobs`(_ engine: Engine) async throws {
        try await Running.with(engine) { house async throws in
            let connection = JSON.string(try await Self.connect(house))
            let made = try await house.post(Self.path, Self.draft)
            #expect(made.json["connection_id"] == connection)
            let words: JSON = ["body": "It burns.", "public": false]
            let ticket: JSON = ["subject": "Printer", "tags": ["fire"], "comment": words]
            #expect(
                try await Self.arguments(made, house) == ["ticket": ticket, "connection_id": connection])
            let changed = try await house.send(
                "PUT", "\(Self.path)/7", ["status": "solved", "connection_id": connection])
            let changes: JSON = [
                "ticket_id": 7, "changes": ["status": "solved"], "connection_id": connection,
            ]
            #expect(try await Self.arguments(changed, house) == changes)
            let said = try await house.post(
                "\(Self.path)/7/comments", ["body": "We come.", "public": true])
            let comment: JSON = [
                "ticket_id": 7, "comment": ["body": "We come.", "public": true], "connection_id": connection,
            ]
            #expect(try await Self.arguments(said, house) == comment)
        }
    }

    @Test func `are asked for once under one key`() async throws {
        try await Running.with { house async throws in
            _ = try await Self.connect(house)
            let key = ["Idempotency-Key": "\"\(ID())\""]
            let first = try await house.post(Self.path, Self.draft, key)
            let again = try await house.post(Self.path, Self.draft, key)
            #expect(again.json["job_id"] != nil && again.json["job_id"] == first.json["job_id"])
            let other = try await house.post("\(Self.path)/7/comments", ["body": "Else."], key)
            #expect(other.status == 422, "\(other.text)")
        }
    }

    @Test func `are refused for what they do not say, or say wrongly`() async throws {
        try await Running.with { house async throws in
            #expect(try await house.post(Self.path, Self.draft).refusal == "422 /connection_id")
            let shop = try await house.post(
                "/api/integrations/stripe/connect", ["name": "Shop", "fields": ["secret_key": "sk"]])
            _ = try await Self.connect(house)
            let cases: [(String, JSON, String)] = [
                ("", ["body": "x"], "422 /subject"), ("", ["subject": "x"], "422 /body"),
                ("", ["subject": "x", "body": "y", "surprise": 1], "400 /surprise"),
                ("", ["subject": "x", "body": "y", "status": "closed"], "422 /status"),
                ("", ["subject": "x", "body": "y", "tags": [""]], "422 /tags/0"),
                (
                    "", ["subject": "x", "body": "y", "requester": ["name": "x", "email": "y"]],
                    "422 /requester/email"
                ),
                (
                    "", ["subject": "x", "body": "y", "connection_id": shop.json["id"] ?? .null],
                    "422 /connection_id"
                ),
                ("/7/comments", ["body": ""], "422 /body"), ("/0/comments", ["body": "x"], "404 -"),
            ]
            for (path, body, refusal) in cases {
                let answer = try await house.post(Self.path + path, body)
                #expect(answer.refusal == refusal, "\(body.text) \(answer.text)")
            }
        }
    }

    @Test(arguments: Engine.allCases) func `are listed as they were seen, to their workspace alone`(
        _ engine: Engine
    ) async throws {
        try await Running.with(engine) { house async throws in
            let connection = try await Self.connect(house)
            let id = try #require(ID(connection))
            let store = house.store.scoped(Scope(workspace: house.workspace))
            for (number, status) in [(1, "open"), (2, "solved")] {
                let seen: JSON = [
                    "id": JSON(number), "subject": "\"status\":\"open\"", "status": .string(status),
                    "priority": .null, "tags": [], "external_id": .null, "requester": .null,
                    "created_at": JSON(Moment.now), "updated_at": JSON(Moment.now),
                ]
                try await store.zendesk.notice((number, seen, .now), task: nil, of: id, isWanted: true)
            }
            let all = try await house.get("\(Self.path)?connection_id=\(connection)")
            #expect(all.json["tickets"]?.array?.compactMap { $0["id"]?.integer } == [2, 1], "\(all.text)")
            let open = try await house.get("\(Self.path)?status=open")
            #expect(open.json["tickets"]?.array?.compactMap { $0["id"]?.integer } == [1], "\(open.text)")
            #expect(try await house.get(Self.path, key: house.stranger).json["tickets"] == [])
            #expect(try await house.get("\(Self.path)?status=odd").status == 400)
        }
    }
}
