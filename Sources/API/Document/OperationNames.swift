import HTTPTypes

/// What each operation is called, such as `createTask`, and the tag it stands under.
struct OperationNames {
    private var names: [String: String] = [:]
    /// Tags in the order of the routes.
    let tags: [String]

    init(_ routes: [Route]) {
        var taken: Set<String> = []
        var tags: [String] = []
        for route in routes {
            let tag = Self.tag(of: route)
            if !tags.contains(tag) { tags.append(tag) }
            var name = Self.name(of: route)
            // Two paths that read alike are told apart by all their words.
            if taken.contains(name) { name = Self.long(route) }
            taken.insert(name)
            names[Self.key(route)] = name
        }
        self.tags = tags
    }

    subscript(route: Route) -> String { names[Self.key(route)] ?? Self.long(route) }

    private static func key(_ route: Route) -> String { "\(route.method.rawValue) \(route.path)" }

    /// The noun of the path.
    static func tag(of route: Route) -> String {
        let parts = route.path.split(separator: "/").filter { $0 != "api" }
        guard let first = parts.first, !first.contains("{") else { return "atom" }
        let doors: Set = ["openapi.json", "docs", "docs.css", "docs.js", "metrics", "graphql"]
        return doors.contains(String(first)) ? "atom" : String(first)
    }

    private static func name(of route: Route) -> String {
        let parts = route.path.split(separator: "/").filter { $0 != "api" }.map { String($0) }
        guard !parts.isEmpty else { return "index" }
        let words = parts.filter { !$0.hasPrefix("{") }
        let endsWithRow = parts.last?.hasPrefix("{") == true
        let isBelowRow = !endsWithRow && parts.count > words.count
        switch route.method {
        case .get where endsWithRow: return "get" + joined(words, isOne: true)
        case .get where isBelowRow: return "get" + owner(words) + word(words.last)
        case .get: return "list" + joined(words, isOne: false)
        case .post where isBelowRow: return plain(words.last) + owner(words)
        case .post where words.count == 1: return "create" + joined(words, isOne: true)
        case .post: return plain(words.last) + joined(words.dropLast(), isOne: false)
        case .put where isBelowRow, .patch where isBelowRow: return "set" + owner(words) + word(words.last)
        case .put where !endsWithRow, .patch where !endsWithRow: return "set" + joined(words, isOne: true)
        case .put: return "update" + joined(words, isOne: true)
        case .patch: return "patch" + joined(words, isOne: true)
        case .delete where isBelowRow: return "clear" + owner(words) + word(words.last)
        default: return route.method.rawValue.lowercased() + joined(words, isOne: true)
        }
    }

    /// The row that the last word is said of.
    private static func owner(_ words: [String]) -> String { joined(words.dropLast(), isOne: true) }

    private static func joined(_ words: some BidirectionalCollection<String>, isOne: Bool) -> String {
        let last = words.last.map { isOne ? singular($0) : $0 }
        return (words.dropLast() + [last ?? ""]).map { word($0) }.joined()
    }

    private static func long(_ route: Route) -> String {
        route.method.rawValue.lowercased()
            + route.path.split { !$0.isLetter }.filter { $0 != "api" }.map { word(String($0)) }.joined()
    }

    private static func singular(_ word: String) -> String {
        if word.hasSuffix("ies") { return word.dropLast(3) + "y" }
        return word.hasSuffix("s") && !word.hasSuffix("ss") && !word.hasSuffix("status")
            ? String(word.dropLast()) : word
    }

    private static func word(_ text: String?) -> String {
        (text ?? "").split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined()
    }

    private static func plain(_ text: String?) -> String {
        let word = word(text)
        return word.prefix(1).lowercased() + word.dropFirst()
    }
}
