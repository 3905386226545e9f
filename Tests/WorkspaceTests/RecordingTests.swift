import Core
import Foundation
import Testing

@testable import Workspace

@Suite struct `A recording` {
    /// Half a second of silence as FFmpeg writes it; of long ones only the head.
    struct Recorded: Sendable, CustomStringConvertible {
        let kind: Voice.Audio.Kind
        let size: Int
        let bytes: [UInt8]

        init(_ kind: Voice.Audio.Kind, size: Int, _ base64: String) {
            self.kind = kind
            self.size = size
            bytes = Array(Data(base64Encoded: base64) ?? Data())
        }

        var description: String { kind.rawValue }

        func audio(_ bytes: [UInt8]? = nil) throws(Failure) -> Voice.Audio {
            try Voice.Audio(head: bytes ?? self.bytes, tail: bytes ?? self.bytes, size: size)
        }
    }

    static let samples = [
        Recorded(
            .ogg, size: 260,
            """
            T2dnUwACAAAAAAAAAABoD0xYAAAAAMrL6IMBE09wdXNIZWFkAQE4AYC7AAAAAABPZ2dTAAAAAAAAAAAAAGgPTFgBAAAAbi0K\
            jwE2T3B1c1RhZ3MNAAAATGF2ZjYyLjEyLjEwMgEAAAAVAAAAZW5jb2Rlcj1MYXZmNjIuMTIuMTAyT2dnUwAEMGAAAAAAAABo\
            D0xYAgAAAC8m3ncaAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwP4//74//74//74//74//74//74//74//74//74//74//74\
            //74//74//74//74//74//74//74//74//74//74//74//74//74//74//4=
            """),
        Recorded(
            .webm, size: 740,
            """
            GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwEAAAAAAAK0EU2bdLpNu4tTq4QVSalmU6yBoU27i1Or\
            hBZUrmtTrIHYTbuMU6uEElTDZ1OsggFCTbuMU6uEHFO7a1OsggKe7AEAAAAAAABZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVSalmsirX\
            sYMPQkBNgI1MYXZmNjIuMTIuMTAyV0GNTGF2ZjYyLjEyLjEwMkSJiECAEAAAAAAAFlSua+WuAQAAAAAAAFzXgQFzxYiAMSZ/\
            PeZ88JyBACK1nIN1bmSIgQCGhkFfT1BVU1aqg2MuoFa7hATEtACDgQLhkZ+BAbWIQOdwAAAAAABiZIEQY6KTT3B1c0hlYWQB\
            ATgBgLsAAAAAABJUw2fYc3OgY8CAZ8iaRaOHRU5DT0RFUkSHjUxhdmY2Mi4xMi4xMDJzc7JjwItjxYiAMSZ/PeZ88GfIoUWj\
            iERVUkFUSU9ORIeTMDA6MDA6MDAuNTE0MDAwMDAwAB9DtnVA+eeBB6OHgQAAgPj//qOHgQAUgPj//qOHgQAogPj//qOHgQA8\
            gPj//qOHgQBQgPj//qOHgQBkgPj//qOHgQB4gPj//qOHgQCMgPj//qOHgQCggPj//qOHgQC0gPj//qOHgQDIgPj//qOHgQDc\
            gPj//qOHgQDwgPj//qOHgQEEgPj//qOHgQEYgPj//qOHgQEsgPj//qOHgQFAgPj//qOHgQFUgPj//qOHgQFogPj//qOHgQF8\
            gPj//qOHgQGQgPj//qOHgQGkgPj//qOHgQG4gPj//qOHgQHMgPj//qOHgQHggPj//qCToYeBAfQA+P/+m4EHdaKEAM3+YBxT\
            u2uRu4+zgQe3iveBAfGCAZ/wgQM=
            """),
        Recorded(
            .m4a, size: 896,
            """
            AAAAHGZ0eXBNNEEgAAACAE00QSBpc29taXNvMgAAAAhmcmVlAAAAPW1kYXTeAgBMYXZjNjIuMjguMTAyAAIwQA4BGCAHARgg\
            BwEYIAcBGCAHARggBwEYIAcBGCAHARggBwAAAx9tb292AAAAbG12aGQAAAAAAAAAAAAAAAAAAAPoAAAB9AABAAABAAAAAAAA\
            AAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAAC\
            SXRyYWsAAABcdGtoZAAAAAMAAAAAAAAAAAAAAAEAAAAAAAAB9AAAAAAAAAAAAAAAAQEAAAAAAQAAAAAAAAAAAAAAAAAAAAEA\
            AAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAACRlZHRzAAAAHGVsc3QAAAAAAAAAAQAAAfQAAAQAAAEAAAAAAcFtZGlhAAAA\
            IG1kaGQAAAAAAAAAAAAAAAAAAD6AAAAjQFXEAAAAAAAtaGRscgAAAAAAAAAAc291bgAAAAAAAAAAAAAAAFNvdW5kSGFuZGxl\
            cgAAAAFsbWluZgAAABBzbWhkAAAAAAAAAAAAAAAkZGluZgAAABxkcmVmAAAAAAAAAAEAAAAMdXJsIAAAAAEAAAEwc3RibAAA\
            AGpzdHNkAAAAAAAAAAEAAABabXA0YQAAAAAAAAABAAAAAAAAAAAAAQAQAAAAAD6AAAAAAAA2ZXNkcwAAAAADgICAJQABAASA\
            gIAXQBUAAAAAAQ2IAAAC7wWAgIAFFAhW5QAGgICAAQIAAAAgc3R0cwAAAAAAAAACAAAACAAABAAAAAABAAADQAAAABxzdHNj\
            AAAAAAAAAAEAAAABAAAACQAAAAEAAAA4c3RzegAAAAAAAAAAAAAACQAAABUAAAAEAAAABAAAAAQAAAAEAAAABAAAAAQAAAAE\
            AAAABAAAABRzdGNvAAAAAAAAAAEAAAAsAAAAGnNncGQBAAAAcm9sbAAAAAIAAAAB//8AAAAcc2JncAAAAAByb2xsAAAAAQAA\
            AAkAAAABAAAAYnVkdGEAAABabWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAbWRpcmFwcGwAAAAAAAAAAAAAAAAtaWxzdAAAACWp\
            dG9vAAAAHWRhdGEAAAABAAAAAExhdmY2Mi4xMi4xMDI=
            """),
        Recorded(
            .mp3, size: 1953,
            """
            SUQzBAAAAAAAI1RTU0UAAAAPAAADTGF2ZjYyLjEyLjEwMgAAAAAAAAAAAAAA//NYwAAAAAAAAAAAAEluZm8AAAAPAAAAEAAA\
            B3QAJiYmJiYmNTU1NTU1Q0NDQ0NDUlJSUlJSYGBgYGBgYG9vb29vb319fX19fYyMjIyMjJqampqampqpqampqam3t7e3t7fG\
            xsbGxsbU1NTU1NTU4+Pj4+Pj8fHx8fHx////////AAAAAExhdmYAAAAAAAAAAAAAAAAAAAAAACQCgAAAAAAAAAd0r1RGvAAA\
            AAAAAAAAAAAA//M4xAAAAANIAAAAAExBTUUzLjEwMFVVVVVVVVVVVVVVVVVVVVVVVVVVVUxBTUUzLjEwMFVVVVVVVVVVVVVV\
            VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV//M4xF8AAANIAAAAAFVVVVVVVVVVVVVVVVVV\
            VVVVVVVVVVVVVVVVVVVVVUxBTUUzLjEwMFVVVVVVVVVVVVVVVVVVVQ==
            """),
        Recorded(
            .flac, size: 8367,
            """
            ZkxhQwAAACICQAJAAAALAAANAfQA8AAAD6BYEBJJx2tzW9dM5TArAJMXBAAALg0AAABMYXZmNjIuMTIuMTAyAQ==
            """),
    ]

