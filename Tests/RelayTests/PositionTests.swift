import Core
import Testing

@testable import Relay

@Suite struct `A position` {
    @Test(arguments: ["default:12:3", "a-b_1:0:0", "mail:9", "mail:0"])
    func `reads what it writes`(_ text: String) throws { #expect(Mark(text)?.text == text) }

    @Test(arguments: [
        "", "default", ":1:1", "default:", "default:x:1", "default:1:x", "default:-1:0", "default:1:-1",
        "default:1:2147483647", "default:1:1:1", "Default:1:1", "default:99999999999999999999:0",
    ])
    func `is not read from something else`(_ text: String) { #expect(Mark(text) == nil) }

    @Test func `at the end of a batch is after all of its events and before the next`() {
        #expect(Position(3, 999_999) < Position(endOf: 3))
        #expect(Position(endOf: 3) < Position(4, 0))
    }
}

@Suite struct `The track of a queue` {
    @Test func `knows the next, the old and the missing`() {
        var track = Track(last: 5)
        #expect(track.judge(6) == .next)
        track.tell(6)
        track.hear(6)
        #expect(track.judge(8) == .hole)
        track.tell(9)
        track.hear(8)
        #expect(track.judge(9) == .known)
    }

    @Test func `doubts numbers that do not grow on one connection, and old ones on a new one`() {
        var track = Track(last: 5)
        #expect(track.judge(5) == .doubtful)
        track.hear(6)
        track.tell(6)
        #expect(track.judge(1) == .doubtful)
        track.forgetHeard()
        #expect(track.judge(6) == .doubtful)
        #expect(track.judge(7) == .next)
    }
}

@Suite struct `The relay's ear` {
    @Test func `takes the wildcards in a prefix literally and knows the queue of a channel`() {
        let ear = Ear(anyQueue: "a*[b]?:{*}:events")
        #expect(ear.pattern == "a\\*\\[b\\]\\?:{*}:events")
        #expect(ear.queue("a*[b]?:{mail}:events") == "mail")
        #expect(ear.queue("a*[b]?:{ma:il}:events") == nil)
        #expect(ear.queue("axb:{mail}:events") == nil)
        #expect(ear.queue("a*[b]?:{events") == nil)
    }

    @Test func `reads the number of a batch alone`() {
        #expect(Ear.sequence(Array("12\nwaiting x".utf8)) == 12)
        #expect(Ear.sequence(Array("x\n".utf8)) == nil)
    }
}
