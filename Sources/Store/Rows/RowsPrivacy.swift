import Core
import SQL
import Workspace

// Rows that belong to one person.
extension Rows {
    /// A new row belongs to whoever makes it.
    func own(_ draft: inout Shelf.Draft) throws {
        guard let privacy = noun.privacy, let user = try scope.user else { return }
        draft.values[privacy.owner] = JSON(user)
    }

    func isVisible(_ item: Item) throws -> Bool {
        guard let privacy = noun.privacy, let user = try scope.user else { return true }
        return item[privacy.owner].string == user.text
            || privacy.shared.map { item.values.flag($0) } ?? false
    }

    /// Only its owner changes a row that has one, also where all may see it.
    func requireOwner(_ item: Item) throws {
        guard let privacy = noun.privacy, let user = try scope.user, item[privacy.owner].string != user.text
        else { return }
        throw Failure(.forbidden, "This \(noun.title) belongs to somebody else.")
    }

    /// Adds what keeps a list to the rows that the scope may see.
    func addPrivacy(to clause: inout Clause) throws {
        guard let privacy = noun.privacy, let user = try scope.user else { return }
        clause.add("(\(privacy.owner) = ?\(privacy.shared.map { " or \($0) = 1" } ?? ""))", [Value(user)])
    }

    /// The one person who may hear of a row, nil where all of the workspace may.
    func audience(of item: Item) -> ID? {
        guard let privacy = noun.privacy else { return nil }
        if let shared = privacy.shared, item.values.flag(shared) { return nil }
        return item.values.id(privacy.owner)
    }
}