    /// Silence as PCM of 16 bits.
    static func wav(seconds: Double, rate: Int = 16_000, claimed: Int? = nil) -> [UInt8] {
        let data = [UInt8](repeating: 0, count: Int(seconds * Double(rate)) * 2)
        func number(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let format =
            number(1, 2) + number(1, 2) + number(rate, 4) + number(rate * 2, 4) + number(2, 2) + number(16, 2)
        let body =
            Array("WAVEfmt ".utf8) + number(16, 4) + format + Array("LIST".utf8) + number(4, 4) + [
                1, 2, 3, 4,
            ]
            + Array("data".utf8) + number(claimed ?? data.count, 4) + data
        return Array("RIFF".utf8) + number(body.count, 4) + body
    }

    private func judge(_ bytes: [UInt8]) throws(Failure) -> Voice.Audio {
        try Voice.Audio(
            head: Array(bytes.prefix(65_536)), tail: Array(bytes.suffix(65_536)), size: bytes.count)
    }

    @Test(arguments: samples) func `is known by its content, with its length`(_ sample: Recorded) throws {
        let audio = try sample.audio()
        #expect(audio.kind == sample.kind)
        // An estimate for MP3; Opus is counted with what it takes to begin, AAC in whole frames.
        #expect(abs(try #require(audio.duration_s) - 0.5) < 0.15)
    }

    @Test func `of PCM is as long as its sound, whatever its head claims`() throws {
        #expect(try judge(Self.wav(seconds: 1.5)).duration_s == 1.5)
        // A program that was killed while it recorded.
        #expect(try judge(Self.wav(seconds: 2, claimed: 0)).duration_s == 2)
        #expect(try judge(Self.wav(seconds: 2, claimed: 0xFFFF_FFFF)).duration_s == 2)
    }

    @Test func `that is empty, cut off in its head or too long is refused`() throws {
        #expect(throws: Failure.self) { try judge(Self.wav(seconds: 0)) }
        #expect(throws: Failure.self) { try judge(Array(Self.wav(seconds: 1).prefix(40))) }
        #expect(throws: Failure.self) {
            let claimed = Self.wav(seconds: 0.1, rate: 8_000, claimed: 200_000_000)
            return try Voice.Audio(head: claimed, tail: [], size: 200_000_100)
        }
    }

