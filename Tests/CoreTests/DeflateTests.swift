import Core
import Testing

@Suite struct `A10: bytes made smaller` {
    @Test func `become whole again, whatever they are`() throws {
        var dice = Dice(10)
        for _ in 0..<300 {
            let size = dice.roll(0..<200_000)
            let range = dice.flip() ? 0..<256 : 0..<7
            let bytes = (0..<size).map { _ in UInt8(dice.roll(range)) }
            #expect(try Deflate.inflate(Deflate.deflate(bytes), limit: bytes.count) == bytes)
        }
    }

    @Test func `of JSON take less than a third`() {
        let row: JSON = ["to": "somebody@example.org", "subject": "Your order has been sent", "retry": true]
        let bytes = JSON.array((0..<100).map { .array([row, .integer($0)]) }).bytes
        #expect(Deflate.deflate(bytes).count * 3 < bytes.count)
    }

    @Test func `are refused while they grow beyond the limit, not after`() {
        let bomb = Deflate.deflate([UInt8](repeating: 0, count: 200 << 20))
        #expect(bomb.count < 1 << 20)
        let clock = ContinuousClock()
        // The fastest of a few tries, for a busy machine stops any one of them for a while.
        let took = (0..<5).map { _ in
            clock.measure {
                #expect(throws: Deflate.Fault.tooLarge(limit: 1_000)) {
                    try Deflate.inflate(bomb, limit: 1_000)
                }
            }
        }
        #expect(took.min() ?? .zero < .milliseconds(50))
        let bytes = [UInt8](repeating: 7, count: 100_000)
        #expect(throws: Deflate.Fault.tooLarge(limit: 99_999)) {
            try Deflate.inflate(Deflate.deflate(bytes), limit: 99_999)
        }
    }

    @Test func `are refused when a part is lost or anything is changed`() {
        let bytes = Array("All that was asked, again and again and again.".utf8)
        let small = Deflate.deflate(bytes)
        for count in 0..<small.count {
            #expect(throws: Deflate.Fault.damaged) { try Deflate.inflate(Array(small[..<count]), limit: 999) }
        }
        #expect(throws: Deflate.Fault.damaged) { try Deflate.inflate(small + [0], limit: 999) }
        #expect(throws: Deflate.Fault.damaged) { try Deflate.inflate(bytes, limit: 999) }
        for place in small.indices {
            var changed = small
            changed[place] ^= 0x10
            let found = try? Deflate.inflate(changed, limit: 999)
            #expect(found == nil || found == bytes)
        }
    }
}

@Suite struct `Base 64` {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `is written as RFC 4648 shows it`(plain: String, text: String) {
        #expect(String(decoding: Base64.encode(Array(plain.utf8)), as: UTF8.self) == text)
        #expect(Base64.decode(Array(text.utf8)) == Array(plain.utf8))
    }

    @Test func `gives back any bytes`() {
        var dice = Dice(64)
        for _ in 0..<2_000 {
            let bytes = (0..<dice.roll(0..<300)).map { _ in UInt8(dice.roll(0..<256)) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v=", "Zm9v\n", "Zm 9", "Zg==Zm9v", "Zm-_",
    ])
    func `that is not exact is refused`(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }
}
