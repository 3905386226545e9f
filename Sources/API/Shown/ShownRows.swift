import Core
import Store
import Workspace

extension Project {
    /// The project as the API shows it.
    var json: JSON {
        [
            "id": JSON(id), "name": .string(name), "description": .string(description),
            "status": JSON(status),
            "deadline": JSON(deadline), "created_at": JSON(createdAt), "updated_at": JSON(updatedAt),
        ]
    }

    var tag: String { "\"\(version)\"" }

    static let schema = Schema.object(
        .object(
            [.init("id", Schema.id)] + ProjectFields.properties
                + [.init("created_at", Schema.time), .init("updated_at", Schema.time)]),
        required: ["id", "name", "description", "status", "created_at", "updated_at"])
}

extension ProjectTask {
    /// The task as the API shows it; times are hours.
    var json: JSON {
        [
            "id": JSON(id), "title": .string(title), "description": .string(description),
            "status": JSON(status),
            "priority": JSON(priority), "project_id": JSON(project), "assigned_to": JSON(assignedTo),
            "time_estimate": JSON(timeEstimate), "time_spent": JSON(timeSpent), "due_date": JSON(dueDate),
            "depends_on": .array(dependsOn.map { JSON($0) }), "completed_at": JSON(completedAt),
            "created_at": JSON(createdAt), "updated_at": JSON(updatedAt),
        ]
    }

    var tag: String { "\"\(version)\"" }

    static let schema = Schema.object(
        .object(
            [.init("id", Schema.id)] + TaskFields.properties
                + [
                    .init("completed_at", Schema.optional(Schema.time)), .init("created_at", Schema.time),
                    .init("updated_at", Schema.time),
                ]),
        required: ["id", "title", "description", "status", "priority", "created_at", "updated_at"])
}

extension Store.Sandbox.Message {
    /// The message as a list shows it.
    var members: [JSON.Member] {
        [
            .init("id", JSON(id)), .init("channel", .string(channel)), .init("recipient", .string(recipient)),
            .init("subject", JSON(subject)), .init("created_at", JSON(createdAt)),
        ]
    }

    /// All of it.
    var json: JSON { .object(members + [.init("body", .string(body)), .init("raw", .string(raw))]) }
}