    @Test(arguments: [
        "", "RIFF", "<html><body>Not found</body></html>", "{\"text\":1}", "OggS", "fLaC", "ID3", "\u{1A}E",
        "RIFF0000WAVE", "RIFF0000AVI LIST",
    ])
    func `is not made of other things`(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: Failure.self) { try judge(bytes) }
        #expect(throws: Failure.self) { try judge(bytes + [UInt8](repeating: 0, count: 5_000)) }
    }

    @Test func `with any byte changed is judged and does no harm`() throws {
        var dice = SystemRandomNumberGenerator()
        for sample in Self.samples {
            for _ in 0..<300 {
                var bytes = sample.bytes
                bytes[Int.random(in: 0..<min(200, bytes.count), using: &dice)] = UInt8.random(
                    in: 0...255, using: &dice)
                bytes = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &dice)))
                do { #expect(try sample.audio(bytes).duration_s ?? 1 > 0) } catch {
                    #expect(error.kind == .invalid)
                }
            }
        }
    }
}

@Suite struct `The grammar of commands` {
    private let commands =
        Voice.Command.defaults + [
            Voice.Command("book {room} on {day}", [.init("day", .date)], action: "book"),
            Voice.Command("call {who}; | <evil> = x", [.init("who", .user)], action: "call"),
        ]

    @Test func `has a sentence for each, and the words of the workspace`() {
        let text = Voice.Grammar(
            commands, in: .english, people: ["Ada Lovelace"],
            texts: ["Buy milk", "Fix the <bug>; now | then"]
        ).text
        #expect(text.hasPrefix("#JSGF V1.0;\ngrammar commands;\npublic <command> = "))
        #expect(text.contains("[atom] create task <text> due <date> |"))
        #expect(text.contains("[atom] book <text> on <date>"))
        #expect(text.contains("<text> = buy milk | fix the bug now then | <word>+;"))
        #expect(text.contains("[atom] complete task <title> |"))
        #expect(text.contains("<user> = ada lovelace | ada;"))
        // What the format gives a meaning is no part of a word.
        #expect(text.contains("[atom] call <user> evil x"))
        #expect(!text.contains("aufgabe"))
    }

    @Test func `is whole without any commands, people and tasks`() {
        for language in Voice.Language.allCases {
            let text = Voice.Grammar([], in: language).text
            let rules = text.split(separator: "\n").dropFirst(2)
            #expect(rules.allSatisfy { $0.hasSuffix(";") && $0.contains(" = ") })
            let named = Set(text.matches(of: /<([a-z]+)>/).map { String($0.1) })
            let made = Set(text.matches(of: /(?m)^(?:public )?<([a-z]+)> =/).map { String($0.1) })
            #expect(named == made)
        }
    }
}
