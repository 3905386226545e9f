import Core
import TestHouse
import Testing

@Suite struct `An envelope` {
    private func random(_ dice: inout Dice) -> Envelope {
        Envelope(
            name: dice.text(20), arguments: (["a": dice.json()] as JSON).bytes,
            workspace: dice.flip() ? "" : "w_\(dice.roll(0..<1_000))",
            level: Envelope.Level.allCases[dice.roll(0..<3)],
            created: dice.flip() ? Moment(milliseconds: Int64(dice.roll(-5..<2_000_000_000_000))) : nil,
            due: dice.flip() ? Moment(milliseconds: Int64(dice.roll(0..<2_000_000_000_000))) : nil,
            expires: dice.flip() ? Moment(milliseconds: Int64(dice.roll(0..<2_000_000_000_000))) : nil,
            attempts: dice.flip() ? dice.roll(1..<100) : nil,
            timeout: dice.flip() ? .milliseconds(dice.roll(0..<100_000)) : nil,
            tags: (0..<dice.roll(0..<4)).map { _ in dice.text() })
    }

    @Test func `reads back what it wrote`() throws {
        var dice = Dice(4)
        for _ in 0..<2_000 {
            let envelope = random(&dice)
            #expect(try Envelope(envelope.bytes) == envelope)
            let head = try Envelope(envelope.head)
            #expect(head.arguments == Array("{}".utf8))
            #expect(head.tags == envelope.tags)
            #expect(head.name == envelope.name)
            #expect(head.timeout == envelope.timeout)
        }
    }

    @Test func `is a JSON object that any reader can read`() throws {
        var dice = Dice(5)
        for _ in 0..<500 {
            let envelope = random(&dice)
            let json = try JSONParser.parse(envelope.bytes)
            #expect(json["n"]?.string == envelope.name)
            #expect(json["g"]?.array?.compactMap(\.string) ?? [] == envelope.tags)
            #expect(json["a"]?.bytes == envelope.arguments)
        }
    }

    @Test func `has its level at byte 7 and its workspace from byte 15, where the scripts look`() {
        for (level, letter) in zip(Envelope.Level.allCases, ["h", "n", "l"]) {
            let bytes = Envelope(name: "x", arguments: [], workspace: "acme", level: level).bytes
            #expect(String(decoding: bytes[6..<7], as: UTF8.self) == letter)
            #expect(String(decoding: bytes[14..<19], as: UTF8.self) == "acme\"")
        }
    }

    @Test func `was created when its id was, unless told otherwise`() {
        let envelope = Envelope(id: ID(milliseconds: 77), name: "x", arguments: [])
        #expect(envelope.created == Moment(milliseconds: 77))
    }

    @Test func `that is cut short anywhere in its head is refused`() throws {
        let bytes = Envelope(
            name: "na\"me", arguments: Array(#"{"a":{"b":[1]}}"#.utf8), workspace: "w", due: .now,
            attempts: 3, tags: ["t"]
        ).bytes
        let head = try #require(bytes.firstRange(of: Array(",\"a\":".utf8))).lowerBound
        for cut in 0...head {
            #expect(throws: (any Error).self) { try Envelope(Array(bytes[..<cut])) }
        }
        for cut in head..<bytes.count where bytes[cut - 1] != UInt8(ascii: "}") {
            #expect(throws: (any Error).self) { try Envelope(Array(bytes[..<cut])) }
        }
    }

    @Test func `that is damaged anywhere never ends the program`() {
        var dice = Dice(6)
        for _ in 0..<20 {
            let bytes = random(&dice).bytes
            for at in bytes.indices {
                _ = try? Envelope(Array(bytes[..<at]))
                for wrong in [
                    bytes[at] ^ 1, bytes[at] ^ 0x80, UInt8(ascii: "\""), UInt8(ascii: "\\"),
                    UInt8(ascii: "9"), 0x7D,
                ] {
                    var damaged = bytes
                    damaged[at] = wrong
                    if let read = try? Envelope(damaged) { _ = read.bytes }
                }
            }
        }
    }

    @Test(arguments: [
        "c\":9999999999999999999", "c\":-9223372036854775809", "d\":999999999999999999",
        "t\":999999999999999999",
        "m\":99999999999999999999999999", "c\":-", "c\":x", "w\":5", "g\":[", "g\":\"", "n\":\"\\ud800\"",
        "z\":1",
    ])
    func `with a number or text that cannot be is refused or bounded`(member: String) {
        let text = "{\"l\":\"n\",\"w\":\"\",\"i\":\"\(ID().text)\",\"n\":\"x\",\"\(member)}"
        if let read = try? Envelope(Array(text.utf8)) { _ = read.bytes }
        #expect(throws: (any Error).self) { try Envelope(Array((text + ",").utf8)) }
    }

    @Test(arguments: [
        "{}", "{\"l\":\"n\",\"w\":\"\",\"n\":\"x\"}", "{\"i\":\"nonsense\",\"n\":\"x\"}", "{\"a\":",
        "{\"a\":{}",
    ])
    func `without an id, a name or an end is broken, and that is our fault`(text: String) {
        let failure = #expect(throws: Failure.self) { try Envelope(Array(text.utf8)) }
        #expect(failure?.kind == .broken)
    }
}

@Suite struct `The record of an ended job` {
    @Test func `reads back what it wrote`() throws {
        var record = Record(
            state: .done, finished: Moment(milliseconds: 99), started: Moment(milliseconds: 50),
            worker: "w\"1",
            attempts: 2, crashes: 1, errors: JSON.array(["e"]).bytes, result: JSON.object([]).bytes,
            reason: "because",
            envelope: Envelope(name: "n", arguments: Array("{\"k\":1}".utf8), tags: ["t"]).bytes)
        record.progress = (["percent": 5] as JSON).bytes
        let read = try Record(record.bytes)
        #expect(read.bytes == record.bytes)
        #expect(read.worker == "w\"1")
        #expect(read.crashes == 1)
        #expect(try Envelope(try #require(read.envelope)).tags == ["t"])
    }

