import Core

extension ICalendar {
    /// The events of a file, each with the line it begins on; what is wrong with one leaves the others alone.
    ///
    /// - Parameter zone: where times and days are that name no zone, unless the file says so itself.
    /// - Throws: `Failure` for a file that is no calendar or too large.
    package static func read(_ bytes: [UInt8], zone: Zone) throws -> [Finding] {
        guard bytes.count <= mostBytes else {
            throw Failure(.limited, "A calendar file has at most \(mostBytes >> 20) MB.")
        }
        let calendar = try Component.calendar(in: bytes)
        let events = calendar.children.filter { $0.name == "VEVENT" }
        guard events.count <= mostEvents else {
            throw Failure(.limited, "A calendar file holds at most \(mostEvents) events.")
        }
        let named = calendar.text("X-WR-TIMEZONE").flatMap { try? Zone($0) }
        return Reader(zone: named ?? zone).findings(events)
    }

    /// Turns the components of a file into events.
    private struct Reader {
        let zone: Zone

        func findings(_ events: [Component]) -> [Finding] {
            let special = Dictionary(grouping: events.filter { $0.line("RECURRENCE-ID") != nil }) {
                $0.text("UID") ?? ""
            }
            let masters = events.filter { $0.line("RECURRENCE-ID") == nil }
            let known = Set(masters.compactMap { $0.text("UID") })
            let orphans = events.filter {
                $0.line("RECURRENCE-ID") != nil && !known.contains($0.text("UID") ?? "")
            }
            let refused = orphans.map { event in
                finding(event) { throw Failure(.invalid, "It changes an event that is not in this file.") }
            }
            var seen: Set<String> = []
            let found = masters.map { event in
                finding(event) {
                    guard let uid = event.text("UID"), !uid.isEmpty else {
                        throw Failure(.invalid, "It has no UID.")
                    }
                    guard seen.insert(uid).inserted else {
                        throw Failure(.invalid, "The UID stands in this file twice.")
                    }
                    return try whole(event, uid, special[uid] ?? [])
                }
            }
            return (found + refused).sorted { $0.line < $1.line }
        }

        private func finding(_ event: Component, _ read: () throws -> [String: JSON]) -> Finding {
            let result = Result { try read() }.mapError { error in
                error as? Failure ?? Failure(.broken, "It cannot be read.", cause: error)
            }
            return Finding(line: event.number, uid: event.text("UID"), result: result)
        }

        private func whole(
            _ event: Component, _ uid: String, _ special: [Component]
        ) throws -> [String: JSON] {
            var fields = try EventText(event, in: zone).fields
            let series = try Series(fields: fields)
            fields["uid"] = .string(uid)
            fields["overrides"] = .array(try special.map { try override($0, of: series, fields).json })
            return fields
        }

        /// What the component says otherwise than its series does.
        private func override(
            _ event: Component, of series: Series, _ master: [String: JSON]
        ) throws -> Override {
            guard let line = event.line("RECURRENCE-ID"), line.parameters["RANGE"] == nil,
                let id = try Stamp.list(line, in: series.zone).first?.moment
            else {
                throw Failure(
                    .invalid, "Line \(event.number): a RECURRENCE-ID with a RANGE is not understood.")
            }
            let fields = try EventText(event, in: series.zone).fields
            let other = try Series(fields: fields)
            let end = other.start + (series.end - series.start)
            return Override(
                id: id, start: other.start == id ? nil : other.start,
                end: other.end == end || other.end == series.end(of: other.start) ? nil : other.end,
                fields: varying.compactMap { name in
                    let value = fields[name] ?? .null
                    return value == master[name] ?? .null ? nil : .init(name, value)
                })
        }
    }
}
