import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Store
import Workspace

extension Routes {
    /// `POST /api/integrations/{id}/connect`: by what a person fills in, or by a person's consent.
    enum IntegrationConnect {
        static let route =
            Route(
                .post, "\(Integrations.path)/{id}/connect",
                "Connect a service by its name, or a connection anew by its id.", connect
            ).operating().taking("ConnectionConnect")
            .answering(201, "Connected.", "Connection")
            .answering(
                .init(
                    status: 200, about: "Where a person gives their consent, or the connection anew.",
                    schema: ["anyOf": [Schema.named("ConsentBegun"), Schema.named("Connection")]]))

        static let schemas: [JSON.Member] = [
            .init(
                "ConnectionConnect",
                Schema.request([
                    "name": Schema.text(1...200),
                    "fields": [
                        "type": "object", "additionalProperties": ["type": "string"],
                        "description": "The fields of the service, by name.",
                    ],
                    "consent": [
                        "type": "boolean", "description": "True to be sent to the service for consent.",
                    ],
                    "redirect": [
                        "type": "string", "format": "uri", "maxLength": 2_000,
                        "description":
                            "Where the person goes after their consent: a page of an allowed origin.",
                    ],
                ]))
        ]

        /// The new connection's provider and the connection that there is, as the path names one of them.
        private static func subject(_ call: Call) async throws -> (Provider, Item?) {
            let word = call.parameters.get("id") ?? ""
            guard let id = ID(word) else { return (try Providers.named(word), nil) }
            let row = try await call.store.rows(.connections).require(id)
            return (try Providers.named(row["provider"].string ?? ""), row)
        }

        static func connect(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(ConnectRequest.self)
            let (provider, row) = try await subject(call)
            let name = request.name ?? row?["name"].string ?? provider.title
            try judging { try Rule.text(name, 1...200, at: "/name") }
            if request.consent == true {
                return try await IntegrationConsents.begin(request, (provider, row), name, call)
            }
            try judging {
                try provider.check(fields: request.fields ?? [:])
                guard request.redirect == nil else {
                    throw Failure(.invalid, "redirect belongs to a consent.", at: "/redirect")
                }
            }
            let (connections, store) = (call.office.house.tools.connections, call.store)
            let grant = Connections.Grant(fields: request.fields ?? [:])
            return try await judging {
                if let row {
                    return Integrations.resource.answer(
                        try await connections.connect(row.id, grant, through: store))
                }
                let item = try await connections.add(provider, name, grant, through: store)
                return Integrations.resource.answer(item, .created)
                    .with(.location, "\(Integrations.path)/\(item.id)")
            }
        }
    }
}

/// How somebody wants a service connected.
struct ConnectRequest: Decodable, Sendable {
    let name: String?
    let fields: [String: String]?
    let consent: Bool?
    let redirect: String?
}

extension Provider {
    private static let longest = 8_000

    /// The fields that say where a secret is sent.
    var addressFields: [String] {
        entrance.fields.map(\.name).filter { name in
            name == "base_url"
                || [base, entrance.consent?.authorize ?? "", entrance.consent?.token ?? ""]
                    .contains { $0.contains("{\(name)}") }
        }
    }

    /// Throws `invalid` at a field that is unknown, missing or of no use.
    ///
    /// - Parameter isForConsent: true when the secrets come later, from the provider.
    func check(fields: [String: String], isForConsent: Bool = false) throws(Failure) {
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let pointer = "/fields/\(name.prefix(60))"
            guard let field = entrance.fields.first(where: { $0.name == name }) else {
                throw Failure(.invalid, "\(title) has no field \"\(name.prefix(60))\".", at: pointer)
            }
            // No message may hold what was filled in: it may be a secret.
            guard (1...Self.longest).contains(value.utf8.count), value.contains(where: { !$0.isWhitespace }),
                value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" })
            else {
                throw Failure(
                    .invalid, "\(field.name) must be 1 to \(Self.longest) bytes of plain text.", at: pointer)
            }
            if name == "base_url" { try Self.check(address: value, at: pointer) }
        }
        for field in entrance.fields where field.isRequired && fields[field.name] == nil {
            if isForConsent && field.isSecret { continue }
            throw Failure(.invalid, "\(field.name) is missing: \(field.about)", at: "/fields/\(field.name)")
        }
    }

    /// An address that holds no secret of its own, since it is shown.
    private static func check(address: String, at pointer: String) throws(Failure) {
        let isWeb = ["http://", "https://"].contains { address.lowercased().hasPrefix($0) }
        let isPlain =
            address.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.isASCII } && !address.contains("@")
        guard isWeb, isPlain, address.utf8.count <= 1_000 else {
            throw Failure(
                .invalid, "base_url must be an http or https address without a user or a password.",
                at: pointer)
        }
    }
}
