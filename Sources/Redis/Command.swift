import NIOCore

/// One Redis command, encoded for the wire as its arguments are added.
public struct Command: Sendable {
    private(set) var arguments = 0
    private(set) var body: [UInt8]

    /// Begins a command; `capacity` is the number of bytes its arguments will take, if known.
    public init(_ name: String, capacity: Int = 0) {
        body = []
        body.reserveCapacity(capacity + 32)
        append(name)
    }

    /// A whole command at once, such as `Command("HGET", key, field)`.
    public init(_ name: String, _ first: String, _ rest: String...) {
        self.init(name, capacity: first.utf8.count + 16 + rest.reduce(0) { $0 + $1.utf8.count + 16 })
        append(first)
        for argument in rest { append(argument) }
    }

    /// Adds one argument.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(raw: $0) }
    }

    /// Adds one argument of any bytes.
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { append(raw: $0) }
    }

    /// Adds one argument of any bytes.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ append(raw: $0) }) == nil { append(Array(bytes)) }
    }

    /// Adds one argument, written in decimal.
    public mutating func append(_ number: Int64) {
        Digits.of(number) { append(raw: $0) }
    }

    /// Adds one argument, written in decimal.
    public mutating func append(_ number: Int) {
        append(Int64(number))
    }

    private mutating func append(raw bytes: UnsafeBufferPointer<UInt8>) {
        arguments += 1
        appendHeader(UInt8(ascii: "$"), bytes.count)
        body.append(contentsOf: bytes)
        body.append(contentsOf: [13, 10])
    }

    private mutating func appendHeader(_ kind: UInt8, _ count: Int) {
        body.append(kind)
        Digits.of(Int64(count)) { body.append(contentsOf: $0) }
        body.append(contentsOf: [13, 10])
    }
}

extension Command {
    /// How many bytes the command takes on the wire, a few at most too many.
    var size: Int { body.count + Digits.room + 3 }

    func write(into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(ascii: "*"))
        Digits.of(Int64(arguments)) { _ = buffer.writeBytes($0) }
        buffer.writeInteger(0x0D0A as UInt16)
        buffer.writeBytes(body)
    }

    mutating func reserve(_ capacity: Int) {
        body.reserveCapacity(body.count + capacity)
    }

    /// The same arguments with another beginning.
    func replacingHead(_ old: Command, with head: Command) -> Command {
        var command = head
        command.body.append(contentsOf: body[old.body.count...])
        command.arguments += arguments - old.arguments
        return command
    }
}

/// Writes numbers in decimal without allocating.
enum Digits {
    /// The most digits a number of 64 bits takes, with its sign.
    static let room = 20

    static func of(_ number: Int64, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { bytes in
            var start = room
            var rest = number.magnitude
            repeat {
                start -= 1
                bytes[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                start -= 1
                bytes[start] = UInt8(ascii: "-")
            }
            body(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }
}
