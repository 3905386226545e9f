import Automation
import Core
import Curl
import Foundation
import Queue
import Store
import Testing

@testable import API

@Suite struct `An upload` {
    @Test func `is kept byte for byte, with its hash`() async throws {
        try await Running.with { house in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let manner = Running.Manner(key: house.key, type: "application/octet-stream")
            let kept = try await house.ask("POST", "/api/uploads", .bytes(bytes), as: manner)
            #expect(kept.status == 201)
            #expect(kept.json["bytes"] == 3_000_000)
            let id = try #require(kept.json["id"]?.string.flatMap { ID($0) })
            let path = house.uploads.path(house.workspace, id)
            #expect(FileManager.default.contents(atPath: path) == Data(bytes))
            #expect(kept.json["sha256"]?.string?.count == 64)
            #expect(try await house.delete("/api/uploads/\(id)", key: house.stranger).status == 404)
            #expect(try await house.delete("/api/uploads/\(id)").status == 204)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: [false, true]) func `over the limit leaves nothing behind`(isChunked: Bool) async throws
    {
        try await Running.with(adjust: { $0.bounds.upload = 1_000 }) { house in
            let small = try await house.ask("POST", "/api/uploads", .bytes([1]), as: .init(key: house.key))
            let first = try #require(small["location"])
            #expect(try await house.delete(first).status == 204)
            let answer =
                isChunked
                ? try await house.chunked("/api/uploads", pieces: 5, of: 500)
                : try await house.ask(
                    "POST", "/api/uploads", .bytes([UInt8](repeating: 1, count: 1_001)),
                    as: .init(key: house.key)
                ).status
            #expect(answer == 413)
            let folder = "\(house.uploads.folder)/\(house.workspace)"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }
}

extension `An upload` {
    @Test func `that breaks off leaves nothing behind`() async throws {
        try await Running.with { house in
            let folder = "\(house.uploads.folder)/\(house.workspace)"
            let files = { try FileManager.default.contentsOfDirectory(atPath: folder) }
            try await house.breakOff("/api/uploads", after: 500, of: 1_000) {
                try await eventually { (try? files())?.count == 1 }
            }
            try await eventually { try files().isEmpty }
        }
    }
}

@Suite struct `An import` {
    private static let csv = Array("title,status\nDig,todo\nPlant,done\n".utf8)

    @Test func `is one call: the file is kept and the job durable`() async throws {
        try await Running.with { house in
            let manner = Running.Manner(key: house.key, type: "text/csv")
            let answer = try await house.ask("POST", "/api/tasks/import", .bytes(Self.csv), as: manner)
            #expect(answer.status == 202)
            #expect(answer.json["acceptance"]?.string == "durable")
            let job = try await house.get(try #require(answer["location"])).json
            #expect(job["name"]?.string == "import_tasks")
            let id = try #require(job["arguments"]?["upload_id"]?.string.flatMap { ID($0) })
            let path = house.uploads.path(house.workspace, id)
            #expect(FileManager.default.contents(atPath: path) == Data(Self.csv))
        }
    }

    @Test func `sent twice under one key is one job and one file`() async throws {
        try await Running.with { house in
            let manner = Running.Manner(key: house.key, type: "text/csv", headers: ["Idempotency-Key": "i"])
            let first = try await house.ask("POST", "/api/tasks/import", .bytes(Self.csv), as: manner)
            let second = try await house.ask("POST", "/api/tasks/import", .bytes(Self.csv), as: manner)
            #expect(first.json["id"] == second.json["id"])
            let other = try await house.ask("POST", "/api/tasks/import", .bytes(Self.csv + [65]), as: manner)
            #expect(other.status == 422)
            let folder = "\(house.uploads.folder)/\(house.workspace)"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            #expect(try await house.queue().depths().backlog == 1)
        }
    }

    @Test func `is refused for another type and another workspace's project`() async throws {
        try await Running.with { house in
            let plain = Running.Manner(key: house.key, type: "text/plain")
            let text = try await house.ask("POST", "/api/tasks/import", .bytes(Self.csv), as: plain)
            #expect(text.status == 415)
            let manner = Running.Manner(key: house.key, type: "text/csv")
            let path = "/api/tasks/import?project_id=\(ID())"
            #expect(try await house.ask("POST", path, .bytes(Self.csv), as: manner).status == 404)
        }
    }
}

@Suite struct `A sandbox message` {
    @Test func `is listed and shown whole, to its workspace only`() async throws {
        try await Running.with { house in
            let message = Store.Sandbox.Message(
                workspace: house.workspace, channel: "email", recipient: "ann@example.org", subject: "Hello",
                body: "Hi", raw: "Subject: Hello\r\n\r\nHi")
            try await house.store.sandbox.add(message)
            let list = try await house.get("/api/outbox/messages?channel=email").json["messages"]?.array ?? []
            #expect(list.map { $0["subject"]?.string } == ["Hello"])
            #expect(list.first?["raw"] == nil)
            let shown = try await house.get("/api/outbox/messages/\(message.id)").json
            #expect(shown["raw"]?.string == "Subject: Hello\r\n\r\nHi")
            #expect(
                try await house.get("/api/outbox/messages/\(message.id)", key: house.stranger).status == 404)
            #expect(try await house.get("/api/outbox/messages?channel=sms").json["messages"] == [])
        }
    }
}
