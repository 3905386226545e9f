import Core
import TestHouse
import Testing

@Suite struct `A JSON text` {
    private func parse(_ text: String) throws -> JSON { try JSONParser.parse(Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("\n\tfalse\r", false), ("0", 0), ("-0", 0), ("-1", -1),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", 1.0), ("1e2", 100.0),
            ("-2.5E-1", -0.25),
            ("1E+2", 100.0), ("1e-400", 0.0), ("\"\"", ""),
            (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e4\u20AC""#, "ä€"), (#""\ud83d\ude00""#, "😀"), (#""\u0000""#, "\u{0}"),
            ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
            ("[]", []), ("[ ]", []), ("[1,[2],\"3\"]", [1, [2], "3"]), ("{}", [:]), ("{ }", [:]),
            (" { \"a\" : 1 , \"b\" : { \"c\" : [ ] } } ", ["a": 1, "b": ["c": []]]),
            ("{\"\":null}", ["": nil]),
        ] as [(String, JSON)])
    func `is read`(text: String, value: JSON) throws { #expect(try parse(text) == value) }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "undefined", "NaN", "Infinity", "+1", "01", "-", "-a", "1.", ".5",
        "1.e2", "1e",
        "1e+", "0x1", "1 2", "1,", "\"", "\"a", "'a'", "\"\n\"", "\"\u{1F}\"", #""\x""#, #""\u12""#,
        #""\u12g4""#,
        #""\u+123""#, #""\ud83d""#, #""\ud83d\n""#, #""\ud83d\u0041""#, #""\ude00""#, #""\"#, "[", "[1",
        "[1,", "[1,]", "[,1]",
        "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1]", "[1}", "// 1", "1 // one", "1e400", "-1e999", "\u{FEFF}1",
    ])
    func `that is none is refused`(text: String) {
        #expect(throws: JSONParser.Fault.self) { try parse(text) }
    }

    @Test func `says where it is wrong and why`() {
        let fault = #expect(throws: JSONParser.Fault.self) { try parse("{\"a\": [1, oops]}") }
        #expect(fault?.description == "no JSON value at byte 10")
    }

    @Test func `with a name twice is refused, at any level`() {
        let fault = #expect(throws: JSONParser.Fault.self) { try parse(#"[{"a":1,"b":2,"\u0061":3}]"#) }
        #expect(fault?.reason == "the name \"a\" twice")
        #expect(throws: Never.self) { try parse(#"[{"a":1},{"a":1}]"#) }
    }

    @Test func `may be 64 levels deep and no deeper`() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let most = String(repeating: open, count: 63) + "1" + String(repeating: close, count: 63)
            #expect(try parse(most).text == most)
            let fault = #expect(throws: JSONParser.Fault.self) { try parse(open + most + close) }
            #expect(fault?.reason == "more than 64 levels of nesting")
            #expect(throws: JSONParser.Fault.self) { try parse(String(repeating: open, count: 100_000)) }
        }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xE2, 0x82, 0x22],
    ])
    func `must be UTF-8`(bytes: [UInt8]) {
        #expect(throws: JSONParser.Fault.self) { try JSONParser.parse(bytes) }
    }

    @Test func `of any value reads back as that value`() throws {
        var dice = Dice(1)
        for _ in 0..<2_000 {
            let value = dice.json()
            let read = try JSONParser.parse(value.bytes)
            #expect(read == value)
            #expect(read.text == value.text)
        }
    }

    @Test func `that is damaged never ends the program`() {
        var dice = Dice(2)
        for _ in 0..<200 {
            let bytes = dice.json().bytes
            for cut in bytes.indices { _ = try? JSONParser.parse(Array(bytes[..<cut])) }
            for at in bytes.indices {
                var flipped = bytes
                flipped[at] ^= UInt8(1 << dice.roll(0..<8))
                if let value = try? JSONParser.parse(flipped) {
                    #expect(throws: Never.self) { try JSONParser.parse(value.bytes) }
                }
            }
        }
    }
}

@Suite struct `A JSON value` {
    let value: JSON = ["n": 1, "d": 1.5, "s": "x", "b": true, "z": nil, "a": [1, 2], "o": ["k": "v"]]

    @Test func `opens by kind and by name`() {
        #expect(value["n"]?.integer == 1)
        #expect(value["n"]?.double == 1)
        #expect(value["d"]?.double == 1.5)
        #expect(value["d"]?.integer == nil)
        #expect(value["s"]?.string == "x")
        #expect(value["b"]?.bool == true)
        #expect(value["z"] == .null)
        #expect(value["a"]?.array == [1, 2])
        #expect(value["o"]?["k"] == "v")
        #expect(value["o"]?.members?.map(\.name) == ["k"])
        #expect(value["none"] == nil)
        #expect(value["s"]?["k"] == nil)
    }

    @Test func `keeps the order of its members`() {
        #expect(value.text == #"{"n":1,"d":1.5,"s":"x","b":true,"z":null,"a":[1,2],"o":{"k":"v"}}"#)
    }

    @Test func `writes what JSON cannot say as null, and escapes what it must`() {
        #expect(JSON.array([.double(.infinity), .double(.nan)]).text == "[null,null]")
        #expect(JSON.string("\u{1}\u{1F}\"\\\n\r\t").text == #""\u0001\u001f\"\\\n\r\t""#)
        #expect(JSON.double(1e300).text == "1e+300")
    }
}
