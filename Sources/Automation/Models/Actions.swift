import Core
import Crypto
import Foundation
import Integrations
import Store
import Workspace

/// What models and rules propose, from the proposal to the decision of a person.
///
/// An approval is bound to the person, the tool, its exact parameters and a time, and works once: the digest
/// of these is shown with the action, named by the approval, and kept sealed beside the row.
package struct Actions: Sendable {
    /// What is proposed.
    package struct Wish: Sendable {
        package let tool: String
        package let parameters: JSON
        package var reason: String?
        package var conversation: ID?

        package init(tool: String, parameters: JSON, reason: String? = nil, conversation: ID? = nil) {
            self.tool = tool
            self.parameters = parameters
            self.reason = reason
            self.conversation = conversation
        }
    }

    /// Why an approved action could not be done.
    package struct Undone: Error {
        package let failure: Failure
    }

    /// How long a proposal may be approved.
    package static let validity = Duration.seconds(600)

    /// Of the person to whom the actions belong.
    private let store: Store
    private let vault: Vault

    /// - Parameter store: its scope names the person.
    package init(_ store: Store, _ vault: Vault) {
        self.store = store
        self.vault = vault
    }

    /// Looks whether something could be done as proposed. Throws `missing` for an unknown tool, `invalid` or
    /// `forbidden` for parameters that it does not take.
    package func check(_ wish: Wish) async throws {
        _ = try await preview(wish, ID(), store)
    }

    /// Writes down what somebody proposes, in the transaction of the store it is called in.
    package func propose(_ wish: Wish, id: ID = ID(), at now: Moment = .now) async throws -> Item {
        let ends = Moment(milliseconds: (now + Self.validity).milliseconds)
        return try await store.transaction { store in
            let preview = try await preview(wish, id, store)
            var values = Values([
                "tool": .string(wish.tool), "parameters": wish.parameters.canonical,
                "summary": .string(preview.text), "preview": preview.json, "expires_at": JSON(ends),
                "reason": JSON(wish.reason.map { String($0.prefix(2_000)) }),
                "conversation_id": JSON(wish.conversation),
            ])
            let digest = try Self.digest(of: id, values, in: store)
            values["digest"] = .string(digest)
            let item = try await store.rows(.actions).create(values, id: id, at: now)
            let workspace = try Self.scope(store).workspace
            let sealed = try await Vault(vault, over: store).seal(
                Array(digest.utf8), for: Self.place(id), in: workspace)
            try await store.actionSeals.add(id, key: sealed.key, text: sealed.text)
            return item
        }
    }

    private func preview(_ wish: Wish, _ action: ID, _ store: Store) async throws -> Preview {
        let proposal = try Proposal.named(wish.tool)
        if let wrong = SchemaCheck(proposal.tool.schema).complaint(about: wish.parameters) {
            throw Failure(.invalid, "\(wish.tool) does not take this: \(wrong).")
        }
        return try await proposal.preview(
            .init(
                store: store, parameters: wish.parameters, conversation: wish.conversation,
                action: action, job: ID()))
    }

    /// Does what was proposed, once, if the approval names exactly that.
    ///
    /// - Parameter job: the id of the job that does the part outside, put into the outbox by the caller in
    ///   the same transaction.
    /// - Throws: `conflict` when it was decided before, is too old, is not what the approval names, or would
    ///   do something else by now; `Undone` when it could not be done, and then nothing of it was.
    package func approve(
        _ id: ID, digest given: String, job: ID = ID(), at now: Moment = .now
    ) async throws -> Item {
        try await store.transaction { store in
            let item = try await store.rows(.actions).require(id)
            try await verify(item, given, now, store)
            let decided = try await store.rows(.actions).update(
                id, Values(["status": JSON(ActionStatus.executed), "decided_at": JSON(now)]),
                version: item.version)
            let result = try await execute(item, job, store)
            return try await store.rows(.actions).update(
                id, Values(["result": result, "job_id": result["job_id"] ?? .null]),
                version: decided.version)
        }
    }

    package func reject(_ id: ID, at now: Moment = .now) async throws -> Item {
        try await store.transaction { store in
            let item = try await store.rows(.actions).require(id)
            try Self.requireOpen(item)
            return try await store.rows(.actions).update(
                id, Values(["status": JSON(ActionStatus.rejected), "decided_at": JSON(now)]),
                version: item.version)
        }
    }

    private func execute(_ item: Item, _ job: ID, _ store: Store) async throws -> JSON {
        do {
            let proposal = try Proposal.named(item["tool"].string ?? "")
            var execution = Proposal.Execution(
                store: store, parameters: item["parameters"],
                conversation: item.values.id("conversation_id"), action: item.id, job: job)
            execution.version = try await unchanged(item, proposal, execution).version
            return try await proposal.execute(execution)
        } catch let failure as Failure where !failure.isWorthRetrying {
            throw Undone(failure: failure)
        }
    }

    /// Lets an action rest that was approved and could not be done.
    package func fail(_ id: ID, _ failure: Failure, at now: Moment = .now) async throws {
        try await store.transaction { store in
            let item = try await store.rows(.actions).require(id)
            // Another approval may have done it meanwhile.
            guard item["status"].string == ActionStatus.awaitingApproval.rawValue else { return }
            _ = try await store.rows(.actions).update(
                id,
                Values([
                    "status": JSON(ActionStatus.failed), "decided_at": JSON(now),
                    "error": .string(failure.message),
                ]), version: item.version)
        }
    }
}

