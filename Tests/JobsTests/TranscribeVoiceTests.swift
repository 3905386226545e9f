import Automation
import Core
import Foundation
import Integrations
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

@Suite struct `The job transcribe_voice` {
    @Test(arguments: Engine.allCases)
    func `writes down what was said, and forgets the sound`(_ engine: Engine) async throws {
        try await Booth.with(engine) { booth async throws in
            let (transcript, verdict) = try await booth.hear("Create task: buy milk.", .transcript)
            #expect(try result(of: verdict) == ["transcript_id": JSON(transcript.id)])
            #expect(transcript["status"] == "done")
            #expect(transcript["text"] == "Create task: buy milk.")
            #expect(transcript["language"] == "en")
            #expect(transcript["transcriber"] == "default")
            #expect(transcript["run_id"] == .null)
            #expect(try await booth.tasks().isEmpty)
            let path = booth.bench.tools.uploads.path(booth.bench.house.workspace, transcript.id)
            #expect(!FileManager.default.fileExists(atPath: path))
            let effect = try #require(try await booth.stand.effects("transcription").first)
            #expect(effect["name"] == "recording.wav")
            #expect(effect["bytes"]?.integer == Int64(Booth.sound().count))
            // Only a recording that is a command is heard as one.
            #expect(effect["prompt"] == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `does the command that was said`(_ engine: Engine) async throws {
        try await Booth.with(engine) { booth async throws in
            let run = try await booth.run("Create task, buy milk due tomorrow at five pm.")
            #expect(run["status"] == "done")
            #expect(run["said"] == "Created the task buy milk.")
            let task = try #require(try await booth.tasks().first)
            #expect(task["title"] == "buy milk")
            #expect(task.values.time("due_date")?.text.hasSuffix("T17:00:00.000Z") == true)
            let effect = try #require(try await booth.stand.effects("transcription").first)
            #expect(effect["prompt"]?.string?.contains("Create task.") == true)
            #expect(
                try await booth.run("list tasks", sound: Booth.sound(2))["said"] == "1 open task: buy milk.")
            let other = try await booth.run("complete the task pay the rent", sound: Booth.sound(3))
            #expect(other["status"] == "failed")
            #expect(
                try await booth.run("complete the task by milk", sound: Booth.sound(4))["status"] == "done")
            #expect(try await booth.tasks().map { $0["status"] } == ["done"])
            let missing = try await booth.run("complete task buy milk", sound: Booth.sound(5))
            #expect(missing["status"] == "failed")
            #expect(missing["error"] == "No open task is called \"buy milk\".")
            let note = try await booth.run("add note the printer is broken", sound: Booth.sound(6))
            #expect(note["status"] == "done")
            #expect(
                try await booth.store.rows(.notes).list().map { $0["author_id"] } == [JSON(booth.speaker)])
        }
    }

    @Test func `counts time as it is told to`() async throws {
        try await Booth.with { booth async throws in
            for title in ["Design review", "Tax return"] {
                try await booth.store.rows(.tasks).create(Values(["title": .string(title)]))
            }
            #expect(try await booth.run("start timer for design review")["status"] == "done")
            #expect(
                try await booth.run("start timer for tax return", sound: Booth.sound(2))["status"] == "done")
            #expect(try await booth.run("stop timer", sound: Booth.sound(3))["said"] == "Booked 1 minutes.")
            #expect(try await booth.run("stop timer", sound: Booth.sound(4))["status"] == "failed")
            let entries = try await booth.store.rows(.timeEntries).list()
            #expect(entries.map { $0["user_id"] } == [JSON(booth.speaker), JSON(booth.speaker)])
            #expect(try await booth.tasks().map { $0["status"] } == ["in_progress", "in_progress"])
        }
    }

    @Test func `pays for the same sound once`() async throws {
        try await Booth.with { booth async throws in
            let (first, _) = try await booth.hear("One.", .transcript)
            let (second, _) = try await booth.hear("Another.", .transcript)
            #expect(second["text"] == first["text"] && second["reused"] == true && first["reused"] == false)
            // With other words to be expected, other words may be heard.
            let (third, _) = try await booth.hear("Third.", .command)
            #expect(third["text"] == "Third.")
            let (other, _) = try await booth.hear("Other.", .transcript, sound: Booth.sound(1))
            #expect(other["text"] == "Other.")
            #expect(try await booth.stand.effects("transcription").count == 3)
        }
    }

    @Test func `does nothing twice when it is delivered twice`() async throws {
        try await Booth.with { booth async throws in
            try await booth.stand.act(["hear": "create task buy milk"])
            let id = try await booth.take(.command)
            for _ in 0..<3 { _ = try result(of: await booth.bench.attempt(booth.claim(id))) }
            #expect(try await booth.tasks().count == 1)
            #expect(try await booth.stand.effects("transcription").count == 1)
            try await booth.store.rows(.transcripts).delete(id)
            #expect(try result(of: await booth.bench.attempt(booth.claim(id)))["skipped"] != nil)
        }
    }
}

