import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Logging
import Queue
import Store
import Work
import Workspace

extension Routes {
    /// `/api/integrations`: the workspace's ways into services outside. What they get in with is never shown.
    enum Integrations {
        static let path = "/api/integrations"
        static let resource = Resource(.connections, at: path)

        static let routes =
            [
                resource.listed,
                Route(.get, "\(path)/available", "List the services that can be connected.", available)
                    .answering(200, "The services.", "IntegrationList"),
            ] + IntegrationConsents.routes + [
                resource.shown,
                Route(
                    .put, "\(path)/{id}", "Change the name or the settings of a connection, or turn it off.",
                    change
                ).operating().guarded().taking("ConnectionChange")
                    .answering(200, "The connection as it is now.", "Connection"),
                Route(
                    .delete, "\(path)/{id}",
                    "Delete a connection with its secrets, and take its tokens back where the service can.",
                    delete
                ).operating().guarded().answering(204, "Deleted."),
                resource.told,
                IntegrationConnect.route,
                Route(.post, "\(path)/{id}/sync", "Bring the rows of a service here, by a job.", sync)
                    .taking(syncBody)
                    .answering(202, "The job, or the one that waits already.", "IntegrationJob"),
                Route(.post, "\(path)/{id}/health", "Ask the service whether the connection works.", check)
                    .answering(200, "The connection with what was found.", "Connection"),
                ConnectionHealth.route,
            ]

        private static let syncBody = Route.Body(
            type: "application/json", schema: Schema.named("IntegrationSync"), isRequired: false)

        static let schemas =
            resource.schemas.filter { $0.name != "ConnectionRequest" } + IntegrationConnect.schemas
            + IntegrationConsents.schemas + ConnectionHealth.schemas + [
                .init("Integration", Provider.schema),
                .init(
                    "IntegrationList",
                    Schema.object(
                        ["integrations": Schema.list(Schema.named("Integration"))], required: ["integrations"]
                    )),
                .init("IntegrationSync", Schema.request(["full": Schema.bool])),
                .init("IntegrationJob", Schema.object(["job_id": Schema.id], required: ["job_id"])),
            ]
    }
}

extension Routes.Integrations {
    private static func available(_ call: Call) async throws -> Answer {
        let integrations = call.office.house.tools.integrations
        let entries = Providers.all.map { $0.json(byConsent: integrations.takesConsent($0)) }
        return Answer(["integrations": .array(entries)])
    }

    private static func change(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "connection")
        let given = try Noun.connection.read(try await call.json())
        let row = try await call.store.rows(.connections).require(id)
        try judging { try ConnectionEdit(row, given).check() }
        return resource.answer(try await call.change(.connections, id, given))
    }

    private static func delete(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "connection")
        let connections = call.office.house.tools.connections
        try await call.guarded { version in
            let isDone = try await connections.remove(id, version: version, through: call.store)
            if !isDone {
                call.office.house.log.notice("a token was not taken back", metadata: ["connection": "\(id)"])
            }
        }
        return .empty
    }

    private static func check(_ call: Call) async throws -> Answer {
        let (id, workspace) = (try call.id(of: "connection"), try call.workspace)
        return resource.answer(try await call.office.house.tools.connections.check(id, in: workspace))
    }

    private static func sync(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "connection")
        let request = try await call.optionalJSON().decode(SyncRequest.self)
        let row = try await call.store.rows(.connections).require(id)
        let provider = try Providers.named(row["provider"].string ?? "")
        guard provider.abilities.contains(.sync) else {
            throw Failure(.conflict, "\(provider.title) has no rows that are brought here.")
        }
        guard row["status"].string == ConnectionStatus.active.rawValue else {
            throw Failure(.conflict, "This connection cannot be used; connect it anew or turn it on.")
        }
        return try await admit(request.order(of: id, provider, call), call)
    }

    private static func admit(_ order: Order, _ call: Call) async throws -> Answer {
        let job: ID
        switch try await call.office.admit(order) {
        case .existing(let id), .held(let id): job = id
        case .accepted, .known: job = order.envelope.id
        default: throw Failure(.unavailable, "The sync cannot be queued now.", retryAfter: .seconds(5))
        }
        return Answer(.accepted, ["job_id": JSON(job)]).with(.location, "/api/jobs/\(job)")
    }
}

