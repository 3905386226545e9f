import Core
import Foundation
import TestHouse
import Testing

@Suite struct `Strict decoding` {
    struct Address: Codable, Equatable {
        var street: String
        var number: UInt8?
    }

    enum Level: String, Codable { case low, high }

    struct Person: Codable, Equatable {
        var name: String
        var age: Int
        var height: Double?
        var level: Level?
        var addresses: [Address]?
        var notes: [String: String]?
        var free: JSON?
        var flags: [Bool?]?
    }

    @Test func `reads what fits`() throws {
        let json: JSON = [
            "name": "Ada", "age": 36, "height": 1, "level": "high",
            "addresses": [["street": "A/B"], ["street": "C", "number": 255]],
            "notes": ["any": "name", "may": "stand"], "free": ["x": [1, nil]], "flags": [true, nil],
        ]
        let person = try json.decode(Person.self)
        #expect(person.addresses == [Address(street: "A/B"), Address(street: "C", number: 255)])
        #expect(person.level == .high)
        #expect(person.height == 1)
        #expect(person.notes == ["any": "name", "may": "stand"])
        #expect(person.free == ["x": [1, nil]])
        #expect(person.flags == [true, nil])
        #expect(try (["name": "B", "age": 1, "height": nil] as JSON).decode(Person.self).height == nil)
    }

