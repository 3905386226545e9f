import Core
import HTTPTypes
import Hummingbird

/// One method on one path: how it is described, who may call it and what it does.
struct Route: Sendable {
    /// Who may call a route.
    enum Access: Sendable {
        /// Anybody.
        case open
        /// Any key.
        case read
        /// Any key but a viewer's.
        case write
        /// The keys of owners and admins: what they look after is not one person's.
        case operate
        /// Anybody; where the settings ask for a key, details are for those who show one.
        case glance
        /// Anybody where the settings say so, else any key.
        case metrics
    }

    let method: HTTPRequest.Method
    /// With names in braces, such as `/api/jobs/{id}`.
    let path: String
    let summary: String
    private(set) var access: Access
    private(set) var queries: [Parameter] = []
    private(set) var headers: [Parameter] = []
    private(set) var body: Body?
    private(set) var answers: [Reply] = []
    private let run: @Sendable (Call) async throws -> Answer

    /// A route for reading is open to every key, one that writes not to viewers.
    init(
        _ method: HTTPRequest.Method, _ path: String, _ summary: String,
        _ run: @escaping @Sendable (Call) async throws -> Answer
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.run = run
        access = method == .get ? .read : .write
    }

    /// Checks who asks and what, and answers.
    func serve(_ request: Request, _ visit: Visit, _ office: Office) async throws -> Response {
        let principal = try await admit(request, office)
        for (name, _) in request.uri.queryParameters where !queries.contains(where: { $0.name == name }) {
            throw Failure(.invalid, "There is no query parameter \"\(name.prefix(40))\" here.")
        }
        let call = Call(
            request: request, parameters: visit.parameters, requestID: visit.requestID, office: office,
            principal: principal)
        return try await run(call).response
    }

    private func admit(_ request: Request, _ office: Office) async throws -> Principal? {
        if access == .open || access == .metrics && office.settings.metricsAreOpen { return nil }
        if access == .glance { return try? await office.doorkeeper.principal(request.headers) }
        let principal = try await office.doorkeeper.principal(request.headers)
        guard access != .write || principal.mayWrite else {
            throw Failure(.forbidden, "A viewer may only read.")
        }
        guard access != .operate || principal.mayOperate else {
            throw Failure(.forbidden, "This is for owners and admins of the workspace.")
        }
        return principal
    }
}

extension Route {
    /// A parameter in the query or a header.
    struct Parameter: Sendable {
        let name: String
        let about: String
        var schema: JSON = Schema.string
    }

    /// What a route takes.
    struct Body: Sendable {
        let type: String
        let schema: JSON
        var isRequired = true
    }

    /// What a route answers when all is well.
    struct Reply: Sendable {
        let status: Int
        let about: String
        var schema: JSON?
        var type = "application/json"
    }

    func open() -> Route { with { $0.access = .open } }

    /// For owners and admins only.
    func operating() -> Route { with { $0.access = .operate } }

    func glance() -> Route { with { $0.access = .glance } }

    func asMetrics() -> Route { with { $0.access = .metrics } }

    /// True when no key is needed.
    var isOpen: Bool { access == .open || access == .glance || access == .metrics }

    func query(_ name: String, _ about: String, _ schema: JSON = Schema.string) -> Route {
        with { $0.queries.append(Parameter(name: name, about: about, schema: schema)) }
    }

    /// A list that is read page by page.
    func paged() -> Route {
        query("limit", "How many entries to show, 50 unless told.", Schema.whole(1...Limits.page))
            .query("cursor", "Where the page before ended: its next_cursor.")
    }

    func header(_ name: String, _ about: String) -> Route {
        with { $0.headers.append(Parameter(name: name, about: about)) }
    }

    /// The request may be sent again under the same key without being done twice.
    func idempotent() -> Route {
        header(
            "Idempotency-Key",
            "Up to \(Limits.idempotencyKey) characters. The same request with the same key is done "
                + "once within 24 hours, and answered alike with Idempotent-Replay: true.")
    }

    func taking(_ schema: String) -> Route {
        with { $0.body = Body(type: "application/json", schema: Schema.named(schema)) }
    }

    func taking(_ body: Body) -> Route { with { $0.body = body } }

    func answering(_ status: Int, _ about: String, _ schema: String? = nil) -> Route {
        answering(Reply(status: status, about: about, schema: schema.map(Schema.named)))
    }

    func answering(_ reply: Reply) -> Route { with { $0.answers.append(reply) } }

    private func with(_ change: (inout Route) -> Void) -> Route {
        var route = self
        change(&route)
        return route
    }
}
