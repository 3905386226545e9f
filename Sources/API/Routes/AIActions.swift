import Accounts
import Automation
import Core
import HTTPTypes
import Store
import Work
import Workspace

extension Routes {
    /// `/ai/actions`: what is proposed to the caller, and what they decide.
    enum AIActions {
        static let resource = Resource(.actions, at: "/ai/actions")

        static let routes = [
            resource.listed, resource.shown, resource.told,
            Route(
                .post, "/ai/actions/{id}/approve", "Have done, once, exactly what is proposed.", approve
            ).taking("ActionApproval").answering(200, "The action as it is now.", "AiAction"),
            Route(.post, "/ai/actions/{id}/reject", "Have a proposal rest.", reject)
                .answering(200, "The action as it is now.", "AiAction"),
        ]

        static let schemas =
            resource.schemas.filter { ["AiAction", "AiActionPage"].contains($0.name) } + [
                .init(
                    "ActionApproval",
                    Schema.object(
                        ["digest": ["type": "string", "pattern": "^[0-9a-f]{64}$"]], required: ["digest"]))
            ]

        /// What an approval says.
        private struct Approval: Decodable {
            let digest: String
        }
    }
}

extension Routes.AIActions {
    private static func approve(_ call: Call) async throws -> Answer {
        let id = try call.id(of: "action")
        let json = try await call.json()
        try Routes.AI.requireKnown(json, ["digest"])
        let digest = try json.decode(Approval.self).digest
        guard digest.utf8.count == 64, digest.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw Failure(
                .invalid, "digest must be that of the action: 64 hexadecimal digits.", at: "/digest")
        }
        let action = try await call.store.rows(.actions).require(id)
        let proposal = try Proposal.named(action["tool"].string ?? "")
        guard call.principal?.scopes.admit(proposal.area, writing: true) == true else {
            throw Failure(.forbidden, "The scopes of this key do not allow to change \(proposal.area).")
        }
        return try await approve(id, digest, try order(of: action, proposal, call), call)
    }

    private static func approve(
        _ id: ID, _ digest: String, _ order: (id: ID, whole: Order?), _ call: Call
    ) async throws -> Answer {
        let vault = call.office.house.tools.vault
        do {
            return try await call.keep(order.whole.map { [$0] } ?? [], nil) { store in
                resource.answer(
                    try await Actions(store, vault).approve(id, digest: digest, job: order.id))
            }
        } catch let undone as Actions.Undone {
            try await Actions(call.store, vault).fail(id, undone.failure)
            throw undone.failure.kind == .invalid || undone.failure.kind == .missing
                ? Problem.senseless(undone.failure) : undone.failure
        }
    }

    /// The job that does the part outside, where there is one.
    private static func order(
        of action: Item, _ proposal: Proposal, _ call: Call
    ) throws -> (id: ID, whole: Order?) {
        guard let name = proposal.job else { return (ID(), nil) }
        let json: JSON = ["name": .string(name), "arguments": ["message_id": JSON(action.id)]]
        let order = try json.decode(JobRequest.self).order(for: call)
        return (order.envelope.id, order)
    }

    private static func reject(_ call: Call) async throws -> Answer {
        let vault = call.office.house.tools.vault
        return resource.answer(
            try await Actions(call.store, vault).reject(call.id(of: "action")))
    }
}
