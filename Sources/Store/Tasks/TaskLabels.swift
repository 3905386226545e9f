import Core
import SQL
import Workspace

// The labels of tasks.
extension Rows {
    /// Makes `labels` the labels of the task.
    func mark(_ task: ID, with labels: [ID]) async throws {
        let values = [Value(try scope.workspace), Value(task)]
        try await access.execute("delete from task_labels where workspace_id = $1 and task_id = $2", values)
        for label in labels {
            try await access.execute(
                "insert into task_labels (workspace_id, task_id, label_id) values ($1, $2, $3)",
                values + [Value(label)])
        }
    }

    func withLabels(_ items: [Item]) async throws -> [Item] {
        var labels: [ID: [ID]] = [:]
        for list in IDList.cut(items.map(\.id), after: 1) {
            let pairs = try await access.query(
                """
                select task_id, label_id from task_labels where workspace_id = $1 and task_id in \(list.sql)
                order by label_id
                """, [Value(try scope.workspace)] + list.values
            ) { (try $0.get("task_id", as: ID.self), try $0.get("label_id", as: ID.self)) }
            labels.merge(Dictionary(grouping: pairs) { $0.0 }.mapValues { $0.map(\.1) }) { $1 }
        }
        return items.map { $0.with("label_ids", labels[$0.id] ?? []) }
    }
}

extension Rows.Query.Condition {
    /// Tasks with a label, named by its id or its name.
    package static func label(_ text: String) -> Self {
        Self(
            """
            id in (select m.task_id from task_labels m
                join labels l on l.workspace_id = m.workspace_id and l.id = m.label_id
                where m.workspace_id = $1 and (l.id = ? or l.name_key = ?))
            """, [.text(text), .text(Shelf.key(ofLabel: text))])
    }
}

extension Shelf {
    /// The labels.
    package static let labels: Shelf = {
        var shelf = Shelf(.label)
        shelf.settle = { change, store in
            guard let label = change.after, change.given.has("name") else { return }
            try await store.rows(.labels).keepKey(of: label)
        }
        return shelf
    }()

    /// What two labels of a workspace cannot share.
    fileprivate static func key(ofLabel name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension Rows {
    /// Throws `conflict` when another label has the same name, whatever its case.
    fileprivate func keepKey(of label: Item) async throws {
        let name = label.values.text("name") ?? ""
        do {
            try await access.execute(
                "update labels set name_key = $3 where workspace_id = $1 and id = $2",
                [Value(try scope.workspace), Value(label.id), .text(Shelf.key(ofLabel: name))])
        } catch let failure as Failure where failure.kind == .conflict {
            throw Failure(.conflict, "There is a label \"\(name)\" already.", cause: failure, at: "/name")
        }
    }
}
