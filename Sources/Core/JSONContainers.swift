/// An object's members as a keyed container.
struct JSONObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [JSON.Member]
    let node: JSONNode
    let object: Int

    var codingPath: [any CodingKey] { node.path }

    /// Asking for all keys is how dictionaries read an object: then each member is known.
    var allKeys: [Key] {
        node.ledger.askAll(of: object)
        return members.compactMap { Key(stringValue: $0.name) }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    private func find(_ key: Key) -> JSON? {
        let name = key.stringValue
        node.ledger.ask(name, of: object)
        return members.first { $0.name == name }?.value
    }

    private func child(_ key: Key) throws -> JSONNode {
        guard let json = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: node.path, debugDescription: "is missing"))
        }
        return JSONNode(json: json, path: node.path + [key], ledger: node.ledger)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try child(key).json == .null }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try child(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try child(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try child(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try child(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try child(key).whole(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try child(key).whole(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try child(key).whole(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try child(key).whole(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try child(key).whole(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try child(key).whole(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try child(key).whole(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try child(key).whole(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try child(key).whole(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try child(key).whole(type) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try child(key).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws
        -> KeyedDecodingContainer<Nested>
    { try child(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { node }
    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

/// An array's items as an unkeyed container.
struct JSONArray: UnkeyedDecodingContainer {
    let items: [JSON]
    let node: JSONNode
    private(set) var currentIndex = 0

    init(items: [JSON], node: JSONNode) {
        self.items = items
        self.node = node
    }

    var codingPath: [any CodingKey] { node.path }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    private mutating func next() throws -> JSONNode {
        let path = node.path + [JSONKey(intValue: currentIndex)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                JSON.self, .init(codingPath: path, debugDescription: "is missing"))
        }
        defer { currentIndex += 1 }
        return JSONNode(json: items[currentIndex], path: path, ledger: node.ledger)
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, items[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws
        -> KeyedDecodingContainer<Nested>
    { try next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }
}
