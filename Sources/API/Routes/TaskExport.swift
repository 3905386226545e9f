import Core
import HTTPTypes
import Store
import Workspace

extension Routes {
    /// `/api/tasks/export`: many tasks at once, as a file.
    enum TaskExport {
        /// Tasks of one file; a `Link` leads to the next.
        static let most = 10_000

        private enum Format: String, CaseIterable { case csv, json }

        static let routes = [
            Tasks.resource.parameters.reduce(
                Route(
                    .get, "/api/tasks/export",
                    "Export tasks as CSV or JSON, \(most) at once; Link leads to the rest.", export)
            ) { $0.query($1.name, $1.about, $1.schema) }
            .query("format", "csv unless told.", Schema.choice(Format.self))
            .query("cursor", "Where the file before ended.")
            .answering(Route.Reply(status: 200, about: "The file.", schema: Schema.any, type: "*/*"))
        ]

        static func export(_ call: Call) async throws -> Answer {
            let format: Format = try call.choice("format") ?? .csv
            var query = try Tasks.resource.query(of: call)
            query.limit = Store.Page.most
            var (items, next) = ([Item](), String?.none)
            while items.count < most {
                let page = try await call.store.rows(.tasks).list(query)
                items += page
                guard page.count == query.limit, let last = page.last else { break }
                let cursor = Rows.Cursor(last, by: query.order)
                query.after = cursor
                if items.count >= most { next = cursor.text(by: query.order) }
            }
            return answer(items, format, link: call.page("tasks", [], next: next).headers[.link])
                .with(.contentDisposition, "attachment; filename=\"tasks.\(format.rawValue)\"")
        }

        private static func answer(_ items: [Item], _ format: Format, link: String?) -> Answer {
            let answer =
                switch format {
                case .json: Answer(["tasks": .array(items.map(Noun.task.json))])
                case .csv: Answer(text: csv(items), type: "text/csv; charset=utf-8")
                }
            return link.map { answer.with(.link, $0) } ?? answer
        }

        private static func csv(_ items: [Item]) -> String {
            let names = Noun.task.fields.map(\.name)
            let rows = items.map { item in
                [item.id.text] + names.map { cell(item[$0]) }
                    + [String(item.version), item.createdAt.text, item.updatedAt.text]
            }
            return ([["id"] + names + ["version", "created_at", "updated_at"]] + rows).map(CSV.line).joined()
        }

        private static func cell(_ json: JSON) -> String {
            switch json {
            case .null: ""
            case .string(let text): text
            case .array(let items): items.map(cell).joined(separator: "|")
            default: json.text
            }
        }
    }
}
