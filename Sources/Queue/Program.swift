import Redis

/// Composes the queue's programs: what they say of keys is made from `Keys`, then come the parts they share.
///
/// A program gets the beginnings of the keys as `KEYS[1]` (its queue's) and `KEYS[2]` (those that queues
/// share), and finds every key that it names as a local of that name.
enum Program {
    /// What several programs have in common, in the order in which one builds on the other.
    enum Part: CaseIterable {
        case common, flow, ties, claim, admission

        var source: [UInt8] {
            switch self {
            case .common: PackageResources.common_lua
            case .flow: PackageResources.flow_lua
            case .ties: PackageResources.ties_lua
            case .claim: PackageResources.claim_lua
            case .admission: PackageResources.admission_lua
            }
        }
    }

    static func script(_ name: String, _ own: [UInt8], with parts: [Part] = [.common]) -> Script {
        let text = String(decoding: own, as: UTF8.self)
        // Redis reads the flags from the first line.
        let end = text.firstIndex(of: "\n") ?? text.endIndex
        let bodies = parts.map { String(decoding: $0.source, as: UTF8.self) } + [String(text[end...])]
        let body = bodies.joined(separator: "\n")
        return Script(name: name, source: Array("\(text[..<end])\n\(names(in: body))\(body)".utf8))
    }

    /// The locals for the keys that `body` names, and those that are added to another queue's base.
    private static func names(in body: String) -> String {
        var lines = ["local base, shared = KEYS[1], KEYS[2]"]
        var words = Set(body.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        let marks = ["tries", "crashes", "errors", "progress", "holders", "cancels", "history"]
        if words.contains("marks") { words.formUnion(marks) }
        let levels = ["high", "normal", "low"]
        let ends = levels.map { "'\(Keys.Name.ready.rawValue)\($0)'" }.joined(separator: ", ")
        var at = ["ready = { \(ends) }"]
        for name in Keys.Name.allCases where words.contains("\(name)") && name != .ready {
            lines.append("local \(name) = base .. '\(name.rawValue)'")
            at.append("\(name) = '\(name.rawValue)'")
        }
        if words.contains("ready") {
            let keys = levels.map { "base .. '\(Keys.Name.ready.rawValue)\($0)'" }
            lines.append("local ready = { \(keys.joined(separator: ", ")) }")
        }
        for name in Keys.Shared.allCases where words.contains("\(name)") || name == .limits {
            // A bare `limits` would hide behind the limits of a group, which programs speak of more often.
            lines.append("local \(name == .limits ? "limits_set" : "\(name)") = shared .. '\(name.rawValue)'")
        }
        lines.append("local at = { \(at.joined(separator: ", ")) }")
        if words.contains("marks") { lines.append("local marks = { \(marks.joined(separator: ", ")) }") }
        return lines.joined(separator: "\n") + "\n"
    }
}
