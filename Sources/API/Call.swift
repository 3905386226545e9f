import Core
import HTTPTypes
import Hummingbird
import NIOCore
import Store

/// One request as a route sees it: what is asked, by whom, and the office that answers.
struct Call: Sendable {
    let request: Request
    let parameters: Parameters
    let requestID: String
    let office: Office
    /// Nil only where a route is open to all and no known key was shown.
    let principal: Principal?
    /// The other end of the connection, empty where it has no address.
    let peer: String
    /// What is learnt of the request for its answer.
    let memo: Memo

    /// The tables as the caller may see them.
    var store: Store {
        guard let principal else { return office.store }
        return office.store.scoped(
            Scope(
                workspace: principal.workspace, user: principal.user, actor: "user:\(principal.user)",
                request: requestID))
    }

    /// Whose rows this request sees.
    var workspace: ID {
        get throws {
            guard let principal else { throw Failure(.unauthorized, "This needs an API key.") }
            return principal.workspace
        }
    }

    /// Who asks, as timelines and pauses show it.
    var actor: String {
        get throws {
            guard let principal else { throw Failure(.unauthorized, "This needs an API key.") }
            return "user:\(principal.user)"
        }
    }

    /// A span of the trace the caller is in; nil where it named none that can be read. A job without one
    /// begins a trace of its own.
    var trace: String? {
        request.headers[.traceparent].flatMap { TraceContext($0)?.child().text }
    }

    /// The id in the path; what is no id names nothing.
    func id(of what: String) throws -> ID {
        guard let id = parameters.get("id").flatMap({ ID($0) }) else {
            throw Failure(.missing, "There is no such \(what).")
        }
        return id
    }

    /// The value of a query parameter, nil when it is not there.
    func query(_ name: String) -> String? {
        request.uri.queryParameters[name[...]].map { String($0) }
    }

    /// A query parameter read by `read`, which answers nil for what is not `wanted`.
    func query<Value>(_ name: String, _ wanted: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text = query(name) else { return nil }
        guard let value = read(text) else {
            let failure = Failure(
                .invalid, "The query parameter \(name) is \"\(text.prefix(40))\"; it must be \(wanted).")
            // No schema can say which texts these may be, so the request is well formed and yet wrong.
            guard !["cursor", "zone"].contains(name) else { throw Problem.senseless(failure) }
            throw failure
        }
        return value
    }

    /// A query parameter that is one of an enumeration's words.
    func choice<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws -> Word? {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return try query(name, "one of \(words)") { Word(rawValue: $0) }
    }

    /// The entries that a page may have.
    var limit: Int {
        get throws {
            let read = { (text: String) in Int(text).flatMap { (1...Limits.page).contains($0) ? $0 : nil } }
            return try query("limit", "a number from 1 to \(Limits.page)", read) ?? 50
        }
    }
}

extension Call {
    /// The body as JSON.
    func json(upTo limit: Int? = nil) async throws -> JSON {
        let bytes = try await body("The body", upTo: limit ?? office.settings.bounds.document)
        guard !bytes.isEmpty else { throw Failure(.invalid, "The body is empty; send a JSON object.") }
        try require("application/json")
        return try parse(bytes)
    }

    /// The body as JSON, an empty object where there is none.
    func optionalJSON() async throws -> JSON {
        let bytes = try await body("The body", upTo: office.settings.bounds.document)
        guard !bytes.isEmpty else { return [:] }
        try require("application/json")
        return try parse(bytes)
    }

    private func parse(_ bytes: [UInt8]) throws -> JSON {
        do { return try JSONParser.parse(bytes) } catch let fault as JSONParser.Fault {
            throw Failure(.invalid, "The body is no JSON: \(fault).")
        }
    }

    /// Throws 415 unless the body is of the media type `wanted`; parameters such as a charset do not matter.
    func require(_ wanted: String) throws {
        let type = request.headers[.contentType]?.prefix { $0 != ";" } ?? ""
        let plain = type.lowercased().filter { $0 != " " }
        guard plain == wanted || wanted == "application/json" && plain.hasSuffix("+json") else {
            throw Problem.wrongType(wanted)
        }
    }

    /// The body as it came.
    func body(_ what: String, upTo limit: Int) async throws -> [UInt8] {
        try refuseLonger(than: limit, what)
        var bytes: [UInt8] = []
        var chunks = request.body.makeAsyncIterator()
        while let chunk = try await chunks.arrival() {
            guard bytes.count + chunk.readableBytes <= limit else {
                throw Problem.tooLarge(what, limit: limit)
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    /// Throws 413 for a body that says of itself that it is too long, before a byte of it is read.
    func refuseLonger(than limit: Int, _ what: String) throws {
        guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit else {
            return
        }
        throw Problem.tooLarge(what, limit: limit)
    }
}

extension RequestBody.AsyncIterator {
    /// The next part of the body; an error on the way is `Lost`, for no answer can reach that caller.
    mutating func arrival() async throws -> ByteBuffer? {
        do { return try await next() } catch { throw Lost(error: error) }
    }
}

extension Call {
    /// One page of a list, with the way to the next in its body and as a `Link`.
    func page(_ name: String, _ entries: [JSON], next: String?) -> Answer {
        let answer = Answer(.object([.init(name, .array(entries)), .init("next_cursor", JSON(next))]))
        guard let next else { return answer }
        let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let query = (kept.map { String($0) } + ["cursor=\(next)"]).joined(separator: "&")
        return answer.with(.link, "<\(request.uri.path)?\(query)>; rel=\"next\"")
    }

    /// What a list of rows is asked for.
    var rows: Store.Page {
        get throws {
            Store.Page(limit: try limit, after: try query("cursor", "a next_cursor") { ID($0) })
        }
    }

    /// A page of rows; a full one may have a next.
    func page<Entry>(
        _ name: String, _ entries: [Entry], id: (Entry) -> ID, show: (Entry) -> JSON
    ) throws -> Answer {
        let next = entries.count == (try limit) ? entries.last.map { id($0).text } : nil
        return page(name, entries.map(show), next: next)
    }
}
