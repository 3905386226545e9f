import Core
import Store

/// Brings a task and its ticket together: field by field, from what both held when they last agreed.
///
/// It changes nothing itself. What one side alone changed goes to the other. Where both did, the status is
/// Zendesk's; of titles and priorities the side wins that was changed last, Zendesk where neither was; tags
/// that either added are there, and tags that either took away are not.
package struct TicketMerge: Sendable {
    /// One side's values, in its own words.
    package struct Side: Sendable, Hashable {
        package var fields: [TicketField: String]
        package var tags: Set<String>

        package init(_ fields: [TicketField: String], tags: Set<String>) {
            (self.fields, self.tags) = (fields, tags)
        }
    }

    /// What both sides hold of one field.
    struct Match: Sendable, Hashable {
        let here: String
        let there: String

        var json: JSON { [.string(here), .string(there)] }
    }

    /// Labels of a task.
    static let mostLabels = 50

    /// What the task is to hold.
    package private(set) var here: Side
    /// What the ticket is to be sent, by field; nil for tags where they are right already.
    package private(set) var sent: [TicketField: String] = [:]
    package private(set) var sentTags: Set<String>?
    /// What both sides are known to hold once the task holds `here`.
    package private(set) var agreed: Agreement

    private let there: Side
    private let isNewerHere: Bool
    private let plan: Store.Zendesk.Plan

    /// - Parameters:
    ///   - agreed: what both held last; where it knows nothing of a field, Zendesk is right.
    ///   - isNewerHere: the task was changed after the ticket was.
    package init(
        here: Side, there: Side, agreed: Agreement, isNewerHere: Bool, plan: Store.Zendesk.Plan
    ) {
        (self.here, self.there, self.agreed) = (here, there, agreed)
        (self.isNewerHere, self.plan) = (isNewerHere, plan)
        for field in TicketField.allCases { merge(field) }
        mergeTags()
    }

    private mutating func merge(_ field: TicketField) {
        let (mine, theirs) = (here.fields[field] ?? "", there.fields[field] ?? "")
        let last = agreed.fields[field]
        if field.matches(mine, theirs) {
            agreed.fields[field] = Match(here: mine, there: theirs)
        } else if wins(field, mine, theirs, last) {
            // The ticket's value is known and overruled; that the task's was not sent stays to be seen.
            agreed.fields[field] = Match(here: last?.here ?? "", there: theirs)
            if plan.gives { sent[field] = field.there(mine) }
        } else if plan.takes {
            here.fields[field] = field.here(theirs)
            agreed.fields[field] = Match(here: field.here(theirs), there: theirs)
        }
    }

    /// True when the task's value is right.
    private func wins(_ field: TicketField, _ mine: String, _ theirs: String, _ last: Match?) -> Bool {
        guard let last, last.here != mine else { return false }
        // What still fits the task as it was is no change of it.
        if last.there == theirs || field.matches(last.here, theirs) { return true }
        return field != .status && isNewerHere
    }

    private mutating func mergeTags() {
        let (mine, theirs) = (here.tags, there.tags)
        let (added, dropped) = (mine.subtracting(agreed.labels), agreed.labels.subtracting(mine))
        let news = theirs.subtracting(agreed.tags)
        let gone = agreed.tags.subtracting(theirs)
        if plan.takes {
            let kept = mine.subtracting(gone.subtracting(added))
            let fresh = news.subtracting(kept).filter(Store.Zendesk.isLabel).sorted()
            here.tags = kept.union(fresh.prefix(max(0, Self.mostLabels - kept.count)))
        }
        let wanted = theirs.union(added).subtracting(dropped.subtracting(news))
        agreed.tags = theirs
        guard plan.gives, wanted != theirs else {
            agreed.labels = here.tags
            return
        }
        sentTags = wanted
        agreed.labels = here.tags.subtracting(added).union(dropped.subtracting(news))
    }
}

/// What a task and its ticket both held when they were last the same.
package struct Agreement: Sendable, Hashable {
    var fields: [TicketField: TicketMerge.Match] = [:]
    /// The tags of the task's labels.
    var labels: Set<String> = []
    /// The tags of the ticket, of which some may be no labels.
    var tags: Set<String> = []

    package init() {}

    /// Of a side that is to be made the other's whole.
    package init(here: TicketMerge.Side, there: TicketMerge.Side) {
        for field in TicketField.allCases {
            fields[field] = .init(here: here.fields[field] ?? "", there: there.fields[field] ?? "")
        }
        (labels, tags) = (here.tags, there.tags)
    }

    package init(_ json: JSON) {
        for field in TicketField.allCases {
            guard let pair = json[field.rawValue]?.array, pair.count == 2 else { continue }
            fields[field] = .init(here: pair[0].string ?? "", there: pair[1].string ?? "")
        }
        labels = Set(json["labels"]?.array?.compactMap(\.string) ?? [])
        tags = Set(json["tags"]?.array?.compactMap(\.string) ?? [])
    }

    package var json: JSON {
        .object(
            TicketField.allCases.compactMap { field in
                fields[field].map { .init(field.rawValue, $0.json) }
            } + [
                .init("labels", .array(labels.sorted().map(JSON.string))),
                .init("tags", .array(tags.sorted().map(JSON.string))),
            ])
    }

    /// Takes over what was sent, where the ticket shows that it arrived.
    package mutating func confirm(_ sent: JSON, by there: TicketMerge.Side) {
        let other = Agreement(sent)
        for (field, match) in other.fields where there.fields[field] == match.there {
            fields[field] = match
        }
        if sent["tags"] != nil, other.tags == there.tags { (labels, tags) = (other.labels, other.tags) }
    }
}

extension TicketMerge {
    /// What is kept of what is about to be sent, so that it is known again; null where that is nothing.
    package var pending: JSON {
        var members = sent.sorted { $0.key.rawValue < $1.key.rawValue }.map { field, value in
            JSON.Member(field.rawValue, Match(here: here.fields[field] ?? "", there: value).json)
        }
        if let sentTags {
            members.append(.init("labels", .array(here.tags.sorted().map(JSON.string))))
            members.append(.init("tags", .array(sentTags.sorted().map(JSON.string))))
        }
        return members.isEmpty ? .null : .object(members)
    }

    /// The members of the ticket that are sent.
    package var changes: [JSON.Member] {
        var members = sent.sorted { $0.key.rawValue < $1.key.rawValue }.map { field, value in
            JSON.Member(field == .title ? "subject" : field.rawValue, .string(value))
        }
        if let sentTags { members.append(.init("tags", .array(sentTags.sorted().map(JSON.string)))) }
        return members
    }
}
