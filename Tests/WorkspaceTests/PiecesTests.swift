import Core
import Testing
import Workspace

@Suite struct `A text too long for its channel` {
    @Test func `is cut at lines, else at words, else between characters`() {
        let lines = Pieces(most: 20).of("one two three\nfour five six\nseven")
        #expect(lines == ["one two three", "four five six\nseven"])
        #expect(Pieces(most: 10).of("aaaa bbbb cccc") == ["aaaa bbbb", "cccc"])
        #expect(Pieces(most: 4).of("abcdefghij") == ["abcd", "efgh", "ij"])
        #expect(Pieces(most: 9).of("aaaa bbbb cccc") == ["aaaa bbbb", "cccc"])
        #expect(Pieces(most: 10).of(" \n ").isEmpty)
    }

    @Test func `is never cut within a character, unless one alone is too long`() {
        let family = "👨‍👩‍👧‍👦"
        let pieces = Pieces(most: 30).of(String(repeating: family, count: 7))
        #expect(pieces.allSatisfy { $0.utf16.count <= 30 && $0.count * 11 == $0.utf16.count })
        #expect(pieces.joined() == String(repeating: family, count: 7))
        let tower = "a" + String(repeating: "\u{0301}", count: 25)
        #expect(Pieces(most: 10).of(tower).map(\.utf16.count) == [10, 10, 6])
    }

    @Test func `loses nothing but white space`() {
        var dice = SystemRandomNumberGenerator()
        let letters = Array("aé😀\n  \r\nñ🇩🇪x")
        for _ in 0..<300 {
            let text = String((0..<200).compactMap { _ in letters.randomElement(using: &dice) })
            let most = Int.random(in: 8...40, using: &dice)
            let pieces = Pieces(most: most).of(text)
            #expect(pieces.allSatisfy { $0.utf16.count <= most && $0.contains { !$0.isWhitespace } })
            #expect(pieces.joined().filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
        }
    }
}
