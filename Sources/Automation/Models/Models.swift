import Core
import Integrations
import Store
import Workspace

/// Asks the language models of a workspace: those of its settings in turn, within its budgets, and writes
/// down what each call cost.
package struct Models: Sendable {
    /// On whose behalf a model is asked.
    package struct Asking: Sendable {
        package let workspace: ID
        package let job: ID
        /// Such as `chat`.
        package let purpose: String

        package init(workspace: ID, job: ID, purpose: String) {
            self.workspace = workspace
            self.job = job
            self.purpose = purpose
        }
    }

    /// A piece of an answer. The first of an answer that is begun anew, by another model, says so.
    package struct Piece: Sendable, Hashable {
        package let text: String
        package let isFirst: Bool
    }

    /// One model that may be asked.
    package struct Candidate: Sendable {
        package let connection: Connection
        package let model: Model
    }

    private let store: Store
    private let connections: Connections
    package var patience = Model.Patience()

    package init(_ store: Store, _ connections: Connections) {
        self.store = store
        self.connections = connections
    }

    /// The models of the workspace's settings, else those that its connections name; none where it has none.
    package func candidates(in workspace: ID) async throws -> [Candidate] {
        let settings = try await scoped(workspace).modelSettings()
        guard settings.choices.isEmpty else { return try await chosen(settings, workspace) }
        var found: [Candidate] = []
        for provider in [Provider.openai, .anthropic] {
            guard let connection = try await connections.usual(provider, in: workspace),
                let name = connection.settings["model"]?.string, !name.isEmpty
            else { continue }
            found.append(try candidate(name, connection))
        }
        return found
    }

    /// Asks the first model that answers. Throws what the last one threw, or `conflict` where there is none.
    package func reply(
        to prompt: Prompt, for asking: Asking, tell: (Piece) async throws -> Void
    ) async throws -> Reply {
        let candidates = try await candidates(in: asking.workspace)
        for (index, candidate) in candidates.enumerated() {
            do {
                return try await ask(candidate, prompt, asking, tell: tell)
            } catch let failure as Failure where index + 1 < candidates.count && !failure.isPermanent {
                continue
            }
        }
        throw Failure(
            .conflict, "No language model is connected. Connect openai or anthropic at /api/integrations.")
    }

    /// Asks for an answer in the form of the prompt, and once more when it does not have it.
    package func value(_ prompt: Prompt, for asking: Asking) async throws -> (JSON, model: String?) {
        var (prompt, complaint) = (prompt, "")
        for _ in 0..<2 {
            let reply = try await reply(to: prompt, for: asking) { _ in }
            let text = reply.calls.first { $0.name == prompt.form?.name }?.arguments ?? reply.text
            do {
                let value = try JSONParser.parse(Array(Self.unwrapped(text).utf8))
                guard let wrong = SchemaCheck(prompt.form?.schema ?? [:]).complaint(about: value) else {
                    return (value, reply.model)
                }
                complaint = wrong
            } catch let fault as JSONParser.Fault {
                complaint = "it is no JSON: \(fault)"
            }
            prompt.turns += [
                .assistant(text.isEmpty ? "(nothing)" : text, calls: []),
                .user("That does not have the form asked for: \(complaint). Answer once more, in the form."),
            ]
        }
        throw Failure(.invalid, "The model did not keep to the form asked for: \(complaint).")
    }

    /// Some models put a fence around JSON.
    private static func unwrapped(_ text: String) -> Substring {
        guard let begin = text.firstIndex(where: { $0 == "{" || $0 == "[" }),
            let end = text.lastIndex(where: { $0 == "}" || $0 == "]" }), begin <= end
        else { return text[...] }
        return text[begin...end]
    }

    private func chosen(_ settings: ModelSettings, _ workspace: ID) async throws -> [Candidate] {
        var found: [Candidate] = []
        var reason: Failure?
        for choice in settings.choices {
            do {
                let provider = try Providers.named(choice.provider)
                let connection =
                    if let id = choice.connection { try await connections.open(id, in: workspace) } else {
                        try await connections.usual(provider, in: workspace)
                    }
                if let connection { found.append(try candidate(choice.model, connection)) }
            } catch let failure as Failure { reason = failure }
        }
        if found.isEmpty, let reason { throw reason }
        return found
    }

    private func candidate(_ name: String, _ connection: Connection) throws -> Candidate {
        var model = try Model(name, over: connection.line)
        model.patience = patience
        return Candidate(connection: connection, model: model)
    }
}

extension Models {
    private func ask(
        _ candidate: Candidate, _ prompt: Prompt, _ asking: Asking, tell: (Piece) async throws -> Void
    ) async throws -> Reply {
        let tab = try await open(candidate, prompt, asking)
        var (extent, isFirst) = (Model.Extent.none, true)
        do {
            let reply = try await candidate.model.reply(to: prompt, note: { extent = $0 }) { text in
                let piece = Piece(text: text, isFirst: isFirst)
                isFirst = false
                try await tell(piece)
            }
            try await tab.close(reply.usage, extent)
            return reply
        } catch {
            try await tab.close(nil, extent)
            throw error
        }
    }

    private func open(_ candidate: Candidate, _ prompt: Prompt, _ asking: Asking) async throws -> Tab {
        let store = scoped(asking.workspace)
        let settings = try await store.modelSettings()
        let name = candidate.model.name
        guard let price = settings.prices[name] ?? (settings.hasBudget ? nil : Price(input: 0, output: 0))
        else {
            throw Failure(
                .invalid,
                "The model \"\(name)\" has no price, and there is a budget; set one at /ai/settings."
            ).permanently()
        }
        let most = price.most(input: candidate.model.bound(of: prompt), output: prompt.most_tokens)
        let call = Store.Spending.Call(
            job: asking.job, connection: candidate.connection.id, model: name, purpose: asking.purpose)
        let reservation = try await store.spending.reserve(most, within: settings, for: call)
        return Tab(store: store, reservation: reservation, price: price)
    }

    private func scoped(_ workspace: ID) -> Store { store.scoped(Scope(workspace: workspace)) }
}

extension Tools {
    package var models: Models { Models(store, connections) }
}
