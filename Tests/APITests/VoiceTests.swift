import Automation
import Core
import Curl
import Foundation
import Queue
import Store
import TestHouse
import Testing
import Workspace

@testable import API

@Suite struct `A recording sent to the API` {
    static func wav(_ mark: UInt8 = 0) -> [UInt8] {
        let format: [UInt8] = [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
        let sound = [mark, 45, 45, 13, 10] + [UInt8](repeating: 0, count: 15_995)
        return Array("RIFF".utf8) + [0xA4, 0x3E, 0, 0] + Array("WAVEfmt ".utf8) + format
            + Array("data".utf8) + [0x80, 0x3E, 0, 0] + sound
    }

    private func files(_ house: Running) throws -> [String] {
        let folder = "\(house.uploads.folder)/\(house.workspace)"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
    }

    private func form(_ parts: [(head: String, content: [UInt8])], end: String = "--x--\r\n") -> [UInt8] {
        parts.flatMap { part in
            Array("--x\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8) + part.content
                + Array("\r\n".utf8)
        } + Array(end.utf8)
    }

    private func send(
        _ house: Running, _ body: [UInt8], as type: String, to path: String = "/api/voice/process",
        key: String? = nil, headers: [String: String] = [:]
    ) async throws -> Heard {
        try await house.ask(
            "POST", path, .bytes(body), as: .init(key: key ?? house.key, type: type, headers: headers))
    }

    @Test(arguments: Engine.allCases)
    func `is kept, and a job is to hear it`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let answer = try await send(
                house, Self.wav(), as: "audio/wav",
                to: "/integrations/voice/transcribe?language=en&prompt=Milk")
            #expect(answer.status == 202, "\(answer.text)")
            let transcript = try #require(answer.json["transcript"])
            #expect(transcript["purpose"] == "transcript" && transcript["status"] == "queued")
            #expect(transcript["media_type"] == "audio/wav" && transcript["duration_s"]?.double == 1)
            #expect(transcript["language"] == "en" && transcript["prompt"] == "Milk")
            let place = try #require(answer["location"])
            #expect(try await house.get(place).json == transcript)
            let id = try #require(transcript["id"]?.string.flatMap { ID($0) })
            let path = house.uploads.path(house.workspace, id)
            #expect(FileManager.default.contents(atPath: path) == Data(Self.wav()))
            let job = try await house.get("/api/jobs/\(answer.json["job_id"]?.string ?? "")").json
            #expect(job["name"] == "transcribe_voice")
            #expect(job["arguments"] == ["transcript_id": JSON(id)])
            // It is the speaker's alone.
            #expect(try await house.get(place, key: house.viewer).status == 404)
            #expect(try await house.get(place, key: house.stranger).status == 404)
            #expect(try await house.delete(place).status == 204)
            #expect(try files(house).isEmpty)
        }
    }

    @Test func `may come as a form, in pieces of any size`() async throws {
        try await Running.with { house in
            let parts: [(String, [UInt8])] = [
                ("name=\"language\"", Array("de-AT".utf8)), ("name=\"model\"", Array("commands".utf8)),
                ("name=\"response_format\"", Array("json".utf8)),
                ("name=\"file\"; filename=\"x.bin\"\r\nContent-Type: text/plain", Self.wav()),
                ("name=\"prompt\"", Array("Grüße".utf8)),
            ]
            let answer = try await send(house, form(parts), as: "multipart/form-data; boundary=\"x\"")
            #expect(answer.status == 202, "\(answer.text)")
            let transcript = try #require(answer.json["transcript"])
            for (name, value) in ["language": "de-AT", "model": "commands", "prompt": "Grüße"] {
                #expect(transcript[name]?.string == value)
            }
            #expect(transcript["bytes"]?.integer == Int64(Self.wav().count))
        }
    }

