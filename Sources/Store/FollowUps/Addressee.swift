import Calendar
import Core
import SQL
import Workspace

/// Somebody who is to be told something: how they are reached, and when.
struct Addressee: Sendable {
    /// One way to reach them.
    struct Way: Sendable, Hashable {
        let channel: Channel
        let address: String
        /// The connection it goes through; nil for the usual one.
        var connection: ID?
    }

    let name: String
    let contact: ID?
    /// The preferred one first.
    let ways: [Way]
    private let quiet: QuietHours?
    private let zone: Zone

    init(name: String, contact: ID? = nil, ways: [Way], quiet: QuietHours? = nil, zone: Zone = .utc) {
        (self.name, self.contact, self.ways, self.quiet, self.zone) = (name, contact, ways, quiet, zone)
    }

    /// The first moment from `now` on at which they may be disturbed.
    func allowed(from now: Moment) -> Moment {
        guard let quiet else { return now }
        return quiet.next(from: now) { [zone] moment in
            // A wall shows whole seconds, so that the moment is cut to them too.
            let second = (Double(moment.microseconds) / 1_000_000).rounded(.down)
            return Int(zone.wall(at: moment).seconds) - Int(second)
        }
    }

    /// The way by a channel, or the preferred one.
    func way(by channel: Channel?) -> Way? {
        channel.map { channel in ways.first { $0.channel == channel } } ?? ways.first
    }
}

extension Store {
    /// A user of the workspace; nil for one who left.
    func addressee(user: ID) async throws -> Addressee? {
        let workspace = try rows(.followUps).scope.workspace
        let channels = try await notifications.channels(of: [user]).filter { $0.owner == user }
        return try await access.query(
            """
            select u.name, u.email, a.time_zone, a.quiet_from, a.quiet_to, a.notification_channels as channels
            from users u left join accounts a on a.id = u.account_id
            where u.workspace_id = $1 and u.id = $2 and u.removed_at is null
            """, [Value(workspace), Value(user)]
        ) { try Addressee($0, user, channels) }.first
    }

    func addressee(contact: ID) async throws -> Addressee? {
        guard let item = try await rows(.contacts).find(contact) else { return nil }
        let preferred = item.values.text("preferred_channel").flatMap { Channel(rawValue: $0) }
        let order = [preferred].compactMap { $0 } + [.email, .whatsapp, .telegram, .sms]
        var ways: [Addressee.Way] = []
        for channel in order where !ways.contains(where: { $0.channel == channel }) {
            guard let address = item.values.address(by: channel) else { continue }
            ways.append(.init(channel: channel, address: address))
        }
        return Addressee(
            name: item.values.text("name") ?? "", contact: contact, ways: ways,
            quiet: try QuietHours(item.values["quiet_hours"], at: "/quiet_hours"),
            zone: try item.values.text("time_zone").map { try Zone($0) } ?? .utc)
    }

    /// The user or contact that a text such as a task's assignee names: an id, an e-mail address or a name.
    func person(named text: String) async throws -> (user: ID?, contact: ID?)? {
        let workspace = Value(try rows(.followUps).scope.workspace)
        let users = try await access.query(
            """
            select id from users where workspace_id = $1 and removed_at is null
            and (id = $2 or email = lower($2) or lower(name) = lower($2)) order by id limit 2
            """, [workspace, .text(text)]
        ) { try $0.get("id", as: ID.self) }
        if users.count == 1 { return (users[0], nil) }
        // A name that two people have names nobody.
        guard users.isEmpty else { return nil }
        let contacts = try await access.query(
            """
            select id from contacts where workspace_id = $1 and (lower(name) = lower($2) or id in (
                select contact_id from contact_addresses
                where workspace_id = $1 and kind = 'email' and address = lower($2)))
            order by id limit 2
            """, [workspace, .text(text)]
        ) { try $0.get("id", as: ID.self) }
        return contacts.count == 1 ? (nil, contacts[0]) : nil
    }
}

extension Addressee {
    fileprivate init(_ row: Row, _ user: ID, _ channels: [NoticeChannel]) throws {
        let text: String? = try row.get("channels")
        let wanted = try text.map { try JSONParser.parse(Array($0.utf8)) }?.array ?? []
        var ways: [Way] = []
        for word in wanted.compactMap(\.string) where word != Channel.inApp.rawValue {
            if word == Channel.email.rawValue {
                ways.append(.init(channel: .email, address: try row.get("email")))
            }
            ways += channels.compactMap(\.way).filter { $0.channel.rawValue == word && !ways.contains($0) }
        }
        ways += channels.compactMap(\.way).filter { !ways.contains($0) }
        ways.append(.init(channel: .inApp, address: user.text))
        let (from, to): (String?, String?) = (try row.get("quiet_from"), try row.get("quiet_to"))
        let quiet = from.flatMap { from in to.flatMap { QuietHours(from: from, to: $0) } }
        let zone: String? = try row.get("time_zone")
        self.init(
            name: try row.get("name"), ways: ways, quiet: quiet, zone: try zone.map { try Zone($0) } ?? .utc)
    }
}
