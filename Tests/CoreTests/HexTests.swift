import Core
import Testing

@Suite struct `Hexadecimal digits` {
    @Test func `write every byte as two of them, in lower case, and are read again`() {
        let all = Array(UInt8.min...UInt8.max)
        let text = Hex.text(all)
        #expect(text.hasPrefix("000102030405060708090a0b0c0d0e0f10"))
        #expect(text.hasSuffix("f8f9fafbfcfdfeff"))
        #expect(text.count == 512)
        #expect(Hex.bytes(text.utf8) == all)
        #expect(Hex.bytes(text.uppercased().utf8) == all)
    }

    @Test func `write a number with all its zeros`() {
        #expect(Hex.text(0) == "0000000000000000")
        #expect(Hex.text(0x0123_4567_89AB_CDEF) == "0123456789abcdef")
        #expect(Hex.text(UInt64.max) == "ffffffffffffffff")
    }

    @Test(arguments: ["0", "abc", "0g", "g0", "/0", ":0", "@0", "`0", "+5", "-5", " 1", "0x", "٣٣"])
    func `are nothing else`(text: String) {
        #expect(Hex.bytes(text.utf8) == nil)
    }

    @Test func `stand for no bytes where there are none`() {
        #expect(Hex.text([]).isEmpty)
        #expect(Hex.bytes("".utf8) == [])
    }
}
