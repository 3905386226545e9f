import Automation
import Core
import HTTPTypes
import Hummingbird
import Integrations
import Store

extension Routes {
    /// `/hooks/{provider}/{hook}`: where providers call. Who they are, their signature says.
    enum Hooks {
        static let path = "/hooks/{provider}/{hook}"

        static let routes = [
            asking(Route(.post, path, "Take a call of a provider.", take).open())
                .taking(Route.Body(type: "application/json", schema: Schema.any, isRequired: false))
                .answering(200, "Taken, now or before.").refusing(401, "It could not be verified."),
            asking(Route(.get, path, "Answer a provider that asks whether somebody is here.", greet).open())
                .answering(200, "Somebody is."),
        ]

        private static func asking(_ route: Route) -> Route {
            route.query("validationToken", "Microsoft Graph: wanted back.", Schema.text(0...2_000))
                .query("challenge", "Dropbox: wanted back.", Schema.text(0...2_000))
                .query("bodySHA256", "Twilio: the digest of a body that is no form.")
                .query("token", "Gmail: the secret of the subscription.")
        }
    }
}

extension Routes.Hooks {
    private static func take(_ call: Call) async throws -> Answer {
        let (scheme, hook) = try await find(call)
        let body = try await call.body("The call", upTo: scheme.limit)
        let arrival = call.arrival(body)
        if let greeting = scheme.opening(arrival) {
            return try await answer(greeting, scheme, hook, call)
        }
        try await check(arrival, scheme, hook, call)
        if let greeting = scheme.greeting(arrival) {
            return try await answer(greeting, scheme, hook, call)
        }
        try await keep(arrival, scheme, hook, call)
        return Self.answer(scheme.reply)
    }

    private static func greet(_ call: Call) async throws -> Answer {
        let (scheme, hook) = try await find(call)
        guard let greeting = scheme.opening(call.arrival([])) else { throw unknown }
        return try await answer(greeting, scheme, hook, call)
    }

    private static let unknown = Failure(.missing, "Nobody is called here.")

    /// What is called. It counts against the hook; where there is none, against the address of the caller.
    private static func find(_ call: Call) async throws -> (Scheme, Store.Hooks.Entry) {
        let found = try await named(call)
        try await call.office.gate.count(call, to: found?.1)
        guard let found else { throw unknown }
        return found
    }

    private static func named(_ call: Call) async throws -> (Scheme, Store.Hooks.Entry)? {
        guard let provider = call.parameters.get("provider"), let scheme = Schemes.of(provider),
            let id = call.parameters.get("hook"), (1...64).contains(id.utf8.count),
            let hook = try await call.office.store.hooks.find(id), hook.provider == provider
        else { return nil }
        return (scheme, hook)
    }

    /// Throws 401, which does not say what was wrong; the counter does.
    private static func check(
        _ arrival: Arrival, _ scheme: Scheme, _ hook: Store.Hooks.Entry, _ call: Call
    ) async throws {
        let house = call.office.house
        let secrets = try await house.tools.connections.callSecrets(
            of: hook.connection, named: scheme.fields, in: hook.workspace)
        do throws(Scheme.Flaw) {
            try scheme.check(arrival, secrets: secrets, isTrial: house.tools.integrations.mail.isSandboxed)
        } catch {
            call.office.meter.reject(.init(provider: scheme.provider, reason: error.rawValue))
            throw Failure(.unauthorized, "This call could not be verified.")
        }
    }

    /// Keeps the call and the job that takes it, together, unless it is here already.
    private static func keep(
        _ arrival: Arrival, _ scheme: Scheme, _ hook: Store.Hooks.Entry, _ call: Call
    ) async throws {
        let workspace = hook.workspace
        let delivery = try await Deposit(call.office.house.tools, in: workspace)
            .delivery(of: arrival, by: scheme, over: hook.connection)
        let entry = DeliveryOrder.take(delivery.id, in: workspace).entry(in: workspace)
        let scope = Scope(
            workspace: workspace, actor: "connection:\(hook.connection)", request: call.requestID)
        let isNew = try await call.office.store.scoped(scope).transaction { store in
            guard try await store.deliveries.add(delivery) else { return false }
            try await store.outbox.add(entry)
            return true
        }
        // The provider waits for the answer and not for the queue; what is not pushed now, a sweep pushes.
        if isNew { Task { [push = call.office.house.push] in await push([entry]) } }
    }

    private static func answer(
        _ greeting: Scheme.Greeting, _ scheme: Scheme, _ hook: Store.Hooks.Entry, _ call: Call
    ) async throws -> Answer {
        switch greeting {
        case .text(let text): return Answer(text: text, type: "text/plain")
        case .json(let json): return Answer(json)
        case .nothing: return Answer(text: "", type: "text/plain")
        case .learn(let secret, let header):
            var isKept = (1...1_000).contains(secret.utf8.count)
            if isKept {
                isKept = try await call.office.house.tools.connections.setCallSecret(
                    of: hook.connection, to: secret, isFirst: true, in: hook.workspace)
            }
            guard isKept else {
                call.office.meter.reject(.init(provider: scheme.provider, reason: "known"))
                throw Failure(.unauthorized, "This call could not be verified.")
            }
            let answer = Answer(text: "", type: "text/plain")
            return header.flatMap { HTTPField.Name($0) }.map { answer.with($0, secret) } ?? answer
        }
    }

    private static func answer(_ reply: Scheme.Reply) -> Answer {
        switch reply {
        case .empty: Answer(text: "", type: "text/plain")
        case .twiml:
            Answer(text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>", type: "text/xml")
        // Shown to whoever called alone: the channel may be full of strangers.
        case .deferred: Answer(["type": 5, "data": ["flags": 64]])
        }
    }
}

extension Call {
    /// The request as its sender made it: addressed to where the outside reaches us.
    fileprivate func arrival(_ body: [UInt8]) -> Arrival {
        let headers = request.headers.map { Arrival.Header($0.name.rawName, $0.value) }
        return Arrival(
            method: request.method == .head ? "GET" : request.method.rawValue,
            url: office.settings.address(request.uri.string), headers: headers, body: body)
    }
}
