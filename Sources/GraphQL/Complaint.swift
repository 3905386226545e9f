import Core

/// Why a document, or one field of it, was not answered: what clients find among `errors`.
package struct Complaint: Error, Sendable {
    /// One part of the way to a field in the answer.
    package enum Step: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    package let message: String
    package var places: [Place]
    package var path: [Step]
    /// What a program may act on, such as `status` and `pointer`.
    package var extensions: [JSON.Member]

    package init(_ message: String, at place: Place? = nil, extensions: [JSON.Member] = []) {
        self.message = message
        places = place.map { [$0] } ?? []
        path = []
        self.extensions = extensions
    }

    package var json: JSON {
        var members: [JSON.Member] = [.init("message", .string(message))]
        if !places.isEmpty {
            let shown = places.map {
                ["line": .integer(Int64($0.line)), "column": .integer(Int64($0.column))] as JSON
            }
            members.append(.init("locations", .array(shown)))
        }
        if !path.isEmpty {
            let steps = path.map { step -> JSON in
                switch step {
                case .key(let key): .string(key)
                case .index(let index): .integer(Int64(index))
                }
            }
            members.append(.init("path", .array(steps)))
        }
        if !extensions.isEmpty { members.append(.init("extensions", .object(extensions))) }
        return .object(members)
    }
}