    @Test(arguments: [
        ("[]", "", "must be an object, not an array"), ("null", "", "must be an object, not null"),
        ("{}", "/name", "is missing"), (#"{"name":1,"age":1}"#, "/name", "must be a string, not a number"),
        (#"{"name":null,"age":1}"#, "/name", "must be a string, not null"),
        (#"{"name":"A","age":"1"}"#, "/age", "must be a whole number, not a string"),
        (#"{"name":"A","age":1.5}"#, "/age", "must be a whole number, not a number"),
        (#"{"name":"A","age":1,"height":true}"#, "/height", "must be a number, not a boolean"),
        (#"{"name":"A","age":1,"addresses":{}}"#, "/addresses", "must be an array, not an object"),
        (
            #"{"name":"A","age":1,"addresses":[{"street":"s"},{"street":2}]}"#, "/addresses/1/street",
            "must be a string, not a number"
        ),
        (#"{"name":"A","age":1,"addresses":[{}]}"#, "/addresses/0/street", "is missing"),
        (
            #"{"name":"A","age":1,"addresses":[{"street":"s","number":256}]}"#, "/addresses/0/number",
            "is out of range: 0 to 255"
        ),
        (
            #"{"name":"A","age":1,"addresses":[{"street":"s","number":-1}]}"#, "/addresses/0/number",
            "is out of range: 0 to 255"
        ),
        (#"{"name":"A","age":1,"notes":{"a/b~c":1}}"#, "/notes/a~1b~0c", "must be a string, not a number"),
        (#"{"name":"A","age":1,"flags":[true,"x"]}"#, "/flags/1", "must be true or false, not a string"),
        (#"{"name":"A","age":1,"nick":2}"#, "/nick", "is not a known field"),
        (
            #"{"name":"A","age":1,"addresses":[{"street":"s"},{"street":"s","zip":1}]}"#, "/addresses/1/zip",
            "is not a known field"
        ),
    ])
    func `names the field and says what is wrong`(text: String, pointer: String, what: String) throws {
        let json = try JSONParser.parse(Array(text.utf8))
        let failure = #expect(throws: Failure.self) { try json.decode(Person.self, at: "/arguments") }
        #expect(failure?.kind == .invalid)
        #expect(failure?.pointer == "/arguments" + pointer)
        #expect(failure?.message == "/arguments\(pointer) \(what).")
        let bare = #expect(throws: Failure.self) { try json.decode(Person.self) }
        #expect(bare?.pointer == pointer)
        #expect(bare?.message == "\(pointer.isEmpty ? "The value" : pointer) \(what).")
    }

    @Test func `names a word that an enumeration does not have`() {
        let failure = #expect(throws: Failure.self) {
            try (["name": "A", "age": 1, "level": "middle"] as JSON).decode(Person.self)
        }
        #expect(failure?.pointer == "/level")
        #expect(failure?.message.contains("middle") == true)
    }

    @Test func `takes every width of number and refuses what does not fit`() throws {
        #expect(try JSON.integer(.max).decode(Int64.self) == .max)
        #expect(try JSON.array([0, 255]).decode([UInt8].self) == [0, 255])
        #expect(try JSON.integer(-128).decode(Int8.self) == -128)
        #expect(throws: Failure.self) { try JSON.integer(128).decode(Int8.self) }
        #expect(throws: Failure.self) { try JSON.integer(-1).decode(UInt64.self) }
        #expect(throws: Failure.self) { try JSON.double(1e30).decode(Int.self) }
        #expect(try JSON.array([1, 2.5]).decode([Double].self) == [1, 2.5])
        #expect(try JSON.double(0.5).decode(Float.self) == 0.5)
    }

    /// Reads its two halves from one object, each with its own keys, as composed types do.
    struct Composed: Decodable {
        enum First: String, CodingKey { case a }
        enum Second: String, CodingKey { case b, deep }
        enum Deep: String, CodingKey { case list }
        let a, b: Int
        let list: [Int]

        init(from decoder: any Decoder) throws {
            a = try decoder.container(keyedBy: First.self).decode(Int.self, forKey: .a)
            let second = try decoder.container(keyedBy: Second.self)
            b = try second.decode(Int.self, forKey: .b)
            let deep = try second.nestedContainer(keyedBy: Deep.self, forKey: .deep)
            var items = try deep.nestedUnkeyedContainer(forKey: .list)
            var list: [Int] = []
            while !items.isAtEnd { list.append(try items.decode(Int.self)) }
            self.list = list
        }
    }

    @Test func `knows the fields of a type that reads its object in two steps`() throws {
        let value = try (["a": 1, "b": 2, "deep": ["list": [3]]] as JSON).decode(Composed.self)
        #expect([value.a, value.b] + value.list == [1, 2, 3])
        let failure = #expect(throws: Failure.self) {
            try (["a": 1, "b": 2, "deep": ["list": [], "x": 1]] as JSON).decode(Composed.self)
        }
        #expect(failure?.pointer == "/deep/x")
    }

    @Test func `takes an empty object and nothing else for a type without properties`() throws {
        struct Empty: Decodable {}
        _ = try (JSON.object([])).decode(Empty.self)
        for json in [JSON.null, 1, "x", [], ["x": 1]] {
            #expect(throws: Failure.self) { try json.decode(Empty.self) }
        }
        #expect(try (["x": 1] as JSON).decode(JSON.self) == ["x": 1])
        #expect(try (["x": 1] as JSON).decode([String: JSON].self) == ["x": 1])
    }

    @Test func `passes on a failure that a type throws itself`() {
        struct Picky: Decodable {
            init(from decoder: any Decoder) throws { throw Failure(.conflict, "No.") }
        }
        #expect(throws: Failure.self) { try JSON.null.decode(Picky.self) }
    }
}

@Suite struct `Encoding a JSON value` {
    @Test func `writes the same value that our own writer does`() throws {
        var dice = Dice(3)
        for _ in 0..<300 {
            let value: JSON = ["v": dice.json(3)]
            let data = try JSONEncoder().encode(value)
            let read = try JSONParser.parse(Array(data))
            #expect(Self.sorted(read) == Self.sorted(value))
        }
    }

    /// Foundation keeps no order of members and writes 2.0 as 2.
    private static func sorted(_ value: JSON) -> JSON {
        switch value {
        case .object(let members):
            .object(members.map { JSON.Member($0.name, sorted($0.value)) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.map(sorted))
        case .integer(let number): .double(Double(number))
        default: value
        }
    }
}
