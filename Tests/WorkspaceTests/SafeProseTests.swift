import Testing
import Workspace

@Suite struct `What a model says` {
    private static let attacks = [
        "![x](https://evil.example/leak)", "[click me](http://evil.example/?q=1)",
        "<img src=//evil.example/x>",
        "<https://evil.example>", "[a]: https://evil.example/x", "see https://evil.example/x?d=1 now",
        "www.evil.example/x", "![x][y]", "\\\\evil.example\\x", "/\\evil.example",
        "ht\u{200B}tps:/\u{200B}/evil.example",
        "[a]\u{AD}(https://evil.example)", "&#104;ttps:&#47;/evil.example", "!\u{2060}[x](y)",
        "WWW.evil.example",
    ]

    @Test(arguments: attacks)
    func `has no link, image or tag left`(_ attack: String) {
        let text = SafeProse.of(attack)
        for mark in ["//", "\\\\", "/\\", "](", "![", "]:", "][", "<", "&#", "www.", "WWW."] {
            #expect(!text.contains(mark), "\(text)")
        }
    }

    @Test(arguments: attacks)
    func `is the same however it is cut into pieces`(_ attack: String) {
        let text = "Before " + attack + " after"
        let scalars = Array(text.unicodeScalars)
        for cut in scalars.indices {
            var prose = SafeProse()
            let head = String(String.UnicodeScalarView(scalars[..<cut]))
            let tail = String(String.UnicodeScalarView(scalars[cut...]))
            let pieces = prose.take(head) + prose.take(tail)
            #expect(pieces == SafeProse.of(text))
        }
    }

    @Test func `stays as it is where it is plain`() {
        let text = "Done: 3 of 4 tasks (75 %), see \"Pond\" and a/b.\n- Next: Zoë's note [draft] at 9:30!"
        #expect(SafeProse.of(text) == text)
    }
}
