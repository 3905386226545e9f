import Calendar
import Core
import Workspace

// Events as iCalendar files.
extension Store.Calendar {
    /// What became of the events of a file.
    package struct Intake: Sendable {
        /// An event that is not taken, and why.
        package struct Refusal: Sendable {
            package let line: Int
            package let uid: String?
            package let reason: String
        }

        package var created = 0
        package var updated = 0
        package var unchanged = 0
        package var refused: [Refusal] = []
    }

    /// Takes the events of a file: those whose uid is known change that event, others are new. Each is taken
    /// or refused by itself.
    ///
    /// - Parameter zone: where times and days are that name no zone.
    package func take(_ file: [UInt8], zone: Zone) async throws -> Intake {
        var intake = Intake()
        for finding in try ICalendar.read(file, zone: zone) {
            do {
                try await take(Values(finding.result.get()), &intake)
            } catch let failure as Failure where failure.kind == .invalid || failure.kind == .conflict {
                intake.refused.append(
                    Intake.Refusal(line: finding.line, uid: finding.uid, reason: failure.message))
            }
        }
        return intake
    }

    private func take(_ values: Values, _ intake: inout Intake) async throws {
        guard let uid = values["uid"], let field = Noun.calendarEvent.field("uid") else { return }
        var query = Rows.Query()
        query.equal = [(field, uid)]
        query.limit = 1
        if let known = try await rows.list(query).first {
            let item = try await rows.update(known.id, values)
            if item.version == known.version { intake.unchanged += 1 } else { intake.updated += 1 }
        } else {
            try await rows.create(values)
            intake.created += 1
        }
    }

    /// The events that touch a range, or all of them, as an iCalendar file.
    package func file(
        _ range: Range<Moment>? = nil, name: String, at now: Moment = .now
    ) async throws -> [UInt8] {
        let entries = try await events(in: range).reversed().map { event in
            ICalendar.Entry(
                uid: event.values.text("uid") ?? event.id.text, fields: event.values.all,
                series: try event.series, createdAt: event.createdAt, updatedAt: event.updatedAt,
                version: event.version)
        }
        // Whole years, so that the file of a day is that of the next while nothing changed.
        let year = Zone.utc.wall(at: now + .seconds(5 * 366 * 86_400)).text.prefix(4)
        let horizon = Zone.utc.period(String(year))?.upperBound ?? now
        return ICalendar.write(entries, name: name, until: horizon)
    }
}