/// Whether all rows are wanted, or those since the last time.
private struct SyncRequest: Decodable, Sendable {
    let full: Bool?

    /// The job; while one waits for the same connection, there is no other.
    func order(of id: ID, _ provider: Provider, _ call: Call) throws -> Order {
        var arguments: [JSON.Member] = [.init("connection_id", JSON(id))]
        if full == true { arguments.append(.init("full", true)) }
        let json: JSON = [
            "name": "sync_connection", "arguments": .object(arguments),
            "limits": [["key": .string(Connection.limit(provider.name, id))]],
            "exclusive": .string("sync:\(id)"),
            "unique": [
                // A full reading does not wait behind a short one as the same.
                "key": .string(full == true ? "sync:\(id):full" : "sync:\(id)"), "until": "start",
                "on_conflict": "return_existing",
            ],
        ]
        return try json.decode(JobRequest.self).order(for: call)
    }
}

/// A change of a connection, and what it may not be.
private struct ConnectionEdit {
    private let row: Item
    private let given: Values

    init(_ row: Item, _ given: Values) {
        self.row = row
        self.given = given
    }

    func check() throws {
        let status = row["status"].string
        if let wanted = given.text("status"), wanted != status {
            guard wanted != ConnectionStatus.needsReauth.rawValue else {
                throw Failure(.invalid, "status is active or disabled.", at: "/status")
            }
            guard status != ConnectionStatus.needsReauth.rawValue || wanted == "disabled" else {
                throw Failure(.invalid, "Connect it anew to make it active again.", at: "/status")
            }
        }
        guard let settings = given["settings"], settings != .null else { return }
        let provider = try Providers.named(row["provider"].string ?? "")
        for field in provider.entrance.fields where field.isSecret && settings[field.name] != nil {
            throw Failure(
                .invalid, "\(field.name) is a secret; connect anew to change it.",
                at: "/settings/\(field.name)")
        }
        // Whoever moves the address would be sent the secret that is kept.
        for name in provider.addressFields where settings[name] != row["settings"][name] {
            throw Failure(
                .invalid, "\(name) says where the secret is sent; connect anew to change it.",
                at: "/settings/\(name)")
        }
    }
}

extension Provider {
    static let schema = Schema.object(
        [
            "name": Schema.string, "title": Schema.string,
            "how": [
                "type": "array", "items": ["type": "string", "enum": ["fields", "consent"]],
                "description": "How it can be connected here.",
            ],
            "abilities": [
                "type": "array", "items": Schema.choice(Ability.self),
            ],
            "scopes": Schema.list(Schema.string),
            "fields": Schema.list(
                Schema.object(
                    [
                        "name": Schema.string, "about": Schema.string, "secret": Schema.bool,
                        "required": Schema.bool,
                    ], required: ["name", "about", "secret", "required"])),
        ], required: ["name", "title", "how", "abilities", "scopes", "fields"])

    fileprivate func json(byConsent: Bool) -> JSON {
        var how: [JSON] = entrance.fields.isEmpty ? [] : ["fields"]
        if byConsent { how.append("consent") }
        return [
            "name": .string(name), "title": .string(title), "how": .array(how),
            "abilities": .array(abilities.map(\.rawValue).sorted().map(JSON.string)),
            "scopes": .array((entrance.consent?.scopes ?? []).map(JSON.string)),
            "fields": .array(
                entrance.fields.map {
                    [
                        "name": .string($0.name), "about": .string($0.about), "secret": .bool($0.isSecret),
                        "required": .bool($0.isRequired),
                    ]
                }),
        ]
    }
}
