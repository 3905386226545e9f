import Core

/// Reads and writes iCalendar files (RFC 5545).
package enum ICalendar {
    /// The largest file that is read.
    package static let mostBytes = 5 << 20
    /// The most events and overrides in a file that is read.
    package static let mostEvents = 10_000

    /// What was found of one event of a file.
    package struct Finding: Sendable {
        /// The line on which the event begins.
        package let line: Int
        /// Nil when it has none.
        package let uid: String?
        /// The fields of the event by their names in the API, with its uid; or why it is refused.
        package let result: Result<[String: JSON], Failure>
    }

    /// An event to write.
    package struct Entry: Sendable {
        package let uid: String
        package let fields: [String: JSON]
        package let series: Series
        package let createdAt: Moment
        package let updatedAt: Moment
        package let version: Int

        package init(
            uid: String, fields: [String: JSON], series: Series, createdAt: Moment, updatedAt: Moment,
            version: Int
        ) {
            (self.uid, self.fields, self.series) = (uid, fields, series)
            (self.createdAt, self.updatedAt, self.version) = (createdAt, updatedAt, version)
        }
    }

    /// The fields of an event that an override may change, beside its times.
    package static let varying = [
        "attendees", "busy", "color", "description", "location", "status", "title",
    ]

    /// The words of RFC 5545 for replies.
    static let replies = [
        "needs_action": "NEEDS-ACTION", "accepted": "ACCEPTED", "declined": "DECLINED",
        "tentative": "TENTATIVE",
    ]
}