    @Test func `needs no more than a state and an end`() throws {
        for state in State.allCases {
            let read = try Record(Record(state: state, finished: Moment(milliseconds: 1)).bytes)
            #expect(read.state == state)
            #expect(read.attempts == 0)
            #expect(read.result == nil)
        }
    }

    @Test func `holds arguments as deep as arguments may be`() throws {
        let deep = Array((String(repeating: "[", count: 63) + "1" + String(repeating: "]", count: 63)).utf8)
        let record = Record(
            state: .cancelled, finished: .now, result: deep,
            envelope: Envelope(name: "n", arguments: deep).bytes)
        let envelope = try #require(try Record(record.bytes).envelope)
        #expect(try Envelope(envelope).arguments == deep)
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"s\":\"done\"}", "{\"s\":\"odd\",\"f\":1}", "{\"s\":\"done\",\"f\":\"1\"}",
    ])
    func `that is damaged is refused`(text: String) {
        #expect(throws: (any Error).self) { try Record(Array(text.utf8)) }
    }

    @Test func `with a time beyond all times does not end the program`() throws {
        _ = try Record(Array("{\"s\":\"done\",\"f\":9223372036854775807,\"b\":-9223372036854775808}".utf8))
            .bytes
    }
}

@Suite struct `An event` {
    @Test func `reads its own line`() throws {
        var dice = Dice(7)
        for kind in Event.Kind.allCases {
            for detail in [nil, dice.json(), ["text": .string(dice.text(40))]] as [JSON?] {
                let event = Event(kind, job: ID(), workspace: dice.flip() ? "" : "acme", detail: detail)
                #expect(Event(line: event.line) == event)
                #expect(!event.line.contains("\n"))
            }
        }
    }

    @Test(arguments: [
        "", "done", "done x w", "odd 01ARZ3NDEKTSV4RRFFQ69G5FAV w", "done 01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ])
    func `is not read from a wrong line`(line: String) { #expect(Event(line: line) == nil) }
}

@Suite struct `A10 Large arguments` {
    @Test func `are kept compressed and read back as they were`() throws {
        let text = "{\"text\":\"" + String(repeating: "the same again and again, ", count: 2_000) + "\"}"
        let envelope = Envelope(name: "job", arguments: Array(text.utf8), workspace: "acme")
        #expect(envelope.bytes.count < text.utf8.count / 10)
        #expect(try Envelope(envelope.bytes).arguments == Array(text.utf8))
        #expect(try Envelope(envelope.bytes) == envelope)
        // Whoever reads the envelope with any JSON reader gets along with it.
        #expect(try JSONParser.parse(envelope.bytes)["z"]?.string != nil)
    }

    @Test func `stay as they are when that is shorter, and below the threshold`() throws {
        var dice = Dice(7)
        let noise = (0..<12_000).map { _ in UInt8.random(in: 33...126, using: &dice) }.filter {
            $0 != 34 && $0 != 92
        }
        let hard = Envelope(name: "job", arguments: Array("{\"a\":\"".utf8) + noise + Array("\"}".utf8))
        #expect(try Envelope(hard.bytes).arguments == hard.arguments)
        let short = Envelope(name: "job", arguments: Array("{\"a\":1}".utf8))
        #expect(try JSONParser.parse(short.bytes)["a"] != nil)
    }

    @Test func `that are damaged are refused`() throws {
        let text = "{\"text\":\"" + String(repeating: "again ", count: 3_000) + "\"}"
        let bytes = Envelope(name: "job", arguments: Array(text.utf8)).bytes
        let at = try #require(bytes.lastIndex(of: UInt8(ascii: "\""))) - 20
        var damaged = bytes
        damaged[at] = damaged[at] == 65 ? 66 : 65
        #expect(throws: Failure.self) { try Envelope(damaged) }
    }
}
