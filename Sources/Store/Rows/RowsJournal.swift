import Core
import Workspace

// What the journal is told of a change.
extension Rows {
    func record(_ action: Store.Journal.Action, _ change: Shelf.Change) async throws {
        guard let item = change.after ?? change.before else { return }
        let scope = try scope
        try await store.journal.write([
            Store.Journal.Entry(
                workspace: scope.workspace, noun: noun.name, event: noun.event(action.rawValue),
                row: item.id, action: action, version: item.version, actor: scope.actor,
                request: scope.request, audience: audience(of: item),
                changes: Store.Journal.Changes(from: shown(change.before), to: shown(change.after)),
                at: change.now)
        ])
    }

    private func shown(_ item: Item?) -> [String: JSON] {
        guard let item else { return [:] }
        return Dictionary(uniqueKeysWithValues: noun.fields.map { ($0.name, item[$0.name]) })
    }
}