extension `The job transcribe_voice` {
    @Test(arguments: Engine.allCases)
    func `waits for a yes where one is wanted`(_ engine: Engine) async throws {
        try await Booth.with(engine) { booth async throws in
            try await booth.store.voice.confirmChanges(true)
            let run = try await booth.run("create task buy milk")
            #expect(run["status"] == "awaiting_confirmation")
            #expect(try await booth.tasks().isEmpty)
            #expect(try await booth.run("list tasks", sound: Booth.sound(2))["status"] == "done")
            #expect(try await booth.confirm(run)["status"] == "done")
            #expect(try await booth.tasks().count == 1)
            await #expect(throws: Failure.self) { try await booth.confirm(run) }
            #expect(try await booth.tasks().count == 1)
            let late = try await booth.run("create task buy bread", sound: Booth.sound(3))
            let desk = CommandDesk(booth.store) { _, _ in throw Failure(.missing, "none") }
            await #expect(throws: Failure.self) {
                try await desk.confirm(late.id, at: .now + Voice.Limits.patience + .seconds(1))
            }
            #expect(try await booth.store.rows(.voiceRuns).require(late.id)["status"] == "expired")
            let other = try await booth.run("create task buy eggs", sound: Booth.sound(4))
            #expect(try await desk.cancel(other.id)["status"] == "cancelled")
            #expect(try await booth.tasks().count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `asks first where it heard a change almost right`(_ engine: Engine) async throws {
        try await Booth.with(engine) { booth async throws in
            let run = try await booth.run("great task by milk")
            #expect(run["status"] == "awaiting_confirmation")
            #expect(run["said"] == "Shall I do this: create task by milk?")
            #expect(try await booth.tasks().isEmpty)
            #expect(try await booth.confirm(run)["said"] == "Created the task by milk.")
            #expect(try await booth.tasks().map { $0["title"] } == ["by milk"])
            // What changes nothing need not be asked about.
            #expect(try await booth.run("lists asks", sound: Booth.sound(2))["status"] == "done")
            let none = try await booth.hear("I bought milk.", sound: Booth.sound(3))
            #expect(none.transcript["run_id"] == .null)
        }
    }

    @Test(arguments: Engine.allCases)
    func `asks first where a title only sounds like what was said`(_ engine: Engine) async throws {
        try await Booth.with(engine) { booth async throws in
            for title in ["Call the bank", "Write the report"] {
                try await booth.store.rows(.tasks).create(Values(["title": .string(title)]))
            }
            let run = try await booth.run("complete task call them on")
            #expect(run["status"] == "awaiting_confirmation")
            #expect(run["said"] == "Shall I do this: complete task Call the bank?")
            #expect(try await booth.tasks().allSatisfy { $0["status"] == "todo" })
            #expect(try await booth.confirm(run)["said"] == "Completed the task Call the bank.")
            let desk = CommandDesk(booth.store) { _, _ in throw Failure(.missing, "none") }
            let head = try await booth.run("complete test write the report", sound: Booth.sound(2))
            #expect(head["status"] == "awaiting_confirmation")
            #expect(try await desk.cancel(head.id)["said"] == .null)
            let same = try await booth.run("start timer for right to report", sound: Booth.sound(3))
            #expect(same["parameters"] == ["title": "Write the report"])
        }
    }

    @Test func `starts the job that a command names, with what was said`() async throws {
        try await Booth.with { booth async throws in
            let command = try await booth.store.rows(.voiceCommands).create(
                Values([
                    "phrase": "tell {text} hello", "action": "send_email", "wake_word": "robot",
                    "parameters": [["name": "text", "type": "text"]],
                ]))
            let bad = try await booth.run("robot, tell Ada hello")
            #expect(bad["status"] == "failed")
            #expect(bad["command_id"] == JSON(command.id))
            try await booth.store.rows(.voiceCommands).update(
                command.id, Values(["action": "analyze_workspace"]))
            let run = try await booth.run("robot, tell Ada hello", sound: Booth.sound(2))
            #expect(run["status"] == "failed" || run["job_id"] != .null)
            let row = try await booth.store.rows(.voiceCommands).require(command.id)
            #expect(row["usage_count"] == 2)
            #expect(row["last_used_at"] != .null)
            let unknown = try await booth.store.rows(.voiceCommands).update(
                command.id, Values(["action": "light.on"]))
            #expect(unknown["action"] == "light.on")
            let none = try await booth.run("robot, tell Ada hello", sound: Booth.sound(3))
            #expect(none["error"] == "There is no action and no job called light.on.")
        }
    }

