import Foundation

/// A mail server that follows a script: what it answers at which step, and where it cuts the connection.
final class MailServer: Sendable {
    enum Step: String, Sendable, CaseIterable {
        case greeting, hello, sender, recipient, data, body, end, verdict, goodbye
    }

    struct Script: Sendable {
        /// Where the connection is cut instead of answering; `verdict` cuts in the middle of the last answer,
        /// `goodbye` right after it.
        var cut: Step?
        /// True for a cut as by a crash, which throws away what is on its way.
        var resets = false
        /// Answers other than the usual ones; for `recipient` by address.
        var answers: [Step: String] = [:]
        var recipients: [String: String] = [:]
        /// Where the server stays silent until the gate opens.
        var silent: Step?
        let gate = Gate()
    }

    /// Something that the server has seen.
    enum Event: Sendable, Equatable {
        case command(String)
        /// The first part of a long mail was read.
        case body
        /// A whole mail, up to its end mark.
        case mail(String)
        /// The other side went away in the middle of a mail.
        case torn
        case silent
    }

    let events = Record<Event>()
    private let server: Server

    init(_ script: Script = Script()) throws {
        let events = events
        server = try Server(receiveBuffer: 32_768) { peer in Talk(script, events, peer).run() }
    }

    var port: UInt16 { server.port }

    /// The mails that arrived whole.
    var mails: [String] {
        events.values.compactMap { if case .mail(let text) = $0 { text } else { nil } }
    }

    var commands: [String] {
        events.values.compactMap { if case .command(let text) = $0 { text } else { nil } }
    }
}

/// One connection to a mail server.
private struct Talk {
    private let script: MailServer.Script
    private let events: Record<MailServer.Event>
    private let peer: Peer

    init(_ script: MailServer.Script, _ events: Record<MailServer.Event>, _ peer: Peer) {
        self.script = script
        self.events = events
        self.peer = peer
    }

    func run() {
        guard say(.greeting, "220-mail.test greets\r\n220 you") else { return }
        while let line = peer.line() {
            events.add(.command(line))
            guard answer(line) else { return }
        }
    }

    private func answer(_ line: String) -> Bool {
        switch line.prefix(4) {
        case "EHLO", "HELO": return say(.hello, "250-mail.test\r\n250-8BITMIME\r\n250 SIZE 50000000")
        case "MAIL": return say(.sender, "250 2.1.0 fine")
        case "RCPT":
            let address = line.dropFirst("RCPT TO:<".count).prefix { $0 != ">" }
            return say(.recipient, script.recipients[String(address)] ?? "250 2.1.5 fine")
        case "DATA":
            guard say(.data, "354 go on") else { return false }
            return script.answers[.data] != nil || mail()
        case "QUIT":
            peer.write("221 2.0.0 bye\r\n")
            return false
        default: return say(.goodbye, "500 what")
        }
    }

    private func mail() -> Bool {
        var lines: [String] = []
        var isLong = false
        while let line = peer.line() {
            guard line != "." else { return verdict(lines.joined(separator: "\r\n")) }
            lines.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
            guard lines.count > 500, !isLong else { continue }
            isLong = true
            events.add(.body)
            guard passes(.body) else { return false }
        }
        events.add(.torn)
        return false
    }

    private func verdict(_ text: String) -> Bool {
        events.add(.mail(text))
        guard passes(.end) else { return false }
        if script.cut == .verdict {
            peer.write("25")
            peer.cut(reset: false)
            return false
        }
        guard peer.write((script.answers[.end] ?? "250 2.0.0 queued as 42") + "\r\n") else { return false }
        return passes(.goodbye)
    }

    private func say(_ step: MailServer.Step, _ usual: String) -> Bool {
        guard passes(step) else { return false }
        return peer.write((script.answers[step] ?? usual) + "\r\n")
    }

    /// False when the script ends the connection here.
    private func passes(_ step: MailServer.Step) -> Bool {
        if script.silent == step {
            events.add(.silent)
            script.gate.pass()
        }
        if script.cut == step { peer.cut(reset: script.resets) }
        return script.cut != step
    }
}
