import Core
import Workspace

extension Field {
    /// What the document says of it.
    var schema: JSON {
        let whole = isOptional ? Schema.optional(plain) : plain
        guard let members = whole.members else { return whole }
        return .object(
            members + (about.map { [.init("description", .string($0))] } ?? [])
                + (example.map { [.init("examples", [.string($0)])] } ?? []))
    }

    private var plain: JSON {
        switch kind {
        case .text(let length): Schema.text(length)
        case .word(let words): ["type": "string", "enum": .array(words.map(JSON.string))]
        case .flag: Schema.bool
        case .whole(let range): Schema.whole(range)
        case .number(let range, _): Schema.number(range)
        case .decimal: Schema.decimal
        case .time: Schema.time
        case .date: Schema.date
        case .zone: ["type": "string", "maxLength": 64, "examples": ["Europe/Berlin"]]
        case .email: ["type": "string", "format": "email", "maxLength": 254]
        case .url: ["type": "string", "format": "uri", "maxLength": 2_000]
        case .color: ["type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"]
        case .user, .row: Schema.id
        case .texts(let length, let most): Schema.list(Schema.text(length), most: most)
        case .rows(_, let most): Schema.list(Schema.id, most: most)
        case .object: Schema.object
        case .json(let schema): schema
        }
    }
}

extension Schema {
    static let date: JSON = ["type": "string", "format": "date"]
    static let decimal: JSON = [
        "type": "string", "pattern": "^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,4})?$", "examples": ["12.34"],
    ]
}

extension Noun {
    /// What the document calls it, such as `CalendarEvent`.
    var schemaName: String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// Its schemas: the row, a page of rows, what creates one and what changes one.
    var schemas: [JSON.Member] {
        let taken = taken.map { JSON.Member($0.name, $0.schema) }
        let changed = self.taken.filter { !$0.isFixed }.map { JSON.Member($0.name, $0.schema) }
        let required = self.taken.filter(\.isRequired).map(\.name)
        return [
            .init(schemaName, shownSchema),
            .init("\(schemaName)Page", Schema.page(plural, of: schemaName)),
            .init("\(schemaName)Request", Schema.object(.object(taken), required: required)),
            .init("\(schemaName)Change", Schema.object(.object(changed))),
        ]
    }

    private var shownSchema: JSON {
        let members =
            [JSON.Member("id", Schema.id)] + fields.map { .init($0.name, $0.schema) } + [
                .init("version", Schema.count), .init("created_at", Schema.time),
                .init("updated_at", Schema.time),
            ]
        return Schema.object(.object(members), required: members.map(\.name))
    }

    /// The row as the API shows it.
    func json(_ item: Item) -> JSON {
        .object(
            [.init("id", JSON(item.id))] + fields.map { .init($0.name, item[$0.name]) } + [
                .init("version", JSON(item.version)), .init("created_at", JSON(item.createdAt)),
                .init("updated_at", JSON(item.updatedAt)),
            ])
    }
}
