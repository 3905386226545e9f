import Core

extension Zendesk {
    /// A ticket as Zendesk says it is.
    package struct Ticket: Sendable, Hashable {
        package let id: Int
        package let subject: String
        package let description: String
        /// `new`, `open`, `pending`, `hold`, `solved`, `closed` or `deleted`.
        package let status: String
        /// `low`, `normal`, `high` or `urgent`; empty where none was said.
        package let priority: String
        package let tags: [String]
        package let externalID: String?
        package let requesterID: Int?
        package private(set) var requester: Person?
        package let createdAt: Moment
        /// Whole seconds, by Zendesk's clock.
        package let updatedAt: Moment
        /// The same as Zendesk wrote it, to be shown again.
        package let stamp: String

        init?(_ json: JSON) {
            guard let id = json["id"]?.whole, let stamp = json["updated_at"]?.string,
                let updatedAt = Moment(stamp)
            else { return nil }
            (self.id, self.stamp, self.updatedAt) = (id, stamp, updatedAt)
            subject = json["subject"]?.string ?? json["raw_subject"]?.string ?? ""
            description = json["description"]?.string ?? ""
            status = json["status"]?.string ?? "open"
            priority = json["priority"]?.string ?? ""
            tags = (json["tags"]?.array ?? []).compactMap(\.string).sorted()
            externalID = json["external_id"]?.string
            requesterID = json["requester_id"]?.whole
            createdAt = json["created_at"]?.string.flatMap { Moment($0) } ?? updatedAt
        }

        func asked(by people: [Int: Person]) -> Ticket {
            var ticket = self
            ticket.requester = requesterID.flatMap { people[$0] }
            return ticket
        }

        package var isGone: Bool { status == "deleted" }
        /// Nothing on it can be changed any more.
        package var isClosed: Bool { status == "closed" }
    }

    /// Somebody who asks or answers.
    package struct Person: Sendable, Hashable {
        package let name: String
        package let email: String?
    }

    /// What somebody said on a ticket; it never changes.
    package struct Comment: Sendable, Hashable {
        package let id: Int
        package let authorID: Int?
        package let body: String
        package let isPublic: Bool
        package let createdAt: Moment

        init?(_ json: JSON) {
            guard let id = json["id"]?.whole else { return nil }
            self.id = id
            authorID = json["author_id"]?.whole
            body = json["plain_body"]?.string ?? json["body"]?.string ?? ""
            isPublic = json["public"]?.bool ?? true
            createdAt = json["created_at"]?.string.flatMap { Moment($0) } ?? Moment(microseconds: 0)
        }
    }

    /// A ticket with what was said on it.
    package struct Thread: Sendable {
        package let ticket: Ticket
        /// When the ticket was read, by Zendesk's clock: what changed in that second or later may be missing.
        package let seenAt: Moment
        /// Oldest first; the first one is the ticket's description.
        package var comments: [Comment] = []
        package var people: [Int: Person]

        init(ticket: Ticket, seenAt: Moment, people: [Int: Person]) {
            self.ticket = ticket.asked(by: people)
            self.seenAt = seenAt
            self.people = people
        }
    }

    /// A page of what was changed.
    package struct Export: Sendable {
        static let page = 1_000

        package let tickets: [Ticket]
        package let cursor: String?
        package let isEnd: Bool
    }
}

/// The time in the head of an answer, such as `Sat, 21 Nov 2026 20:00:00 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func moment(_ text: String) -> Moment? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let number = month + 1
        return Moment("\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}

extension JSON {
    var whole: Int? { integer.map { Int($0) } }
}
