import CPostgres

/// The statements that one connection keeps prepared, and the way of a request to the server and back.
struct Statements {
    /// Statements kept prepared; when there are more, all are let go.
    private static let limit = 256

    private var names: [String: String] = [:]
    private var count = 0
    /// The statements that this batch could not prepare; the same one again in the same batch was sent in
    /// the belief that it is prepared, and fails for the same reason.
    private var refused: [String: SQLFault] = [:]

    /// Lets all statements go when those of the batch might not fit in; returns why that failed.
    mutating func makeRoom(for batch: [Request], on handle: OpaquePointer) -> SQLFault? {
        refused = [:]
        // One more for the statement that sets the scope.
        guard names.count + batch.count + 1 > Self.limit else { return nil }
        names = [:]
        PQsendQueryParams(handle, "deallocate all", 0, nil, nil, nil, nil, 0)
        PQpipelineSync(handle)
        return Reply.read(from: handle, step: 0).fault
    }

    /// Puts one request on the wire. A failure shows when its answer is read.
    mutating func send(_ request: Request, to handle: OpaquePointer) -> Sent {
        var sent = Sent(request: request)
        if let scope = request.scope { put(Scoped.sql, [.text(scope)], on: handle, &sent) }
        put(request.sql, request.values, on: handle, &sent)
        // One sync a request: each is a transaction of its own, with its scope, and one that fails leaves the
        // next alone.
        PQpipelineSync(handle)
        return sent
    }

    private mutating func put(
        _ sql: String, _ values: [Value], on handle: OpaquePointer, _ sent: inout Sent
    ) {
        let parameters = Parameters(values)
        guard sql.isWorthPreparing else {
            parameters.send { PQsendQueryParams(handle, sql, $0, nil, $1, $2, $3, 0) }
            return sent.steps.append(.run(sql))
        }
        let name = names[sql] ?? prepare(sql, on: handle, &sent)
        parameters.send { PQsendQueryPrepared(handle, name, $0, $1, $2, $3, 0) }
        sent.steps.append(.run(sql))
    }

    private mutating func prepare(_ sql: String, on handle: OpaquePointer, _ sent: inout Sent) -> String {
        count += 1
        let name = "s\(count)"
        names[sql] = name
        PQsendPrepare(handle, name, sql, 0, nil)
        sent.steps.append(.prepare(sql))
        return name
    }

    /// Reads what came back for a request and hands it to who waits.
    mutating func answer(_ sent: Sent, from handle: OpaquePointer) {
        let reply = Reply.read(from: handle, step: sent.steps.count - 1)
        guard var fault = reply.fault else { return sent.request.answer(.success(reply.answer)) }
        if reply.results < sent.steps.count {
            switch sent.steps[reply.results] {
            case .prepare(let sql):
                names[sql] = nil
                refused[sql] = fault
            case .run(let sql):
                if reply.isStale { names[sql] = nil }
                fault = refused[sql] ?? fault
            }
        }
        sent.request.answer(.failure(fault))
    }
}

/// A request on the wire, as the steps that it takes there; each brings one result.
struct Sent {
    enum Step {
        case prepare(String)
        case run(String)
    }

    let request: Request
    var steps: [Step] = []
}

extension String {
    /// True for what is said again and again; the rest (begin, create, ...) need not stay prepared.
    fileprivate var isWorthPreparing: Bool {
        let word = utf8.drop { $0 == 0x20 || $0 == 0x0A }.prefix(4)
        return ["sele", "inse", "upda", "dele", "with"].contains { $0.utf8.elementsEqual(word) }
    }
}
