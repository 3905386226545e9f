import Accounts
import Automation
import Core
import HTTPTypes
import Hummingbird
import Store
import Work

extension Routes {
    /// `/api/workspace/invitations`: who is asked into this workspace.
    enum Invitations {
        static let routes = [
            Route(.get, "/api/workspace/invitations", "List the open invitations, newest first.", list)
                .operating().answering(200, "The invitations, without their tokens.", "Invitations"),
            Route(
                .post, "/api/workspace/invitations", "Invite somebody, by mail and by a token to hand on.",
                create
            ).operating().taking("InvitationRequest")
                .answering(201, "The invitation; its token is shown this once.", "InvitationShown"),
            Route(.delete, "/api/workspace/invitations/{id}", "Take an invitation back.", revoke)
                .operating().answering(204, "Taken back."),
            Route(
                .post, "/api/auth/invitations/accept",
                "Follow an invitation: with the access token or the password of its address's account, or "
                    + "with a name and a new password.", accept
            ).open().taking("Acceptance").answering(200, "Tokens.", "Grant")
                .refusing(401, "The password is wrong, or the token shown.")
                .refusing(403, "The invitation is for another address."),
        ]

        private static let shown: [JSON.Member] = [
            .init("id", Schema.id), .init("email", Schema.string),
            .init("role", Schema.choice(Store.Role.self)), .init("invited_by", Schema.id),
            .init("created_at", Schema.time), .init("expires_at", Schema.time),
        ]

        static let schemas: [JSON.Member] = [
            .init("Invitation", Schema.object(.object(shown), required: shown.map(\.name))),
            .init(
                "Invitations",
                Schema.object(
                    ["invitations": Schema.list(Schema.named("Invitation"))], required: ["invitations"])),
            .init(
                "InvitationShown",
                Schema.object(
                    .object(shown + [.init("token", Schema.string)]),
                    required: shown.map(\.name) + ["token"])),
            .init(
                "InvitationRequest",
                Schema.object(
                    ["email": Auth.email, "role": Schema.choice(Store.Role.self)],
                    required: ["email", "role"])),
            .init(
                "Acceptance",
                Schema.object(
                    [
                        "token": Schema.string, "name": Schema.text(Profile.nameLength),
                        "password": Auth.password,
                    ], required: ["token"])),
        ]

        static func list(_ call: Call) async throws -> Answer {
            let entries = try await call.store.invitations.list(call.workspace)
            return Answer(["invitations": .array(entries.map { .object($0.members) })])
        }

        static func create(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(InvitationRequest.self)
            let (workspace, principal) = (try call.workspace, try call.caller)
            let (email, role): (Email, Store.Role) = try judging {
                (try Email(request.email), try Rule.choice(request.role, at: "/role"))
            }
            try Members.require(call, over: [role])
            let entry = Store.Invitations.Entry(
                workspace: workspace, email: email, role: role, invitedBy: principal.user)
            let (token, mail) = try await call.store.transaction { store in
                let token = try await store.invitations.create(entry)
                let mail = try await letter(entry, token, call, store).entry(workspace)
                try await store.outbox.add(mail)
                return (token, mail)
            }
            await call.office.house.push([mail])
            return Answer(.created, .object(entry.members + [.init("token", .string(token))]))
                .with(.location, "/api/workspace/invitations/\(entry.id)")
        }

        /// The job that brings the token to whom it is for.
        private static func letter(
            _ entry: Store.Invitations.Entry, _ token: String, _ call: Call, _ store: Store
        ) async throws -> Order {
            let name = try await store.workspaces.find(entry.workspace)?.name ?? ""
            let text = """
                You are invited to the workspace "\(name)" as \(entry.role.rawValue).

                To accept, send this token with a name and a password of yours to
                POST /api/auth/invitations/accept:

                    {secret}

                It is good until \(entry.expiresAt.text). If you did not expect this, do nothing.
                """
            let sealed = try await SealedWord(
                token, to: [entry.email], with: Vault(call.office.house.tools.vault, over: store),
                in: entry.workspace)
            let json: JSON = [
                "name": "send_email", "tags": ["invitation"],
                "arguments": [
                    "to": [.string(entry.email)], "subject": .string("Invitation to \(name)"),
                    "text": .string(text), "sealed": sealed.json,
                ],
            ]
            return try json.decode(JobRequest.self).order(for: call)
        }

        static func revoke(_ call: Call) async throws -> Answer {
            try await call.store.invitations.revoke(call.workspace, call.id(of: "invitation"))
            return .empty
        }

        static func accept(_ call: Call) async throws -> Answer {
            let request = try await call.json().decode(AcceptanceRequest.self)
            let office = call.office
            guard let invitation = try await office.store.invitations.find(request.token) else {
                throw Failure(.missing, "This invitation is unknown, used, taken back or over.", at: "/token")
            }
            let guest = try await Guest(of: invitation, request, call)
            let grant = try await office.store.transaction { store in
                if guest.isNew { try await store.accounts.create(guest.account) }
                try await store.invitations.accept(invitation)
                let user = try await store.users.enroll(
                    guest.account, in: invitation.workspace, as: invitation.role)
                return try await call.begin(guest.account.id, as: user, store)
            }
            return try await grant.answer(office)
        }
    }
}

/// Who follows an invitation: somebody known who proves it, or somebody new.
///
/// The token alone proves nothing about an account: whoever invited has seen it too.
private struct Guest: Sendable {
    let account: Store.Accounts.Entry
    let isNew: Bool

    init(
        of invitation: Store.Invitations.Entry, _ request: AcceptanceRequest, _ call: Call
    ) async throws {
        let office = call.office
        let known = try await office.store.accounts.find(email: invitation.email)
        isNew = known == nil
        if call.request.headers[.authorization] != nil {
            let principal = try await office.doorkeeper.principal(call.request.headers)
            guard let known, principal.session != nil, principal.account == known.id else {
                throw Failure(.forbidden, "This invitation is for another address than yours.")
            }
            account = known
        } else if known != nil {
            let proof = LoginRequest(
                email: invitation.email, password: try request.given(\.password, "password"), workspace: nil)
            account = try await Routes.Auth.prove(proof, office)
        } else {
            account = try await request.account(invitation.email, office)
        }
    }
}

extension AcceptanceRequest {
    fileprivate func given(_ field: KeyPath<Self, String?>, _ name: String) throws -> String {
        guard let value = self[keyPath: field] else {
            throw Problem.senseless(Failure(.invalid, "\(name) is missing.", at: "/\(name)"))
        }
        return value
    }

    /// A new account of the address that was invited.
    fileprivate func account(_ email: String, _ office: Office) async throws -> Store.Accounts.Entry {
        let (name, password) = (try given(\.name, "name"), try given(\.password, "password"))
        let address = try Email(email)
        try judging {
            try Profile.check(name: name, at: "/name")
            try PasswordRule.check(password, email: email, at: "/password")
        }
        return Store.Accounts.Entry(
            email: address, profile: Profile(name: name), hash: try await office.passwords.hash(password))
    }
}

extension Store.Invitations.Entry {
    fileprivate var members: [JSON.Member] {
        [
            .init("id", JSON(id)), .init("email", .string(email)), .init("role", JSON(role)),
            .init("invited_by", JSON(invitedBy)), .init("created_at", JSON(createdAt)),
            .init("expires_at", JSON(expiresAt)),
        ]
    }
}
