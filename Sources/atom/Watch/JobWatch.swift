import Core
import Foundation

/// Follows one job over the relay: a bar on a terminal, plain lines in a pipe.
struct JobWatch: Sendable {
    private let caller: Caller
    private let id: String
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    /// States that a job does not leave by itself.
    private static let last: Set<String> = ["done", "dead", "cancelled", "expired"]
    private static let barWidth = 30

    init(_ caller: Caller, _ id: String) {
        self.caller = caller
        self.id = id
    }

    /// Watches until the job has ended, and returns it.
    func run() async throws -> JSON {
        try await LiveLine.first(of: caller.lines()).run(sending: ["subscribe": ["job": .string(id)]]) {
            message in
            switch message["type"]?.string {
            // Only now nothing can be missed: whatever happened before shows in the job itself.
            case "subscribed": return try await !hasEnded()
            case "event": return show(message)
            case "error": throw Failure(.invalid, message["message"]?.string ?? "The relay refuses.")
            default: return true
            }
        }
        if isTerminal { say() }
        return try await caller.get("/api/jobs/\(id)")
    }

    private func hasEnded() async throws -> Bool {
        let state = try await caller.get("/api/jobs/\(id)")["state"]?.string ?? ""
        return Self.last.contains(state)
    }

    /// Shows an event; false when it is the last.
    private func show(_ message: JSON) -> Bool {
        let (event, detail) = (message["event"]?.string ?? "", message["detail"])
        if event == "progress", let percent = detail?["percent"]?.double {
            bar(percent, detail?["message"]?.string ?? "")
        } else if event == "progress", let text = detail?["log"]?["line"]?.string {
            plain("  \(text)")
        } else {
            plain("  \(event)" + (detail?["error"]?.string.map { ": \($0)" } ?? ""))
        }
        return !Self.last.contains(event)
    }

    private func bar(_ percent: Double, _ text: String) {
        guard isTerminal else { return plain("  \(percent)%  \(text)") }
        let filled = Int(percent / 100 * Double(Self.barWidth))
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
        say("\r\u{1B}[2K  \(bar) \(Int(percent))%  \(text)", terminator: "")
    }

    private func plain(_ text: String) {
        say(isTerminal ? "\r\u{1B}[2K\(text)" : text)
    }
}
