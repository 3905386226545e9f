import Accounts
import Automation
import Core
import Crypto
import HTTPTypes
import Integrations
import Store
import Workspace

extension Routes {
    /// `/api/integrations/{id}/hook` and `/link`: where a connection is called, and whose a chat is.
    enum HookSettings {
        private static let path = "\(Integrations.path)/{id}"

        static let routes = [
            Route(
                .put, "\(path)/hook",
                "Open the address at which a service calls, or have its calls checked with another secret.",
                open
            ).operating()
                .taking(
                    Route.Body(
                        type: "application/json", schema: Schema.named("HookRequest"), isRequired: false)
                )
                .answering(200, "The address; a secret only where it was made up now.", "Hook")
                .refusing(409, "The service does not call, or was not told of the address."),
            Route(.delete, "\(path)/hook", "Close the address at which a service calls.", close).operating()
                .answering(204, "Closed."),
            Route(
                .post, "\(path)/link", "Make a code that, sent to a bot, makes a chat with it yours.", link
            ).personal().answering(201, "The code, good for ten minutes and once.", "ChatCode"),
        ]

        static let schemas: [JSON.Member] = [
            .init(
                "HookRequest",
                Schema.request(["secret": Schema.text(1...1_000)])),
            .init(
                "Hook",
                Schema.object(
                    [
                        "url": Schema.string, "provider": Schema.string, "secret": Schema.string,
                        "registered": [
                            "type": "boolean",
                            "description": "True when the service was told of the address; else tell it.",
                        ],
                    ], required: ["url", "provider", "registered"])),
            .init(
                "ChatCode",
                Schema.object(
                    ["code": Schema.string, "link": Schema.string, "expires_at": Schema.time],
                    required: ["code", "expires_at"])),
        ]
    }
}

extension Routes.HookSettings {
    private struct Request: Decodable {
        let secret: String?
    }

    private static func open(_ call: Call) async throws -> Answer {
        let (id, workspace) = (try call.id(of: "connection"), try call.workspace)
        let json = try await call.optionalJSON()
        if let stranger = json.members?.first(where: { $0.name != "secret" })?.name.prefix(60) {
            throw Failure(.invalid, "There is no field \"\(stranger)\" here.", at: "/\(stranger)")
        }
        let given = try json.decode(Request.self).secret
        if let given { try judging { try Rule.text(given, 1...1_000, at: "/secret") } }
        let row = try await call.store.rows(.connections).require(id)
        let provider = row["provider"].string ?? ""
        guard let scheme = Schemes.of(provider) else {
            throw Failure(.conflict, "This service does not call.")
        }
        let hook = try await call.store.hooks.keep(
            .init(workspace: workspace, connection: id, id: fresh(), provider: provider))
        let made = try await secret(given, scheme, id, call)
        let url = call.office.settings.address("/hooks/\(provider)/\(hook.id)")
        let isRegistered = try await registration(call)?.open(id, at: url) ?? false
        var members: [JSON.Member] = [
            .init("url", .string(url)), .init("provider", .string(provider)),
            .init("registered", .bool(isRegistered)),
        ]
        if let made { members.append(.init("secret", .string(made))) }
        return Answer(.object(members))
    }

    /// Keeps the secret that was given; where there is none and it is ours to choose, one that is returned.
    private static func secret(
        _ given: String?, _ scheme: Scheme, _ id: ID, _ call: Call
    ) async throws -> String? {
        let connections = call.office.house.tools.connections
        let workspace = try call.workspace
        if let given {
            _ = try await connections.setCallSecret(of: id, to: given, in: workspace)
            return nil
        }
        guard scheme.isChosen else { return nil }
        let isStandard = scheme.provider == Provider.webhook.name
        let made =
            isStandard ? "whsec_" + String(decoding: Base64.encode(random(32)), as: UTF8.self) : fresh()
        let isKept = try await connections.setCallSecret(of: id, to: made, isFirst: true, in: workspace)
        return isKept ? made : nil
    }

    private static func close(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "connection")
        let workspace = try call.workspace
        if try await call.store.hooks.find(workspace, of: id) != nil {
            try await registration(call)?.close(id)
        }
        guard try await call.store.hooks.delete(workspace, of: id) else {
            throw Failure(.missing, "There is no such address.")
        }
        return .empty
    }

    /// Nil where nobody outside knows how to reach us.
    private static func registration(_ call: Call) throws -> Registration? {
        guard call.office.settings.publicURL != nil else { return nil }
        return Registration(call.office.house.tools, in: try call.workspace)
    }

    private static func link(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "connection")
        guard let user = call.principal?.user else { throw Failure(.unauthorized, "This needs an API key.") }
        let offer = try await ChatCodes(call.office.house.tools).offer(id, to: user, in: try call.workspace)
        var members: [JSON.Member] = [.init("code", .string(offer.code))]
        if let link = offer.link { members.append(.init("link", .string(link))) }
        members.append(.init("expires_at", JSON(offer.expiresAt)))
        return Answer(.created, .object(members))
    }

    private static func fresh() -> String { Base64.urlText(random(24)) }

    private static func random(_ count: Int) -> [UInt8] {
        SymmetricKey(size: .init(bitCount: count * 8)).withUnsafeBytes { Array($0) }
    }
}
