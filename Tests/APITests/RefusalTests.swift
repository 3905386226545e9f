import Core
import Curl
import Queue
import Testing

@testable import API

@Suite struct `A job request` {
    /// A request that must be refused, and with which status at which field.
    struct Case: Sendable, CustomTestStringConvertible {
        let json: JSON
        let refusal: String

        var testDescription: String { "\(refusal) for \(json.text.prefix(70))" }

        init(_ json: JSON, _ refusal: String) {
            self.json = json
            self.refusal = refusal
        }
    }

    static let past = "2020-01-01T00:00:00Z"
    static let cases = [
        Case([:], "400 /name"), Case(["name": 3], "400 /name"), Case(["name": "no_such_job"], "422 /name"),
        Case(["name": "import_tasks"], "422 /arguments/upload_id"),
        Case(["name": "import_tasks", "arguments": ["upload_id": 5]], "422 /arguments/upload_id"),
        Case(["name": "analyze_workspace", "arguments": ["sed": 5]], "422 /arguments/sed"),
        Case(["name": "analyze_workspace", "arguments": [1]], "422 /arguments"),
        Case(["name": "analyze_workspace", "colour": "red"], "400 /colour"),
        Case(["name": "analyze_workspace", "queue": "No Queue"], "422 /queue"),
        Case(["name": "analyze_workspace", "priority": "urgent"], "422 /priority"),
        Case(["name": "analyze_workspace", "run_at": .string(past)], "422 /run_at"),
        Case(["name": "analyze_workspace", "run_at": "tomorrow"], "400 /run_at"),
        Case(["name": "analyze_workspace", "run_at": "2999-01-01T00:00:00Z"], "422 /run_at"),
        Case(
            ["name": "analyze_workspace", "run_at": "2099-01-01T00:00:00Z", "delay_seconds": 1], "422 /run_at"
        ),
        Case(["name": "analyze_workspace", "delay_seconds": -1], "422 /delay_seconds"),
        Case(["name": "analyze_workspace", "expires_at": .string(past)], "422 /expires_at"),
        Case(
            [
                "name": "analyze_workspace", "delay_seconds": 7_200,
                "expires_at": .string((Moment.now + .seconds(3_600)).text),
            ], "422 /expires_at"),
        Case(["name": "analyze_workspace", "max_attempts": 0], "422 /max_attempts"),
        Case(["name": "analyze_workspace", "timeout_seconds": 0], "422 /timeout_seconds"),
        Case(["name": "analyze_workspace", "tags": .array((0..<11).map { .string("t\($0)") })], "422 /tags"),
        Case(
            ["name": "analyze_workspace", "tags": ["ok", .string(String(repeating: "x", count: 65))]],
            "422 /tags/1"),
    ]

    @Test func `is refused where it is wrong, with the field that is`() async throws {
        try await Running.with { house in
            for wrong in Self.cases {
                let answer = try await house.post("/api/jobs", wrong.json)
                #expect(answer.refusal == wrong.refusal, "\(wrong.json.text): \(answer.text)")
                #expect(answer["content-type"] == "application/problem+json")
                #expect(answer.json["detail"]?.string?.isEmpty == false)
            }
            #expect(try await house.queue().depths().backlog == 0)
        }
    }

    @Test func `with arguments over the limit is refused with 413 and the limit`() async throws {
        try await Running.with { house in
            let long = JSON.string(String(repeating: "x", count: Queue.payloadLimit))
            let answer = try await house.post(
                "/api/jobs", ["name": "import_tasks", "arguments": ["upload_id": long]])
            #expect(answer.refusal == "413 /arguments")
            #expect(answer.json["detail"]?.string?.contains("\(Queue.payloadLimit) bytes") == true)
            let huge = try await house.ask(
                "POST", "/api/jobs", .bytes([UInt8](repeating: 0x20, count: 2 << 20)),
                as: .init(key: house.key))
            #expect(huge.status == 413)
            #expect(huge.json["detail"]?.string?.contains("bytes at most") == true)
        }
    }

    @Test func `that is no JSON is refused`() async throws {
        try await Running.with { house in
            for text in ["{", "[1", "{\"name\":\"a\",\"name\":\"b\"}", "nonsense", ""] {
                let answer = try await house.ask(
                    "POST", "/api/jobs", .bytes(Array(text.utf8)), as: .init(key: house.key))
                #expect(answer.status == 400, "\(text): \(answer.text)")
            }
        }
    }

    @Test func `of the wrong content type is refused with 415`() async throws {
        try await Running.with { house in
            for type in ["text/plain", "application/x-www-form-urlencoded", nil] {
                let answer = try await house.ask(
                    "POST", "/api/jobs", .bytes(Array("{\"name\":\"analyze_workspace\"}".utf8)),
                    as: .init(key: house.key, type: type))
                #expect(answer.status == 415)
            }
            let right = try await house.ask(
                "POST", "/api/jobs", .bytes(Array("{\"name\":\"analyze_workspace\"}".utf8)),
                as: .init(key: house.key, type: "application/json; charset=utf-8"))
            #expect(right.status == 202)
        }
    }
}
