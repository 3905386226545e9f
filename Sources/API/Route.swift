import Accounts
import Core
import HTTPTypes
import Hummingbird

/// One method on one path: how it is described, who may call it and what it does.
struct Route: Sendable {
    /// Who may call a route.
    enum Access: String, Sendable {
        /// Anybody.
        case open
        /// Any key.
        case read
        /// Any key, for what is about nobody but its user.
        case personal
        /// Any key; each field of what it sends is held to the route that answers the same.
        case fieldwise
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
    /// True where query parameters that the route does not know do not matter.
    private(set) var ignoresOthers = false
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
        let principal = try await office.gate.admit(self, request, visit) {
            try await admit(request, office)
        }
        try checkQuery(request)
        let call = Call(
            request: request, parameters: visit.parameters, requestID: visit.requestID, office: office,
            principal: principal, peer: visit.address ?? "", memo: visit.memo)
        return try await run(call).unless(request).response
    }

    private func checkQuery(_ request: Request) throws {
        for (name, value) in request.uri.queryParameters {
            guard let parameter = queries.first(where: { $0.name == name }) else {
                if ignoresOthers { continue }
                throw Failure(.invalid, "There is no query parameter \"\(name.prefix(40))\" here.")
            }
            do throws(Failure) {
                try Rule.text(String(value), parameter.lengths, at: "/\(name)")
            } catch {
                throw Failure(.invalid, "The query parameter \(error.message)")
            }
        }
    }

    /// What the route does, for a caller who was found to have the right.
    func answer(_ call: Call) async throws -> Answer { try await run(call) }

    private func admit(_ request: Request, _ office: Office) async throws -> Principal? {
        if access == .open || access == .metrics && office.settings.metricsAreOpen { return nil }
        if access == .glance { return try? await office.doorkeeper.principal(request.headers) }
        let principal = try await office.doorkeeper.principal(request.headers)
        try authorize(principal)
        return principal
    }

    /// Throws `Failure(.forbidden)` for whom the route is not meant.
    func authorize(_ principal: Principal) throws {
        if access == .fieldwise { return }
        let isWriting = access != .read && method != .get
        guard principal.scopes.admit(area, writing: isWriting) else {
            throw Failure(
                .forbidden,
                "The scopes of this key do not allow to \(isWriting ? "change" : "read") \(area).")
        }
        guard access != .write || principal.mayWrite else {
            throw Failure(.forbidden, "A viewer may only read.")
        }
        guard access != .operate || principal.mayOperate else {
            throw Failure(.forbidden, "This is for owners and admins of the workspace.")
        }
    }
}

extension Route {
    /// A parameter in the query or a header.
    struct Parameter: Sendable {
        let name: String
        let about: String
        var schema: JSON = Schema.string
        var isRequired = false

        /// How many characters it may have.
        var lengths: ClosedRange<Int> {
            if schema == Schema.string { return 0...Limits.parameter }
            let bounds = ["minLength", "maxLength"].map { schema[$0]?.integer.map { Int($0) } }
            return (bounds[0] ?? 0)...(bounds[1] ?? Limits.target)
        }
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

    /// For any key: what a document asks is checked field by field.
    func fieldwise() -> Route { with { $0.access = .fieldwise } }

    /// For owners and admins only.
    func operating() -> Route { with { $0.access = .operate } }

    /// For any key, whatever its method: what it changes is checked where it is changed.
    func reading() -> Route { with { $0.access = .read } }

    /// For any caller, whatever their role: it is about nobody but themselves.
    func personal() -> Route { with { $0.access = .personal } }

    func glance() -> Route { with { $0.access = .glance } }

    func asMetrics() -> Route { with { $0.access = .metrics } }

    /// What the scopes of a key name: the path's word after `/api/`, else its first.
    var area: String {
        let words = path.split(separator: "/")
        return words.dropFirst(words.first == "api" ? 1 : 0).first.map(String.init) ?? ""
    }

    /// True when no key is needed.
    var isOpen: Bool { access == .open || access == .glance || access == .metrics }

    /// A query parameter that cannot be left out.
    func needed(_ name: String, _ about: String, _ schema: JSON = Schema.string) -> Route {
        with {
            $0.queries.append(Parameter(name: name, about: about, schema: schema, isRequired: true))
        }
    }

    func query(_ name: String, _ about: String, _ schema: JSON = Schema.string) -> Route {
        with { $0.queries.append(Parameter(name: name, about: about, schema: schema)) }
    }

    /// Others add parameters of their own to the address, which do not matter.
    func ignoringOthers() -> Route { with { $0.ignoresOthers = true } }

    /// A list that is read page by page.
    func paged() -> Route {
        query("limit", "How many entries to show, 50 unless told.", Schema.whole(1...Limits.page))
            .query("cursor", "Where the page before ended: its next_cursor.", Schema.text(1...500))
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

    /// The request may say which version of the row it means.
    func guarded() -> Route { header("If-Match", "The ETag that the row must still have.") }

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
