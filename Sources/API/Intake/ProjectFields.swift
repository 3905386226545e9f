import Core
import Store
import Workspace

/// What a caller says of a project: what is left out stays as it is, null empties.
struct ProjectFields: Decodable, Sendable {
    private let name: String?
    private let description: String?
    private let status: String?
    private let deadline: Moment??

    enum CodingKeys: String, CodingKey {
        case name, description, status, deadline
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        description = try fields.decodeIfPresent(String.self, forKey: .description)
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        deadline = try fields.decodeGiven(Moment.self, forKey: .deadline)
    }

    static let properties: [JSON.Member] = [
        .init("name", Schema.text(Project.Limits.name)),
        .init("description", Schema.text(Project.Limits.description)),
        .init("status", Schema.choice(Project.Status.self)), .init("deadline", Schema.optional(Schema.time)),
    ]

    /// A new project with these fields. Throws `Failure(.invalid)`.
    func project(in workspace: ID, now: Moment = .now) throws -> Project {
        guard let name else { throw Failure(.invalid, "/name is missing.", at: "/name") }
        let project = Project(
            id: ID(), workspace: workspace, name: name, description: description ?? "",
            status: try status.map(Project.status) ?? .active, deadline: deadline ?? nil, createdAt: now,
            updatedAt: now)
        try project.check()
        return project
    }

    /// The fields as a change. Throws `Failure(.invalid)`.
    func patch() throws -> Store.Projects.Patch {
        var patch = Store.Projects.Patch()
        if let name { try Project.check(name: name) }
        if let description { try Project.check(description: description) }
        patch.name = name
        patch.description = description
        patch.status = try status.map(Project.status)
        patch.deadline = deadline
        return patch
    }
}

extension KeyedDecodingContainer {
    /// Nil where the member is missing, `.some(nil)` where it is null.
    func decodeGiven<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value?? {
        contains(key) ? .some(try decodeIfPresent(type, forKey: key)) : .none
    }
}
