import Core
import SQL
import Workspace

extension Shelf {
    /// The contacts. The messages of one that is deleted stay, without a contact.
    package static let contacts: Shelf = {
        var shelf = Shelf(.contact)
        shelf.prepare = { draft, store in
            draft.values["emails"] = .array(draft.values.texts("emails").map { .string($0.lowercased()) })
            try await store.rows(.contacts).requireFree(draft.values.texts("emails"), for: draft.id)
        }
        shelf.settle = { change, store in
            guard let contact = change.after else {
                guard let id = change.id else { return }
                return try await store.rows(.messages).empty("contact_id", of: id, at: change.now)
            }
            try await store.rows(.contacts).keepAddresses(of: contact, isNew: change.before == nil)
        }
        return shelf
    }()
}

extension Rows {
    /// Throws `conflict` at the e-mail address that another contact has.
    fileprivate func requireFree(_ emails: [String], for contact: ID) async throws {
        for (index, email) in emails.enumerated() {
            let owners = try await contacts(with: "email", email).filter { $0 != contact }
            guard let owner = owners.first else { continue }
            throw Failure(
                .conflict, "The contact \(owner) has the address \(email) already.", at: "/emails/\(index)")
        }
    }

    fileprivate func keepAddresses(of contact: Item, isNew: Bool) async throws {
        let workspace = Value(try scope.workspace)
        if !isNew {
            try await access.execute(
                "delete from contact_addresses where workspace_id = $1 and contact_id = $2",
                [workspace, Value(contact.id)])
        }
        let telegram = contact.values.text("telegram").map { ("telegram", $0.lowercased()) }
        let addresses =
            contact.values.texts("emails").map { ("email", $0) }
            + contact.values.texts("phones").map { ("phone", $0) } + [telegram].compactMap { $0 }
        for (kind, address) in addresses {
            try await access.execute(
                """
                insert into contact_addresses (workspace_id, kind, address, contact_id)
                values ($1, $2, $3, $4)
                """, [workspace, .text(kind), .text(address), Value(contact.id)])
        }
    }

    fileprivate func contacts(with kind: String, _ address: String) async throws -> [ID] {
        try await access.query(
            """
            select contact_id from contact_addresses
            where workspace_id = $1 and kind = $2 and address = $3 order by contact_id limit 2
            """, [Value(try scope.workspace), .text(kind), .text(address)]
        ) { try $0.get("contact_id", as: ID.self) }
    }

    /// The one contact that is reached at this address; nil where there is none, or more than one.
    package func contact(at address: String, by channel: Channel) async throws -> ID? {
        let kind: String
        switch channel {
        case .email: kind = "email"
        case .whatsapp, .sms: kind = "phone"
        case .telegram: kind = "telegram"
        case .slack, .discord, .teams, .inApp: return nil
        }
        let found = try await contacts(with: kind, channel.canonical(address))
        return found.count == 1 ? found[0] : nil
    }
}