extension Actions {
    private func verify(_ item: Item, _ given: String, _ now: Moment, _ store: Store) async throws {
        try Self.requireOpen(item)
        guard let ends = item.values.time("expires_at"), now < ends else {
            throw Failure(.conflict, "The proposal is too old to be approved; ask for it anew.")
        }
        let now = try Self.digest(of: item.id, item.values, in: store)
        let workspace = try Self.scope(store).workspace
        guard let seal = try await store.actionSeals.find(item.id) else {
            throw Failure(.conflict, "The proposal has no seal, so it cannot be approved.")
        }
        let sealed = try await Vault(vault, over: store).open(
            seal.text, key: seal.key, for: Self.place(item.id), in: workspace)
        guard Array(now.utf8) == sealed, given == now else {
            throw Failure(
                .conflict, "This approves something else than what is proposed; read the action again.")
        }
    }

    /// What it would do now. Throws `conflict` where that is not what was shown.
    private func unchanged(
        _ item: Item, _ proposal: Proposal, _ execution: Proposal.Execution
    ) async throws -> Preview {
        let preview = try await proposal.preview(execution)
        guard let difference = preview.difference(from: item["preview"]) else { return preview }
        throw Failure(
            .conflict, "This is not what was proposed any more: \(difference). Ask for it anew.")
    }

    private static func requireOpen(_ item: Item) throws {
        let status = item["status"].string ?? ""
        guard status == ActionStatus.awaitingApproval.rawValue else {
            throw Failure(.conflict, "This was decided before: it is \(status).")
        }
    }

    private static func place(_ id: ID) -> String { "ai_actions/\(id)/digest" }

    private static func scope(_ store: Store) throws -> Scope {
        guard let scope = store.scope else { throw Failure(.broken, "Actions need a scope.") }
        return scope
    }

    /// What an approval is bound to beside the person.
    private static let bound = [
        "tool", "parameters", "summary", "preview", "reason", "conversation_id", "expires_at",
    ]

    private static func digest(of id: ID, _ values: Values, in store: Store) throws -> String {
        let scope = try scope(store)
        let whole: JSON = [
            "id": JSON(id), "workspace": JSON(scope.workspace), "user": JSON(scope.user),
            "bound": .array(bound.map { (values[$0] ?? .null).canonical }),
        ]
        return Hex.text(SHA256.hash(data: whole.canonical.bytes))
    }
}