    @Test func `hears no command where nobody spoke`() async throws {
        try await Booth.with { booth async throws in
            // What Whisper makes of noise when it was told to expect commands.
            for (mark, silence, doubt) in [(UInt8(1), 0.9, -0.8), (2, 0.9, -0.2), (3, 0.1, -0.8)] {
                try await booth.stand.act([
                    "segments": [["no_speech_prob": .double(silence), "avg_logprob": .double(doubt)]]
                ])
                let (transcript, verdict) = try await booth.hear(
                    "Create task buy bread.", sound: Booth.sound(mark))
                _ = try result(of: verdict)
                #expect((transcript["run_id"] == .null) == (mark == 1))
                #expect(
                    transcript["error"] == (mark == 1 ? "No words were heard in the recording." : .null))
            }
            #expect(try await booth.tasks().count == 2)
        }
    }

    @Test func `lets nobody do by voice what they may not do`() async throws {
        try await Booth.with(role: .viewer) { booth async throws in
            #expect(try await booth.run("create task buy milk")["status"] == "failed")
            #expect(try await booth.run("list tasks", sound: Booth.sound(2))["status"] == "done")
            #expect(try await booth.tasks().isEmpty)
        }
        try await Booth.with { given async throws in
            var booth = given
            booth.scopes = "voice:write tasks:read"
            let run = try await booth.run("create task buy milk")
            #expect(run["error"] == "The scopes of the key that sent this do not reach to tasks.")
            #expect(try await booth.run("list tasks", sound: Booth.sound(2))["status"] == "done")
            #expect(try await booth.tasks().isEmpty)
        }
        // A job that a command names changes something as well.
        try await Booth.with { given async throws in
            try await given.store.rows(.voiceCommands).create(
                Values(["phrase": "begin the report", "action": "analyze_workspace"]))
            var booth = given
            booth.scopes = "voice:write jobs:write"
            let run = try await booth.run("begin the report")
            #expect(run["error"] == "The scopes of the key that sent this do not reach to ai.")
            booth.scopes += " ai:write"
            let done = try await booth.run("begin the report", sound: Booth.sound(2))
            #expect(done["status"] == "done" && done["job_id"] != .null)
        }
    }

    @Test func `does not say in public what its speaker told the transcriber to expect`() async throws {
        try await Booth.with { booth async throws in
            let id = try await booth.take(.transcript)
            try await booth.store.rows(.transcripts).update(
                id, Values(["prompt": "Doctor Kowalski, migraine"]))
            try await booth.stand.fault([
                "kind": "status", "status": 400,
                "body": ["error": ["message": "No such words: Doctor Kowalski, migraine.", "code": "bad"]],
            ])
            let failure = try death(of: await booth.bench.attempt(booth.claim(id)))
            #expect(failure.message == "Speech recognition refused (bad): No such words: ….")
        }
    }

    @Test func `says clearly why nothing was heard`() async throws {
        try await Booth.with { booth async throws in
            try await booth.stand.fault([
                "kind": "status", "status": 400,
                "body": ["error": ["message": "Not decoded.", "code": "bad"]],
            ])
            let id = try await booth.take(.transcript)
            let claim = try await booth.claim(id)
            let failure = try death(of: await booth.bench.attempt(claim))
            #expect(failure.message == "Speech recognition refused (bad): Not decoded.")
            await Runner(catalogue, tools: booth.bench.tools, log: .quiet).exhausted(
                claim, failure, reporter: Report(claim, in: booth.bench.queue))
            let row = try await booth.store.rows(.transcripts).require(id)
            #expect(row["status"] == "failed")
            #expect(row["error"].string == failure.message)
            // The sound is there still, for the job to be tried again.
            _ = try result(of: await booth.bench.attempt(booth.claim(id)))
            #expect(try await booth.store.rows(.transcripts).require(id)["status"] == "done")
        }
        try await Bench.with { bench async throws in
            let store = bench.house.store.scoped(Scope(workspace: bench.house.workspace))
            let item = try await bench.tools.take(Booth.sound(), for: .transcript, through: store)
            let claim = try await bench.claim("transcribe_voice", ["transcript_id": JSON(item.id)])
            let failure = try death(of: await bench.attempt(claim))
            #expect(failure.message.contains("ATOM_TRANSCRIBER_URL"))
        }
    }

    @Test func `hears through the workspace's own connection, and gives it a grammar`() async throws {
        try await Booth.with { booth async throws in
            try await booth.store.rows(.tasks).create(Values(["title": "Water the plants"]))
            let account = "k\(ID().text.lowercased())"
            _ = try await booth.bench.tools.connections.add(
                .transcription, "Ours",
                [
                    "base_url": try "\(booth.stand.base)/keyless/\(booth.stand.account)/v1",
                    "api_key": "sk-\(account)", "model": "commands",
                ], through: booth.bench.house.store.scoped(Scope(workspace: booth.bench.house.workspace)))
            let (transcript, verdict) = try await booth.hear("complete task water the plants")
            _ = try result(of: verdict)
            #expect(transcript["transcriber"] == "Ours" && transcript["model"] == "commands")
            let effect = try #require(try await booth.stand.effects("transcription").first)
            #expect(effect["grammar"]?.string?.contains("<text> = water the plants |") == true)
            #expect(try await booth.tasks().map { $0["status"] } == ["done"])
        }
    }
}
