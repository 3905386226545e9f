/// What Package.swift says of the house: its rooms, their floors, and what each may use.
struct Plan: Sendable {
    /// A target: a room, the command, a C library or the tests of a room.
    struct Room: Sendable {
        let name: String
        /// Nil for tests, which stand beside the house.
        let floor: Int?
        let folder: String
        /// The rooms it lists.
        let uses: [String]
        /// The outside modules it lists.
        let borrows: [String]
    }

    private(set) var rooms: [String: Room] = [:]
    private var roomsByFolder: [String: Room] = [:]
    /// The rooms of the public library.
    private(set) var library: [String] = []

    private let tokens: [Token]
    private var products: [String: String] = [:]

    /// - Parameter source: Package.swift.
    init(_ source: Source?) {
        tokens = source?.tokens() ?? []
        readProducts()
        readRooms()
        roomsByFolder = Dictionary(rooms.values.map { ($0.folder, $0) }) { first, _ in first }
    }

    /// The room that the file at `path` stands in.
    func room(of path: String) -> Room? {
        let parts = path.split(separator: "/")
        let folder = parts[0] == "jobs" ? "jobs" : parts.prefix(2).joined(separator: "/")
        return roomsByFolder[folder]
    }

    /// The rooms that `room` reaches through others, itself among them.
    func reach(of room: Room) -> Set<String> {
        var (seen, next): (Set<String>, [String]) = ([room.name], room.uses)
        while let name = next.popLast() {
            if seen.insert(name).inserted { next += rooms[name]?.uses ?? [] }
        }
        return seen
    }

    /// `static let nio = product(name: "NIOCore", ...)` reads as nio: NIOCore.
    private mutating func readProducts() {
        for index in tokens.indices.dropLast(7) where tokens[index].isWord("let") {
            guard tokens[index + 3].isWord("product"), tokens[index + 7].kind == .text else { continue }
            products[tokens[index + 1].text] = tokens[index + 7].text
        }
    }

    private mutating func readRooms() {
        var floor: Int?
        for index in tokens.indices.dropLast(2) {
            let token = tokens[index]
            if token.kind == .comment, let number = Self.floor(token.text) { floor = number }
            guard token.isMark("."), tokens[index + 2].isMark("(") else { continue }
            let call = Call(tokens, from: index + 2)
            switch tokens[index + 1].text {
            case "room", "systemLibrary", "executableTarget", "target": add(call, on: floor)
            case "tests": addTests(call)
            case "library": library = call.texts("targets")
            default: break
            }
        }
    }

    private static func floor(_ comment: String) -> Int? {
        let words = comment.split(separator: " ")
        guard words.count > 2, words[0] == "//", words[1].hasSuffix(".") else { return nil }
        return Int(words[1].dropLast())
    }

    private mutating func add(_ call: Call, on floor: Int?) {
        guard let name = call.texts("name").first ?? call.texts("").first else { return }
        let folder = call.texts("at").first ?? call.texts("path").first ?? "Sources/\(name)"
        rooms[name] = Room(
            name: name, floor: folder.hasPrefix("Tests/") ? nil : floor, folder: folder,
            uses: call.texts("uses") + call.texts("dependencies"),
            borrows: (call.constants("borrows") + call.constants("dependencies")).compactMap { products[$0] })
    }

    private mutating func addTests(_ call: Call) {
        let names = call.texts("")
        guard let tested = names.first else { return }
        rooms["\(tested)Tests"] = Room(
            name: "\(tested)Tests", floor: nil, folder: "Tests/\(tested)Tests",
            uses: tested == "House" ? [] : names + ["TestHouse"],
            borrows: call.constants("needs").compactMap { products[$0] })
    }
}

/// The arguments of one call in Package.swift, by label; an unlabelled one follows the label before it.
private struct Call {
    private var textsByLabel: [String: [String]] = [:]
    private var constantsByLabel: [String: [String]] = [:]

    init(_ tokens: [Token], from opening: Int) {
        var (depth, label, index) = (0, "", opening)
        repeat {
            let token = tokens[index]
            if token.isMark("(") { depth += 1 }
            if token.isMark(")") { depth -= 1 }
            if depth == 1, token.kind == .word, tokens[index + 1].isMark(":") { label = token.text }
            if token.kind == .text { textsByLabel[label, default: []].append(token.text) }
            if token.kind == .word, tokens[index - 1].isMark(".") {
                constantsByLabel[label, default: []].append(token.text)
            }
            index += 1
        } while depth > 0 && index + 1 < tokens.count
    }

    func texts(_ label: String) -> [String] { textsByLabel[label] ?? [] }
    func constants(_ label: String) -> [String] { constantsByLabel[label] ?? [] }
}
