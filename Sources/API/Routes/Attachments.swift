import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Logging
import Store
import Workspace

extension Routes {
    /// `/api/attachments`, and those of one task under it: files that belong to tasks.
    enum Attachments {
        /// Bytes of one file.
        static let mostBytes = 26_214_400
        /// Files of one task.
        static let mostFiles = 50

        static let resource = Resource(.attachments, at: "/api/attachments")
        private static let path = "/api/tasks/{id}/attachments"

        static let routes: [Route] =
            [resource.listed, resource.shown, resource.changed, deleted, resource.told] + [
                Route(.get, path, "List the attachments of a task, newest first.", resource.listOfTask)
                    .paged().answering(200, "A page.", "AttachmentPage"),
                Route(.post, path, "Attach a file to a task: the body, up to \(mostBytes) bytes.", create)
                    .query("name", "What the file is called.", Schema.text(1...255))
                    .taking(
                        Route.Body(type: "application/octet-stream", schema: Schema.any, isRequired: false)
                    )
                    .answering(201, "Attached.", "Attachment"),
                Route(.get, "/api/attachments/{id}/content", "Download a file.", download).answering(
                    Route.Reply(
                        status: 200, about: "The file.", schema: Schema.any, type: "*/*")
                ),
            ]

        static let schemas = resource.schemas

        private static let deleted = Route(
            .delete, "/api/attachments/{id}", "Delete a file.", delete
        ).guarded().answering(204, "Deleted.")

        static func create(_ call: Call) async throws -> Answer {
            let task = try await call.store.rows(.tasks).require(call.id(of: "task")).id
            var query = Rows.Query()
            query.equal = Noun.attachment.field("task_id").map { [(field: $0, value: JSON(task))] } ?? []
            guard try await call.store.rows(.attachments).count(query) < mostFiles else {
                throw Failure(.conflict, "A task has \(mostFiles) attachments at most; delete one.")
            }
            let (desk, workspace) = (call.office.attachments, try call.workspace)
            try call.refuseLonger(than: mostBytes, "An attachment")
            let file = try await desk.receive(call.request.body, workspace, limit: mostBytes)
            do {
                let head = try await desk.read(workspace, file.id, upTo: FileType.headBytes)
                let item = try await call.store.rows(.attachments).create(
                    Values([
                        "task_id": JSON(task), "name": .string(call.query("name") ?? "file"),
                        "type": .string(FileType.of(head)), "bytes": JSON(file.bytes),
                        "sha256": .string(file.sha256),
                    ]), id: file.id)
                return resource.answer(item, .created).with(.location, "\(resource.path)/\(item.id)")
            } catch {
                try await desk.discard(workspace, file.id)
                throw error
            }
        }

        static func download(_ call: Call) async throws -> Answer {
            let item = try await call.store.rows(.attachments).require(call.id(of: "attachment"))
            let bytes = try await call.office.attachments.read(call.workspace, item.id, upTo: mostBytes)
            let name = Form.encoded(item["name"].string ?? "file")
            return Answer(bytes: bytes, type: item["type"].string ?? "application/octet-stream")
                .with(.contentDisposition, "attachment; filename*=UTF-8''\(name)")
        }

        static func delete(_ call: Call) async throws -> Answer {
            let answer = try await resource.delete(call)
            await drop([try call.id(of: "attachment")], call)
            return answer
        }

        /// The files of tasks.
        static func files(of tasks: [ID], _ call: Call) async throws -> [ID] {
            try await call.store.tasks.attachments(call.workspace, of: tasks)
        }

        /// Removes files whose rows are gone; one that stays is seen by nobody.
        static func drop(_ files: [ID], _ call: Call) async {
            guard let workspace = call.principal?.workspace else { return }
            for file in files {
                do { try await call.office.attachments.discard(workspace, file) } catch {
                    call.office.house.log.warning(
                        "a file could not be removed", metadata: ["file": "\(file)", "error": "\(error)"])
                }
            }
        }
    }
}
