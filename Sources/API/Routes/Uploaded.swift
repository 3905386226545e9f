import Core
import HTTPTypes
import Hummingbird
import Store
import Work

extension Routes {
    /// `/api/uploads`: files for jobs to read, and the import of tasks from one.
    enum Uploaded {
        static let routes = [
            Route(.post, "/api/uploads", "Keep a file for a job, which takes its id as upload_id.", create)
                .taking(Route.Body(type: "application/octet-stream", schema: Schema.any))
                .answering(201, "Kept.", "Upload"),
            Route(.delete, "/api/uploads/{id}", "Delete an upload.", delete).answering(204, "Deleted."),
            Route(
                .post, "/api/tasks/import",
                "Upload tasks as CSV, or as JSON (application/json), and import them by a durable job.",
                importTasks
            )
            .query("project_id", "The project of rows that name none.", Schema.id)
            .query("queue", "The queue of the job.")
            .taking(Route.Body(type: "text/csv", schema: Schema.string)).idempotent()
            .answering(202, "Kept, and the import_tasks job accepted.", "JobReceipt"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "Upload",
                Schema.object(
                    ["id": Schema.id, "bytes": Schema.count, "sha256": Schema.string],
                    required: ["id", "bytes", "sha256"]))
        ]

        static func create(_ call: Call) async throws -> Answer {
            let upload = try await receive(call)
            let json: JSON = [
                "id": JSON(upload.id), "bytes": JSON(upload.bytes), "sha256": .string(upload.sha256),
            ]
            return Answer(.created, json).with(.location, "/api/uploads/\(upload.id)")
        }

        static func delete(_ call: Call) async throws -> Answer {
            let (workspace, id) = (try call.workspace, try call.id(of: "upload"))
            guard try await call.office.receiver.exists(workspace, id) else {
                throw Failure(.missing, "There is no such upload.")
            }
            try await call.office.receiver.discard(workspace, id)
            return .empty
        }

        static func importTasks(_ call: Call) async throws -> Answer {
            if call.request.headers[.contentType]?.hasPrefix("application/json") != true {
                try call.require("text/csv")
            }
            let project = try call.query("project_id", "the id of a project") { ID($0) }
            let workspace = try call.workspace
            if let project, try await call.store.projects.find(workspace, project) == nil {
                throw Failure(.missing, "There is no project \(project).")
            }
            let upload = try await receive(call)
            do {
                let answer = try await enqueue(upload, project, call)
                if answer.headers[.idempotentReplay] != nil { try await drop(upload, call) }
                return answer
            } catch {
                try await drop(upload, call)
                throw error
            }
        }

        private static func enqueue(
            _ upload: Receiver.Upload, _ project: ID?, _ call: Call
        ) async throws -> Answer {
            var arguments: [JSON.Member] = [.init("upload_id", JSON(upload.id))]
            if let project { arguments.append(.init("project_id", JSON(project))) }
            var members: [JSON.Member] = [
                .init("name", "import_tasks"), .init("arguments", .object(arguments)),
            ]
            if let queue = call.query("queue") { members.append(.init("queue", .string(queue))) }
            let request = try JSON.object(members).decode(JobRequest.self)
            let order = try judging { try request.order(for: call) }
            let repeatable = try Repeatable(call, "\(upload.sha256) \(call.request.uri.query ?? "")")
            let answer = Answer(.accepted, ShownJob.receipt(order, .durable))
                .with(.location, "/api/jobs/\(order.envelope.id)")
            return try await call.keep([order], repeatable, answer: answer)
        }

        private static func receive(_ call: Call) async throws -> Receiver.Upload {
            let limit = call.office.settings.bounds.upload
            try call.refuseLonger(than: limit, "An upload")
            return try await call.office.receiver.receive(call.request.body, call.workspace, limit: limit)
        }

        private static func drop(_ upload: Receiver.Upload, _ call: Call) async throws {
            try await call.office.receiver.discard(call.workspace, upload.id)
        }
    }
}
