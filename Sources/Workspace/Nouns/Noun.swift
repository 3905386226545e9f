import Core

/// A kind of row: its fields and rules, of which tables, requests, answers and documents are made.
package struct Noun: Sendable {
    /// A check of the whole row, after each field was found good.
    package typealias Law = @Sendable (Values) throws -> Void

    /// Rows that belong to one person.
    package struct Privacy: Sendable {
        /// The field that names the user who may see and change the row.
        package let owner: String
        /// The flag that lets everybody see it, where there is one.
        package let shared: String?

        package init(owner: String, unless shared: String? = nil) {
            self.owner = owner
            self.shared = shared
        }
    }

    /// One of them, such as `task`.
    package let name: String
    /// Several of them, such as `tasks`: what a page of them is called.
    package let plural: String
    package let table: String
    /// What its events begin with, such as `calendar:event`.
    private let event: String
    /// What its events end with, where that is not the action's own word: `new` for `created`.
    private let endings: [String: String]
    package let fields: [Field]
    package let privacy: Privacy?
    package let laws: [Law]
    private let byName: [String: Field]

    package init(
        _ name: String, _ plural: String, table: String? = nil, event: String? = nil,
        endings: [String: String] = [:], fields: [Field], privacy: Privacy? = nil, laws: [Law] = []
    ) {
        self.name = name
        self.plural = plural
        self.table = table ?? plural
        self.event = event ?? name
        self.endings = endings
        self.fields = fields
        self.privacy = privacy
        self.laws = laws
        byName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
    }

    /// What a change is told as, such as `task:created`.
    package func event(_ action: String) -> String { "\(event):\(endings[action] ?? action)" }

    package func field(_ name: String) -> Field? { byName[name] }

    /// Such as `project`, for a message.
    package var title: String { name.replacing("_", with: " ") }

    /// The fields that a caller may send.
    package var taken: [Field] { fields.filter { !$0.isShown } }

    /// The fields that the table has columns for.
    package var stored: [Field] { fields.filter { !$0.isElsewhere } }

    package var isSearched: Bool { fields.contains { $0.isSearched } }
}

extension Noun {
    /// The values in a request, each of the right shape. Throws `Failure(.invalid)` for a field that the noun
    /// does not have and for one of another shape.
    package func read(_ json: JSON) throws(Failure) -> Values {
        guard let members = json.members else {
            throw Failure(.invalid, "The body must be a JSON object.")
        }
        var values = Values()
        for member in members {
            let pointer = "/\(member.name.prefix(60))"
            guard let field = byName[member.name], !field.isShown else {
                let reason =
                    byName[member.name] == nil
                    ? "A \(title) has no field \"\(member.name.prefix(60))\"."
                    : "\(member.name) is set by the server; leave it out."
                throw Failure(.invalid, reason, at: pointer)
            }
            guard !values.has(member.name) else {
                throw Failure(.invalid, "\(member.name) is given twice.", at: pointer)
            }
            values[member.name] = try field.read(member.value)
        }
        return values
    }

    /// The values of a new row: those given, and what holds where nothing was said.
    /// Throws `Failure(.invalid)` for the first rule that is broken.
    package func fresh(_ given: Values) throws -> Values {
        var values = given
        for field in fields where !values.has(field.name) {
            guard !field.isRequired || field.isShown else {
                throw Failure(.invalid, "\(field.name) is missing.", at: field.pointer)
            }
            values[field.name] = field.initial
        }
        return try checked(values, given)
    }

    /// The values of a row after a change. Throws `Failure(.invalid)` for the first rule that is broken.
    package func changed(_ before: Values, by given: Values) throws -> Values {
        for field in fields where field.isFixed {
            if let value = given[field.name], try field.check(value) != before[field.name] {
                throw Failure(
                    .invalid, "\(field.name) is said when a \(title) is created, and stays.",
                    at: field.pointer)
            }
        }
        return try checked(before.changed(by: given), given)
    }

    private func checked(_ values: Values, _ given: Values) throws -> Values {
        var values = values
        for field in fields {
            if let value = given[field.name] { values[field.name] = try field.check(value) }
        }
        for law in laws { try law(values) }
        return values
    }
}
