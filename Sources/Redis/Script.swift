/// A Lua script that Redis keeps and runs by its hash.
public struct Script: Sendable {
    /// For messages; Redis does not see it.
    public let name: String
    /// The SHA-1 of the source in hex, by which Redis knows it.
    public let hash: String
    let source: [UInt8]
    private let byHash: Command

    public init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        hash = SHA1.hex(source)
        byHash = Command("EVALSHA", hash)
    }

    /// One run of a script, ready to be sent.
    public struct Call: Sendable {
        let script: Script
        let command: Command

        /// `capacity` is the number of bytes that keys and arguments will take, if known.
        public init(
            _ script: Script, keys: [String], capacity: Int = 0, arguments: (inout Command) -> Void = { _ in }
        ) {
            var command = script.byHash
            command.reserve(capacity)
            command.append(keys.count)
            for key in keys { command.append(key) }
            arguments(&command)
            self.script = script
            self.command = command
        }

        /// The same with the source, which Redis runs and keeps in one step.
        var withSource: Command {
            var head = Command("EVAL", capacity: script.source.count)
            head.append(script.source)
            return command.replacingHead(script.byHash, with: head)
        }
    }
}

extension Reply {
    /// True when Redis has forgotten the script, as it does on a restart and on SCRIPT FLUSH.
    var lacksScript: Bool {
        if case .error(let text) = self { text.hasPrefix("NOSCRIPT") } else { false }
    }
}
