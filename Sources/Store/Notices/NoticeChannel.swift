import Core
import SQL
import Workspace

/// A place where notifications go, as a row says it.
struct NoticeChannel: Sendable {
    let id: ID
    /// Whose it is.
    let owner: ID?
    /// True where it gets what anybody is told.
    let isShared: Bool
    let target: ChannelURL.Target
    private let selection: Selection

    /// Nil for a row whose address this program does not understand any more.
    init?(_ item: Item) {
        guard let url = item.values.text("url"), let place = try? ChannelURL(url) else { return nil }
        id = item.id
        owner = item.values.id("user_id")
        isShared = item.values.flag("shared")
        target = place.target
        selection = Selection(item.values)
    }

    func takes(_ notification: Item) -> Bool {
        selection.takes(notification.values.text("kind") ?? "", notification.level)
    }

    /// The way to a person that it is; nil for a web address.
    var way: Addressee.Way? {
        guard case .message(let channel, let address, let connection) = target else { return nil }
        return Addressee.Way(channel: channel, address: address, connection: connection)
    }
}

extension Item {
    /// How much a notification matters.
    var level: Urgency { values.text("level").flatMap { Urgency(rawValue: $0) } ?? .info }
}

extension Shelf {
    /// Where notifications go beside the application. Only owners and admins say what everybody's do.
    package static let notificationChannels: Shelf = {
        var shelf = Shelf(.notificationChannel)
        shelf.prepare = { draft, store in
            guard draft.values.flag("shared"), let scope = store.scope, let user = scope.user else { return }
            let role = try await store.users.find(scope.workspace, user)?.role
            guard role != .owner, role != .admin else { return }
            throw Failure(.forbidden, "Only owners and admins can share a channel with everybody.")
        }
        return shelf
    }()

    /// Who is told next of what nobody acknowledges.
    package static let notificationEscalations: Shelf = {
        var shelf = Shelf(.notificationEscalation)
        shelf.prepare = { draft, store in
            let steps = try EscalationStep.list(draft.values["steps"], at: "/steps")
            try await store.requirePeople(of: steps, at: "/steps")
        }
        return shelf
    }()
}

extension Store {
    /// Throws `invalid` at the step that names nobody of the workspace.
    func requirePeople(of steps: [EscalationStep], at pointer: String) async throws {
        for (index, step) in steps.enumerated() {
            if let user = step.user, try await addressee(user: user) == nil {
                throw Failure(
                    .invalid, "user_id names no user of this workspace.", at: "\(pointer)/\(index)/user_id")
            }
            guard let contact = step.contact, try await rows(.contacts).find(contact) == nil else { continue }
            throw Failure(
                .invalid, "contact_id names no contact of this workspace.",
                at: "\(pointer)/\(index)/contact_id")
        }
    }
}

extension Store.Notifications {
    /// The channels that are turned on: those of these users, and those that are shared.
    func channels(of users: [ID]) async throws -> [NoticeChannel] {
        var query = Rows.Query()
        query.limit = Store.Page.most
        query.equal = [Noun.notificationChannel.field("enabled")].compactMap { $0 }.map { ($0, true) }
        // As many marks as a list of ids has in its fixed sizes, so that few statements stay prepared.
        let values = IDList.cut(users, after: 0).flatMap(\.values)
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        query.conditions = [
            .init(values.isEmpty ? "shared = 1" : "(shared = 1 or user_id in (\(marks)))", values)
        ]
        // Whoever makes the change sees their own only; what is told is the house's matter.
        return try await house.rows(.notificationChannels).list(query).compactMap { NoticeChannel($0) }
    }

    /// The store as the house itself, which sees the rows of all people of the workspace.
    var house: Store {
        get throws {
            guard let scope = store.scope else { throw Failure(.broken, "Notifications need a scope.") }
            return store.scoped(
                Scope(workspace: scope.workspace, actor: scope.actor, request: scope.request))
        }
    }
}
