extension JSON {
    /// The same value with the members of each object sorted, so that their order makes no difference.
    public var canonical: JSON {
        switch self {
        case .object(let members):
            .object(members.map { .init($0.name, $0.value.canonical) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.map(\.canonical))
        default: self
        }
    }

    /// The value that a JSON pointer (RFC 6901) leads to; nil where there is none.
    public func value(at pointer: String) -> JSON? {
        guard !pointer.isEmpty else { return self }
        guard pointer.hasPrefix("/") else { return nil }
        var value = self
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = String(part.replacing("~1", with: "/").replacing("~0", with: "~"))
            if let member = value[name] {
                value = member
            } else if let items = value.array, let index = Int(name), items.indices.contains(index) {
                value = items[index]
            } else {
                return nil
            }
        }
        return value
    }
}
