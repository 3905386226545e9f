import NIOCore

/// What a new connection says before anything else: who it is, which database it wants, what it is called.
struct Greeting: Sendable {
    let commands: [Command]
    private let required: Int

    init(_ endpoint: Endpoint, name: String) {
        var commands: [Command] = []
        if let password = endpoint.password {
            var login = Command("AUTH")
            if let user = endpoint.user { login.append(user) }
            login.append(password)
            commands.append(login)
        }
        if endpoint.database != 0 { commands.append(Command("SELECT", String(endpoint.database))) }
        required = commands.count
        commands.append(Command("CLIENT", "SETNAME", Self.printable(name)))
        commands.append(Command("CLIENT", "ID"))
        self.commands = commands
    }

    /// Throws when this reply means that the connection is of no use.
    func judge(_ reply: Reply, at index: Int) throws(Fault) {
        guard case .error(let text) = reply else { return }
        // Without the right to CLIENT commands only the name and the waking of blocked waits are missing.
        let isHarmless = text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown")
        if index < required || !isHarmless { throw Fault(refusal: text) }
    }

    /// Redis allows no spaces or control characters in a connection's name.
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.map { (33...126).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
