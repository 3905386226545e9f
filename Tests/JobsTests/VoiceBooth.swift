import Automation
import Core
import Foundation
import Jobs
import Queue
import Store
import TestHouse
import Testing
import Work
import Workspace

extension `The job transcribe_voice` {
    /// A bench whose transcriber is a stand-in, with somebody who speaks.
    struct Booth {
        let bench: Bench
        let stand: StandIns
        let speaker: ID
        var scopes = "*"

        var store: Store { bench.house.store.scoped(Scope(workspace: bench.house.workspace, user: speaker)) }

        static func with(
            _ engine: Engine = .sqlite, role: Store.Role = .member, _ body: (Booth) async throws -> Void
        ) async throws {
            let stand = StandIns("transcription", account: ID().text.lowercased())
            let base = try "\(stand.base)/keyless/\(stand.account)/v1"
            try await Bench.with(engine, bases: ["transcription": base]) { bench async throws in
                let user = Store.Users.Entry(
                    workspace: bench.house.workspace, email: "ada@example.org", name: "Ada", role: role)
                try await bench.house.store.users.create(user)
                try await body(Booth(bench: bench, stand: stand, speaker: user.id))
            }
        }

        /// A second of silence, a little different each time.
        static func sound(_ mark: UInt8 = 0) -> [UInt8] {
            let format: [UInt8] = [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
            let data: [UInt8] = [0x80, 0x3E, 0, 0, mark] + [UInt8](repeating: 0, count: 15_999)
            return Array("RIFF".utf8) + [0xA4, 0x3E, 0, 0] + Array("WAVEfmt ".utf8) + format
                + Array("data".utf8) + data
        }

        /// A recording that came in, and the attempt that hears it.
        func hear(
            _ text: String, _ purpose: Recording.Purpose = .command, sound: [UInt8] = sound()
        ) async throws -> (transcript: Item, verdict: Verdict) {
            try await stand.act(["hear": .string(text)])
            let id = try await take(purpose, sound)
            let verdict = await bench.attempt(try await claim(id))
            return (try await store.rows(.transcripts).require(id), verdict)
        }

        func take(_ purpose: Recording.Purpose, _ sound: [UInt8] = sound()) async throws -> ID {
            let item = try await bench.tools.take(sound, for: purpose, through: store)
            if scopes != "*" {
                try await store.rows(.transcripts).update(item.id, Values(["scopes": .string(scopes)]))
            }
            return item.id
        }

        func claim(_ id: ID) async throws -> Claim {
            try await bench.claim("transcribe_voice", ["transcript_id": JSON(id)])
        }

        /// What became of a spoken command.
        func run(_ text: String, sound: [UInt8] = sound()) async throws -> Item {
            let (transcript, verdict) = try await hear(text, sound: sound)
            _ = try result(of: verdict)
            let id = try #require(transcript.values.id("run_id"), "\(transcript)")
            return try await store.rows(.voiceRuns).require(id)
        }

        func confirm(_ run: Item) async throws -> Item {
            try await CommandDesk(store) { _, _ in throw Failure(.missing, "none") }.confirm(run.id)
        }

        func tasks() async throws -> [Item] { try await store.rows(.tasks).list() }
    }
}
