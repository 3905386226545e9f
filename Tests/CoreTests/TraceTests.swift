import Core
import Testing

@Suite struct `G9 A traceparent` {
    private static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `is read and written as it stands`() throws {
        let trace = try #require(TraceContext(Self.good))
        #expect(trace.text == Self.good)
        #expect(trace.trace == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.parent == "00f067aa0ba902b7")
        #expect(trace.isSampled)
        #expect(TraceContext("00-00000000000000000000000000000001-0000000000000001-00")?.isSampled == false)
    }

    @Test(arguments: [
        ("", "nothing"), ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "no flags"),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", "a trace of zeros"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "a span of zeros"),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "version ff"),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "capitals"),
        ("0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a letter"),
        ("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a wrong dash"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", "more in version 00"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", "more in version 00"),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", "no dash before more"),
        ("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", "a moved dash"),
        (" 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a space"),
        ("00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01", "another alphabet"),
    ])
    func `with a fault is refused`(text: String, fault: String) {
        #expect(TraceContext(text) == nil, "\(fault)")
    }

    @Test func `of a later version is read by what it shares with the first`() {
        let trace = TraceContext("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0b-what-comes")
        #expect(trace?.text == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03")
    }

    @Test func `has children in its trace, each with an id of its own`() throws {
        let trace = try #require(TraceContext(Self.good))
        let children = (0..<10_000 as Range<UInt64>).map { trace.child($0) }
        #expect(Set(children.map(\.parent)).count == 10_000)
        #expect(!children.contains { $0.parent == trace.parent })
        #expect(
            children.allSatisfy { $0.trace == trace.trace && $0.isSampled && TraceContext($0.text) == $0 })
        #expect(trace.child(7) == trace.child(7))
        #expect(trace.child() != trace.child())
    }

    @Test func `is made from a job's id where it came without one`() {
        let (one, other) = (ID(), ID())
        #expect(TraceContext(root: one) == TraceContext(root: one))
        #expect(TraceContext(root: one).trace != TraceContext(root: other).trace)
        #expect(TraceContext(TraceContext(root: one).text) == TraceContext(root: one))
    }
}