    @Test func `that is none is refused in words, and nothing is kept`() async throws {
        try await Running.with { house in
            let type = "multipart/form-data; boundary=x"
            let file = "name=\"file\"; filename=\"a.wav\""
            let cases: [([UInt8], String, Int, String)] = [
                (Array("This is no sound at all.".utf8), "audio/wav", 422, "no recording of a known kind"),
                (Array("RIFF0000WAVEgarbage".utf8), "audio/wav", 422, "no sound in it"),
                (Self.wav(), "application/json", 415, "audio/*"), ([], "audio/wav", 422, "empty"),
                (form([(file, Array("none".utf8))]), type, 422, "known kind"),
                (form([("name=\"language\"", [0x65])]), type, 422, "empty"),
                (form([(file, Self.wav())], end: "--x"), type, 400, "last boundary"),
                (form([(file, Self.wav()), (file, Self.wav())]), type, 400, "two files"),
                (form([("name=\"nothing\"", [0x65]), (file, Self.wav())]), type, 400, "no field"),
                (form([("name=\"language\"", Array("x y".utf8)), (file, Self.wav())]), type, 422, "BCP 47"),
                (form([("name=\"connection_id\"", [0x65]), (file, Self.wav())]), type, 422, "connection_id"),
                (form([("filename=\"a\"", [0x65])]), type, 400, "no name"),
                (Array("no form".utf8), type, 422, "empty"),
            ]
            for (body, type, status, words) in cases {
                let answer = try await send(house, body, as: type)
                #expect(answer.status == status, "\(answer.text)")
                #expect(answer.json["detail"]?.string?.contains(words) == true, "\(answer.text)")
            }
            #expect(try files(house).isEmpty)
            let viewer = try await send(house, Self.wav(), as: "audio/wav", key: house.viewer)
            #expect(viewer.status == 403)
        }
    }

    @Test func `sent twice under one key is one recording and one job`() async throws {
        try await Running.with { house in
            let headers = ["Idempotency-Key": "k"]
            let first = try await send(house, Self.wav(), as: "audio/wav", headers: headers)
            let second = try await send(house, Self.wav(), as: "audio/wav", headers: headers)
            #expect(first.status == 202 && first.json == second.json)
            #expect(try await send(house, Self.wav(1), as: "audio/wav", headers: headers).status == 422)
            #expect(try files(house).count == 1)
            #expect(try await house.queue().depths().backlog == 1)
        }
    }
}

@Suite struct `A command that was heard` {
    /// A run that waits for its speaker, who has the administrator's key.
    private func waiting(_ house: Running, _ action: String) async throws -> String {
        let user = try #require(
            try await house.store.scoped(Scope(workspace: house.workspace)).users.list(house.workspace)
                .first { $0.role == .admin })
        let store = house.store.scoped(Scope(workspace: house.workspace, user: user.id))
        let run = try await store.rows(.voiceRuns).create(
            Values([
                "phrase": "create task {title}", "action": .string(action),
                "parameters": ["title": "buy milk"],
                "status": "awaiting_confirmation", "expires_at": JSON(Moment.now + .seconds(60)),
                "scopes": "*",
            ]))
        return "/api/voice/commands/runs/\(run.id)"
    }

    @Test(arguments: Engine.allCases)
    func `is done once its speaker says yes`(_ engine: Engine) async throws {
        try await Running.with(engine) { house in
            let place = try await waiting(house, "create_task")
            #expect(try await house.send("POST", "\(place)/confirm", .null).status == 200)
            let tasks = try await house.get("/api/tasks").json["tasks"]?.array
            #expect(tasks?.map { $0["title"] } == ["buy milk"])
            #expect(try await house.get(place).json["status"] == "done")
            #expect(try await house.send("POST", "\(place)/confirm", .null).status == 409)
            #expect(try await house.send("POST", "\(place)/cancel", .null).status == 409)
            let other = try await waiting(house, "create_task")
            #expect(try await house.send("POST", "\(other)/cancel", .null).json["status"] == "cancelled")
            let list = try await house.get("/api/voice/commands/runs?status=cancelled").json["voice_runs"]
            #expect(list?.array?.count == 1)
            let foreign = try await house.ask(
                "POST", "\(other)/confirm", .none, as: .init(key: house.stranger, type: nil))
            #expect(foreign.status == 404)
        }
    }

    @Test func `may start a job, and names one that there is not`() async throws {
        try await Running.with { house in
            let place = try await waiting(house, "no.such.job")
            let answer = try await house.send("POST", "\(place)/confirm", .null)
            #expect(answer.json["error"]?.string?.contains("no job called no.such.job") == true)
        }
    }

    @Test func `obeys the workspace's settings`() async throws {
        try await Running.with { house in
            let path = "/api/voice/settings"
            #expect(try await house.get(path).json == ["confirm_changes": false])
            #expect(try await house.send("PUT", path, ["confirm_changes": true]).status == 200)
            #expect(try await house.get(path, key: house.viewer).json == ["confirm_changes": true])
            #expect(try await house.get(path, key: house.stranger).json == ["confirm_changes": false])
            #expect(try await house.send("PUT", path, ["confirm": 1]).status == 400)
            let defaults = try await house.get("/api/voice/commands/defaults").json["voice_commands"]?.array
            #expect(defaults?.contains { $0["phrase"] == "create task {title}" } == true)
        }
    }
}
