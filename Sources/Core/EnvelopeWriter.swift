extension Envelope {
    /// Arguments of so many bytes or more are compressed, where that makes them smaller.
    public static let compressionThreshold = 8_192
    /// More bytes than this are not made of compressed arguments.
    public static let argumentLimit = 16_777_216

    /// The arguments compressed, as text; nil where they stay as they are.
    private var packed: [UInt8]? {
        guard arguments.count >= Self.compressionThreshold else { return nil }
        let packed = Base64.encode(Deflate.deflate(arguments))
        return packed.count < arguments.count ? packed : nil
    }

    /// The text, arguments included.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: arguments.count + 160)
        writeHead(to: &writer)
        if let packed {
            writer.raw(",\"z\":\"")
            writer.raw(packed)
            writer.raw("\"}")
        } else {
            writer.raw(",\"a\":")
            writer.raw(arguments)
            writer.raw("}")
        }
        return writer.bytes
    }

    /// The text without its arguments, for the records of ended jobs.
    package var head: [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writeHead(to: &writer)
        writer.raw("}")
        return writer.bytes
    }

    private func writeHead(to writer: inout JSONWriter) {
        writer.raw("{\"l\":\"")
        writer.raw(CollectionOfOne(level.letter))
        writer.raw("\",\"w\":\"")
        writer.raw(workspace.utf8)
        if !flow.isEmpty {
            writer.raw("\",\"f\":\"")
            writer.raw(flow.text.utf8)
        }
        writer.raw("\",\"i\":\"")
        writer.raw(id.text.utf8)
        writer.raw("\",\"n\":")
        writer.write(name)
        writer.raw(",\"c\":")
        writer.write(created.milliseconds)
        if let due { writer.member(",\"d\":", due.milliseconds) }
        if let expires { writer.member(",\"x\":", expires.milliseconds) }
        if let attempts { writer.member(",\"m\":", Int64(attempts)) }
        if let timeout { writer.member(",\"t\":", timeout.milliseconds) }
        if !tags.isEmpty {
            writer.raw(",\"g\":")
            writer.write(.array(tags.map(JSON.string)))
        }
        writeRare(to: &writer)
    }

    /// What few jobs have.
    private func writeRare(to writer: inout JSONWriter) {
        if let deadline { writer.member(",\"e\":", deadline.milliseconds) }
        if let retryUntil { writer.member(",\"y\":", retryUntil.milliseconds) }
        if version != 1 { writer.member(",\"v\":", Int64(version)) }
        if let trace { writer.member(",\"r\":", trace) }
        if let parent { writer.member(",\"p\":", parent.text) }
        if let actor { writer.member(",\"b\":", actor) }
        if let callback { writer.member(",\"k\":", callback) }
        if overflow != .queue { writer.member(",\"o\":", overflow.rawValue) }
        if let unique { writer.member(",\"u\":", unique.text) }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ number: Int64) {
        raw(name)
        write(number)
    }

    fileprivate mutating func member(_ name: StaticString, _ text: String) {
        raw(name)
        write(text)
    }
}
