import Core
import HTTPTypes
import Hummingbird
import Store
import Workspace

/// The routes of a noun: list, create, show, change, delete and the history of a row.
struct Resource: Sendable {
    /// A query parameter of a list that the noun's fields do not give.
    struct Narrowing: Sendable {
        let parameter: Route.Parameter
        let apply: @Sendable (String, inout Rows.Query) throws -> Void
    }

    let shelf: Shelf
    let path: String
    var narrowings: [Narrowing] = []

    var noun: Noun { shelf.noun }

    init(_ shelf: Shelf, at path: String) {
        self.shelf = shelf
        self.path = path
    }

    /// All of them.
    var routes: [Route] { [listed, created, shown, changed, deleted, told] }

    var schemas: [JSON.Member] { noun.schemas }

    var listed: Route {
        let route = Route(.get, path, "List \(noun.plural.words), newest first.", list).paged()
            .answering(200, "A page.", "\(noun.schemaName)Page")
        return parameters.reduce(route) { $0.query($1.name, $1.about, $1.schema) }
    }

    var created: Route {
        Route(.post, path, "Create a \(noun.title).", create)
            .taking("\(noun.schemaName)Request").idempotent().answering(201, "Created.", noun.schemaName)
    }

    var shown: Route {
        Route(.get, "\(path)/{id}", "Show a \(noun.title).", show)
            .answering(200, "The \(noun.title).", noun.schemaName)
    }

    var changed: Route {
        Route(.put, "\(path)/{id}", "Change the fields sent; null empties one.", change)
            .guarded().taking("\(noun.schemaName)Change")
            .answering(200, "The \(noun.title) as it is now.", noun.schemaName)
    }

    var deleted: Route {
        Route(.delete, "\(path)/{id}", "Delete a \(noun.title).", delete)
            .guarded().answering(204, "Deleted.")
    }

    var told: Route {
        Route(.get, "\(path)/{id}/history", "List the changes of a \(noun.title), newest first.", history)
            .paged().answering(200, "A page.", "ChangePage")
    }
}

extension Resource {
    @Sendable func list(_ call: Call) async throws -> Answer {
        var query = try query(of: call)
        query.limit = try call.limit
        let items = try await call.store.rows(shelf).list(query)
        let next = items.count == query.limit ? items.last : nil
        return call.page(
            noun.plural, items.map(noun.json),
            next: next.map { Rows.Cursor($0, by: query.order).text(by: query.order) })
    }

    @Sendable func create(_ call: Call) async throws -> Answer {
        let json = try await call.json()
        let given = try noun.read(json)
        return try await call.once(try Repeatable(call, json.canonical.text)) { store in
            let item = try await judging { try await store.rows(shelf).create(given) }
            return answer(item, .created).with(.location, "\(path)/\(item.id)")
        }
    }

    @Sendable func show(_ call: Call) async throws -> Answer {
        answer(try await call.store.rows(shelf).require(call.id(of: noun.title)))
    }

    @Sendable func change(_ call: Call) async throws -> Answer {
        let id = try call.id(of: noun.title)
        let given = try noun.read(try await call.json())
        return answer(try await call.change(shelf, id, given))
    }

    @Sendable func delete(_ call: Call) async throws -> Answer {
        let id = try call.id(of: noun.title)
        try await call.guarded { try await call.store.rows(shelf).delete(id, version: $0) }
        return .empty
    }

    @Sendable func history(_ call: Call) async throws -> Answer {
        let id = try call.id(of: noun.title)
        let (page, user) = (try call.rows, call.principal?.user)
        let all = try await call.store.journal.history(
            Store.Scoped(try call.workspace, id), noun: noun.name, page)
        // What was told to one person only stays with that one, also when the row is gone.
        let entries = all.filter { $0.audience == nil || $0.audience == user }
        if entries.isEmpty { _ = try await call.store.rows(shelf).require(id) }
        return call.page(
            "changes", try entries.map { try $0.json() },
            next: all.count == page.limit ? all.last?.id.text : nil)
    }

    func answer(_ item: Item, _ status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status, noun.json(item)).with(.eTag, "\"\(item.version)\"")
    }
}

extension Call {
    /// Changes a row as far as `If-Match` allows; what the rules refuse is 422.
    func change(_ shelf: Shelf, _ id: ID, _ given: Values) async throws -> Item {
        try await guarded { version in
            do {
                return try await judging { try await store.rows(shelf).update(id, given, version: version) }
            } catch let failure as Failure where failure.kind == .conflict && failure.pointer != nil {
                // Another row has what is unique; it is not the version that does not hold.
                throw Problem(failure)
            }
        }
    }
}

extension String {
    /// A name of the API as words of a sentence.
    var words: String { replacing("_", with: " ") }
}
