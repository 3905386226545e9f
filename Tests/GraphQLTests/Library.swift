import Core
import Synchronization

@testable import GraphQL

/// A small world to ask about: books and those who wrote them.
final class Library: Sendable {
    static let books: [JSON] = [
        ["id": "1", "title": "Emma", "pages": 474, "author_id": "a", "tags": ["novel"]],
        ["id": "2", "title": "Persuasion", "pages": nil, "author_id": "a", "tags": []],
        ["id": "3", "title": "Ulysses", "pages": 730, "author_id": "b", "tags": ["novel", "long"]],
        ["id": "4", "title": nil, "pages": 1, "author_id": "gone", "tags": nil],
    ]
    static let authors: [String: JSON] = [
        "a": ["id": "a", "name": "Jane Austen"], "b": ["id": "b", "name": "James Joyce"],
    ]

    static let blueprint = Blueprint(
        [
            .init(
                "Book",
                .object([
                    .init("id", .required(.named("ID"))), .init("title", .required(.named("String"))),
                    .init("pages", .named("Int")), .init("author", .named("Author")),
                    .init("tags", .list(.required(.named("String")))),
                ])),
            .init(
                "Author",
                .object([
                    .init("id", .required(.named("ID"))), .init("name", .required(.named("String"))),
                    .init("books", .required(.list(.named("Book")))),
                ])),
            .init(
                "Page",
                .object([.init("nodes", .required(.list(.named("Book")))), .init("next", .named("ID"))])
            ),
            .init("Order", .choice(["title", "pages"])), .init("Any", .scalar { _ in true }),
            .init(
                "NewBook",
                .input([
                    .init("title", .required(.named("String"))), .init("pages", .named("Int"), fallback: 1),
                    .init("tags", .list(.required(.named("String")))), .init("more", .named("Any")),
                ])),
        ],
        query: [
            .init("book", .named("Book"), arguments: [.init("id", .required(.named("ID")))]),
            .init(
                "books", .required(.named("Page")),
                arguments: [.init("first", .named("Int"), fallback: 50), .init("order", .named("Order"))]),
            .init("echo", .named("Any"), arguments: [.init("of", .named("NewBook"))]),
        ],
        mutation: [
            .init("add", .named("Book"), arguments: [.init("book", .required(.named("NewBook")))])
        ])

    /// The fields asked for, with how many objects at once.
    private let heard = Mutex<[String]>([])
    var asked: [String] { heard.withLock { $0 } }

    let engine = Engine(Library.blueprint)

    func answer(_ document: String, _ variables: JSON = [:], operation: String? = nil) async -> JSON {
        let plan: Plan
        do {
            plan = try engine.plan(.init(document, variables: variables, operation: operation))
        } catch {
            return (error as? Engine.Refusal)?.json ?? .null
        }
        let executor = Executor(
            Self.blueprint, answer: { self.answer($0) }, explain: { Complaint("\($0)") })
        let (data, complaints) = await executor.run(plan)
        return Engine.json(data: data, complaints)
    }

    private func answer(_ ask: Ask) -> [Executor.Outcome]? {
        heard.withLock { $0.append("\(ask.type).\(ask.field) x\(ask.parents.count)") }
        switch "\(ask.type).\(ask.field)" {
        case "Query.book":
            return [.success(Self.books.first { $0["id"] == ask.arguments["id"] } ?? .null)]
        case "Query.books": return [.success(["nodes": .array(Self.books), "next": nil])]
        case "Query.echo": return [.success(ask.arguments["of"] ?? .null)]
        case "Mutation.add": return [.success(ask.arguments["book"] ?? .null)]
        case "Book.author":
            return ask.parents.map { book in
                guard let author = Self.authors[book["author_id"]?.string ?? ""] else {
                    return .failure(Complaint("Nobody wrote this."))
                }
                return .success(author)
            }
        case "Author.books":
            return ask.parents.map { author in
                .success(.array(Self.books.filter { $0["author_id"] == author["id"] }))
            }
        default: return nil
        }
    }
}

extension JSON {
    /// The messages among the errors.
    var messages: [String] { (self["errors"]?.array ?? []).compactMap { $0["message"]?.string } }
}
