import Foundation

extension JSON {
    /// The value this JSON stands for, strictly: an object's members must all be asked for by the type.
    ///
    /// Throws `Failure(.invalid)` that names the member by its JSON pointer and says what is wrong with it.
    /// - Parameter root: the pointer of this value in the caller's document, such as `/arguments`.
    public func decode<Value: Decodable>(_ type: Value.Type, at root: String = "") throws -> Value {
        let ledger = JSONLedger()
        do {
            let node = JSONNode(json: self, path: [], ledger: ledger)
            let value = try node.decode(type)
            // A type without properties asks for nothing, and so would take anything.
            if !ledger.isRead { _ = try node.container(keyedBy: JSONKey.self) }
            if let unknown = ledger.firstUnknown {
                let pointer = JSONNode.pointer(unknown, root: root)
                throw Failure(.invalid, "\(pointer) is not a known field.", at: pointer)
            }
            return value
        } catch let error as DecodingError {
            throw Failure(error, root: root)
        }
    }
}

/// Remembers which objects were read and which of their members were asked for.
final class JSONLedger {
    private var objects: [(path: [any CodingKey], members: [JSON.Member], asked: Set<String>)] = []
    private var indices: [String: Int] = [:]
    /// True once any value was looked at.
    var isRead = false

    /// The object at `path`; one that a type reads twice, by two sets of keys, is still one.
    func open(_ members: [JSON.Member], at path: [any CodingKey]) -> Int {
        isRead = true
        let pointer = path.isEmpty ? "" : JSONNode.pointer(path, root: "")
        if let known = indices[pointer] { return known }
        indices[pointer] = objects.count
        objects.append((path, members, []))
        return objects.count - 1
    }

    func ask(_ name: String, of object: Int) { objects[object].asked.insert(name) }

    func askAll(of object: Int) { objects[object].asked.formUnion(objects[object].members.map(\.name)) }

    /// The path of the first member that nobody asked for.
    var firstUnknown: [any CodingKey]? {
        for object in objects {
            for member in object.members where !object.asked.contains(member.name) {
                return object.path + [JSONKey(member.name)]
            }
        }
        return nil
    }
}

/// A name or an index on the way to a value.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(stringValue: String) { self.init(stringValue) }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// One value of the tree as a `Decoder`.
struct JSONNode: Decoder {
    let json: JSON
    let path: [any CodingKey]
    let ledger: JSONLedger

    var codingPath: [any CodingKey] { path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func pointer(_ path: [any CodingKey], root: String) -> String {
        path.reduce(root) { pointer, key in
            let name = key.stringValue.replacing("~", with: "~0").replacing("/", with: "~1")
            return pointer + "/" + name
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = json else { throw mismatch("an object") }
        return KeyedDecodingContainer(
            JSONObject(members: members, node: self, object: ledger.open(members, at: path)))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        ledger.isRead = true
        guard case .array(let items) = json else { throw mismatch("an array") }
        return JSONArray(items: items, node: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ledger.isRead = true
        return self
    }

    func mismatch(_ wanted: String) -> DecodingError {
        .typeMismatch(
            JSON.self, .init(codingPath: path, debugDescription: "must be \(wanted), not \(json.kind)"))
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == JSON.self, let value = json as? Value {
            ledger.isRead = true
            return value
        }
        return try Value(from: self)
    }
}

extension JSONNode: SingleValueDecodingContainer {
    func decodeNil() -> Bool { json == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let flag = json.bool else { throw mismatch("true or false") }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard let text = json.string else { throw mismatch("a string") }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let number = json.double else { throw mismatch("a number") }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        guard let number = json.whole else { throw mismatch("a whole number") }
        guard let fitting = Number(exactly: number) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: path, debugDescription: "is out of range: \(Number.min) to \(Number.max)"))
        }
        return fitting
    }

    func decode(_ type: Int.Type) throws -> Int { try whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }
}

extension JSON {
    /// The number where it is whole, also when it is written as `42.0`.
    fileprivate var whole: Int64? {
        guard case .double(let number) = self else { return integer }
        return Int64(exactly: number)
    }

    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: Decodable {
    /// Reads a value through any decoder of this room; other decoders are not needed here.
    public init(from decoder: any Decoder) throws {
        guard let node = decoder as? JSONNode else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "JSON is read by JSON.decode only"))
        }
        self = node.json
    }
}

extension Failure {
    fileprivate init(_ error: DecodingError, root: String) {
        let (path, what): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case .valueNotFound(_, let context): (context.codingPath, "must not be null")
            case .typeMismatch(_, let context), .dataCorrupted(let context):
                (context.codingPath, context.debugDescription)
            @unknown default: ([], "cannot be read")
            }
        let pointer = JSONNode.pointer(path, root: root)
        self.init(.invalid, "\(pointer.isEmpty ? "The value" : pointer) \(what).", at: pointer)
    }
}
