import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/tasks/bulk`: one change of many tasks.
    enum TaskBulk {
        /// Tasks of one request.
        static let most = 500

        static let routes = [
            Route(
                .post, "/api/tasks/bulk",
                "Change or delete up to \(most) tasks, all or none; a refusal says why for each.", apply
            )
            .taking("TaskBulk").idempotent().answering(200, "Done.", "TaskBulkResult")
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "TaskBulk",
                Schema.object(
                    [
                        "ids": Schema.list(Schema.id, most: most), "changes": Schema.named("TaskChange"),
                        "delete": Schema.bool,
                    ], required: ["ids"])),
            .init(
                "TaskBulkResult",
                Schema.object(
                    ["ids": Schema.list(Schema.id, most: most), "deleted": Schema.bool],
                    required: ["ids", "deleted"])),
        ]

        /// What is asked.
        private struct Request: Decodable {
            let ids: [String]
            let changes: JSON?
            let delete: Bool?
        }

        static func apply(_ call: Call) async throws -> Answer {
            let json = try await call.json()
            let request = try json.decode(Request.self)
            let ids = try ids(request.ids)
            let changes = try request.changes.map { json throws(Failure) in try Noun.task.read(json) }
            let isDeleting = request.delete ?? false
            guard isDeleting != (changes != nil) else {
                throw Problem.senseless(
                    Failure(.invalid, "Send either changes, or delete as true.", at: "/changes"))
            }
            let files = isDeleting ? try await Attachments.files(of: ids, call) : []
            let answer = try await call.once(try Repeatable(call, json.canonical.text)) { store in
                try await judging { try await run(ids, changes, store) }
                return Answer(["ids": .array(ids.map { JSON($0) }), "deleted": .bool(isDeleting)])
            }
            await Attachments.drop(files, call)
            return answer
        }

        private static func ids(_ texts: [String]) throws -> [ID] {
            guard (1...most).contains(texts.count) else {
                throw Problem.senseless(
                    Failure(.invalid, "ids must name 1 to \(most) tasks.", at: "/ids"))
            }
            var known: Set<ID> = []
            return try texts.enumerated().map { index, text in
                guard let id = ID(text), known.insert(id).inserted else {
                    throw Problem.senseless(
                        Failure(.invalid, "This is no id, or one that is named twice.", at: "/ids/\(index)"))
                }
                return id
            }
        }

        /// Tries all of them, so that every error is told; with one, nothing is written.
        private static func run(_ ids: [ID], _ changes: Values?, _ store: Store) async throws {
            var errors: [JSON] = []
            for id in ids {
                do {
                    if let changes {
                        try await store.rows(.tasks).update(id, changes)
                    } else {
                        try await store.rows(.tasks).delete(id)
                    }
                } catch let failure as Failure where failure.isTheirs {
                    errors.append([
                        "id": JSON(id), "detail": .string(failure.message),
                        "pointer": JSON(failure.pointer.map { "/changes\($0)" }),
                    ])
                }
            }
            guard !errors.isEmpty else { return }
            var problem = Problem.senseless(
                Failure(.invalid, "\(errors.count) of the tasks refuse this; nothing was changed."))
            problem.errors = errors
            throw problem
        }
    }
}

extension Failure {
    /// The request is at fault, not the house; and no statement failed, after which nothing can be tried.
    fileprivate var isTheirs: Bool {
        [.invalid, .missing, .forbidden, .conflict].contains(kind) && cause == nil
    }
}
