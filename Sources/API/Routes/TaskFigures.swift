import Core
import HTTPTypes
import Store

extension Routes {
    /// `/api/tasks/stats`: the tasks in numbers.
    enum TaskFigures {
        static let routes = [
            Route(.get, "/api/tasks/stats", "Count the tasks.", show)
                .query("project_id", "Only the tasks of this project.", Schema.id)
                .answering(200, "The numbers.", "TaskStats")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "TaskStats",
                Schema.object(
                    [
                        "total": Schema.count, "by_status": counts, "by_priority": counts,
                        "overdue": Schema.count, "due_in_7_days": Schema.count,
                        "average_cycle_hours": Schema.optional(Schema.amount),
                        "by_person": Schema.list(
                            Schema.object(
                                [
                                    "assigned_to": Schema.optional(Schema.string), "open": Schema.count,
                                    "done": Schema.count, "overdue": Schema.count,
                                ], required: ["assigned_to", "open", "done", "overdue"]),
                            most: Store.Tasks.Figures.mostPeople),
                    ],
                    required: [
                        "total", "by_status", "by_priority", "overdue", "due_in_7_days",
                        "average_cycle_hours", "by_person",
                    ]))
        ]

        private static let counts: JSON = ["type": "object", "additionalProperties": Schema.count]

        static func show(_ call: Call) async throws -> Answer {
            let project = try call.query("project_id", "the id of a project") { ID($0) }
            let figures = try await call.store.tasks.figures(call.workspace, project: project)
            return Answer(figures.json)
        }
    }
}

extension Store.Tasks.Figures {
    fileprivate var json: JSON {
        [
            "total": JSON(total), "by_status": Self.json(byStatus), "by_priority": Self.json(byPriority),
            "overdue": JSON(overdue), "due_in_7_days": JSON(dueIn7Days),
            "average_cycle_hours": JSON(cycleTime_h),
            "by_person": .array(
                people.map { person in
                    [
                        "assigned_to": JSON(person.name), "open": JSON(person.open),
                        "done": JSON(person.done), "overdue": JSON(person.overdue),
                    ]
                }),
        ]
    }

    private static func json(_ counts: [String: Int]) -> JSON {
        .object(counts.sorted { $0.key < $1.key }.map { .init($0.key, JSON($0.value)) })
    }
}
