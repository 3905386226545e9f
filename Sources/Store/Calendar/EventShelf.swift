import Calendar
import Core
import Workspace

extension Shelf {
    /// The events of the calendar.
    package static let calendarEvents: Shelf = {
        var shelf = Shelf(.calendarEvent)
        shelf.prepare = { draft, store in
            draft.values["attendees"] = try Attendees.read(draft.values["attendees"] ?? [])
            draft.values["reminders"] = try Reminders.read(draft.values["reminders"] ?? [])
            if draft.before == nil { draft.name(organizer: store.scope?.user) }
            try draft.keepTimes()
        }
        shelf.settle = { change, store in
            if change.after == nil, let id = change.id {
                try await store.rows(.notes).empty("event_id", of: id, at: change.now)
            }
            try await store.calendar.planReminders(change)
        }
        return shelf
    }()
}

extension Shelf.Draft {
    fileprivate mutating func name(organizer: ID?) {
        if values.text("uid") == nil { values["uid"] = .string("\(id)@atom") }
        values["organizer_id"] = JSON(organizer)
    }

    /// Writes the times in their one form; where a series is moved, what is special about some instances goes
    /// along.
    fileprivate mutating func keepTimes() throws {
        var series = try Series(fields: values.all)
        if let before, !given.has("overrides") { series = try series.following(before.series) }
        for (name, value) in series.fields { values[name] = value }
        guard (values["overrides"] ?? []).bytes.count <= Store.Calendar.overridesBytes else {
            throw Failure(
                .invalid, "What is special about single instances takes more than a megabyte; shorten it.",
                at: "/overrides")
        }
        values["begins_at"] = JSON(series.earliest)
        values["ends_by"] = JSON(series.latest)
    }
}

extension Values {
    /// All of them by name.
    var all: [String: JSON] {
        Dictionary(uniqueKeysWithValues: names.compactMap { name in self[name].map { (name, $0) } })
    }
}

extension Item {
    /// When an event takes place.
    package var series: Series {
        get throws { try Series(fields: values.all) }
    }
}
