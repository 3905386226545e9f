import Core
import Foundation
import Testing

@testable import Calendar

@Suite struct `An iCalendar file` {
    private static func file(_ lines: String...) -> [UInt8] {
        Array(
            (["BEGIN:VCALENDAR", "VERSION:2.0"] + lines + ["END:VCALENDAR"]).joined(separator: "\r\n").utf8)
    }

    private static func event(_ lines: String...) -> String {
        (["BEGIN:VEVENT", "UID:1"] + lines + ["END:VEVENT"]).joined(separator: "\r\n")
    }

    private static func fields(_ bytes: [UInt8]) throws -> [String: JSON] {
        try #require(try ICalendar.read(bytes, zone: .utc).first).result.get()
    }

    @Test func `is read with folded lines, escapes, people and alarms`() throws {
        let found = try Self.fields(
            Self.file(
                Self.event(
                    "SUMMARY:Lunch\\, long\\; and \r\n go\r\n\tod",
                    "DTSTART;TZID=Europe/Berlin:20260329T120000",
                    "DURATION:PT1H30M", "LOCATION:Caf\u{E9}", "DESCRIPTION:One\\nTwo\\\\n",
                    "ATTENDEE;CN=\"Lovelace, Ada ^'A^'\";PARTSTAT=ACCEPTED:mailto:ada@example.org",
                    "ATTENDEE;ROLE=OPT-PARTICIPANT:MAILTO:bob@example.org", "ATTENDEE:urn:x",
                    "TRANSP:TRANSPARENT",
                    "BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:EMAIL", "END:VALARM")))
        #expect(found["title"] == "Lunch, long; and good")
        #expect(
            found["starts_at"] == "2026-03-29T10:00:00.000Z" && found["ends_at"] == "2026-03-29T11:30:00.000Z"
        )
        #expect(found["time_zone"] == "Europe/Berlin" && found["busy"] == false && found["all_day"] == false)
        #expect(found["description"] == "One\nTwo\\n" && found["location"] == "Caf\u{E9}")
        #expect(
            found["attendees"] == [
                [
                    "email": "ada@example.org", "name": "Lovelace, Ada \"A\"", "reply": "accepted",
                    "optional": false,
                ], ["email": "bob@example.org", "reply": "needs_action", "optional": true],
            ])
        #expect(found["reminders"] == [["minutes_before": 15, "channel": "email"]])
    }

    @Test func `holds whole days and instances that differ`() throws {
        let bytes = Self.file(
            Self.event(
                "SUMMARY:Standup", "DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106",
                "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20260106,20260107"),
            Self.event(
                "SUMMARY:Long", "RECURRENCE-ID;VALUE=DATE:20260108", "DTSTART;VALUE=DATE:20260109",
                "DTEND;VALUE=DATE:20260111"))
        let found = try Self.fields(bytes)
        #expect(found["all_day"] == true && found["exdates"]?.array?.count == 2)
        #expect(
            found["overrides"] == [
                [
                    "recurrence_id": "2026-01-08T00:00:00.000Z", "starts_at": "2026-01-09T00:00:00.000Z",
                    "ends_at": "2026-01-11T00:00:00.000Z", "title": "Long",
                ]
            ])
    }

    @Test func `is taken event by event: what is wrong with one is said with its line`() throws {
        let bytes = Self.file(
            Self.event("DTSTART:20260101T000000Z", "DTEND:20260101T010000Z"),
            Self.event("DTSTART:20260101T000000Z", "DTEND:20260101T010000Z"),
            Self.event("DTSTART;TZID=W. Europe Standard Time:20260101T000000", "DURATION:PT1H").replacing(
                "UID:1", with: "UID:2"),
            Self.event("SUMMARY:No start").replacing("UID:1", with: "UID:3"),
            Self.event("DTSTART:20260101T000000Z", "RRULE:FREQ=NEVER", "DURATION:PT1H").replacing(
                "UID:1", with: "UID:4"),
            Self.event("RECURRENCE-ID:20260101T000000Z", "DTSTART:20260101T000000Z").replacing(
                "UID:1", with: "UID:5"),
            "BEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT")
        let found = try ICalendar.read(bytes, zone: .utc)
        let reasons = found.map { finding -> String in
            switch finding.result {
            case .success: "\(finding.line)"
            case .failure(let failure): "\(finding.line) \(failure.message)"
            }
        }
        let wanted = [
            "3", "8 The UID stands in this file twice.",
            "13 Line 15: TZID \"W. Europe Standard Time\" is no IANA name.", "18 It has no DTSTART.",
            "22 The rule \"FREQ=NEVER\" is wrong: FREQ is one of",
            "28 It changes an event that is not in this file.", "33 It has no UID.",
        ]
        #expect(reasons.count == wanted.count)
        for (reason, start) in zip(reasons, wanted) { #expect(reason.hasPrefix(start), "\(reason)") }
    }

    @Test(arguments: [
        "", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\r\nEND:VEVENT", "nonsense", "BEGIN:VEVENT\nEND:VEVENT",
        "END:VCALENDAR", String(repeating: "BEGIN:A\n", count: 9),
    ])
    func `is refused as a whole when it is none`(_ text: String) {
        #expect(throws: Failure.self) { try ICalendar.read(Array(text.utf8), zone: .utc) }
        #expect(throws: Failure.self) { try ICalendar.read([0xFF, 0xFE], zone: .utc) }
    }

    @Test(arguments: 0..<60) func `gives back what was written`(_ seed: Int) throws {
        var dice = Chance(UInt64(seed) &+ 500)
        let entry = try Self.entry(&dice)
        let bytes = ICalendar.write([entry], name: "Ours", until: try moment("2031-01-01T00:00:00Z"))
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 75 })
        let found = try Self.fields(bytes)
        for (name, value) in entry.fields.merging(entry.series.fields, uniquingKeysWith: { $1 }) {
            #expect(found[name] ?? .null == value, "\(name)")
        }
    }

    private static func entry(_ dice: inout Chance) throws -> ICalendar.Entry {
        let zone = dice.pick(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
        let isAllDay = dice.happens(30)
        let texts = [
            "Plain", "a,b;c\\d", "Zwei\nZeilen ÄÖÜ €", String(repeating: "lang 😀 ", count: 30), "\"q\"^n",
        ]
        let whole = try series(
            isAllDay ? "2026-03-20T00:00" : "2026-03-20T09:30",
            isAllDay ? "2026-03-22T00:00" : "2026-03-20T11:00",
            zone, rule: dice.happens(70) ? "FREQ=DAILY;COUNT=30" : nil
        ) { $0.isAllDay = isAllDay }
        var draft = whole.draft
        let ids = try whole.instances(in: days("2026-03-01", "2026-05-01"), most: 100).map(\.id)
        if ids.count > 5 {
            draft.exdates = [ids[1]]
            draft.overrides = [
                Override(id: ids[2], fields: [.init("title", .string("Other \(dice.pick(texts))"))]),
                Override(
                    id: ids[3], start: ids[4], end: whole.end(of: ids[5]),
                    fields: [.init("status", "cancelled")]),
            ]
        }
        let fields: [String: JSON] = [
            "title": .string(dice.pick(texts)), "description": .string(dice.pick(texts)),
            "location": .string(dice.pick(["", "Here"])), "busy": .bool(dice.happens(50)),
            "status": .string(dice.pick(["confirmed", "tentative"])),
            "color": dice.happens(50) ? "#1f6feb" : .null,
            "reminders": [["minutes_before": 10, "channel": "in_app"]],
            "attendees": [
                [
                    "email": "ada@example.org", "name": .string(dice.pick(texts)), "reply": "declined",
                    "optional": true,
                ]
            ], "uid": .string("\(dice.next())@atom"),
        ]
        return ICalendar.Entry(
            uid: fields["uid"]?.string ?? "", fields: fields, series: try Series(draft),
            createdAt: try moment("2026-01-01T00:00:00Z"), updatedAt: try moment("2026-01-02T00:00:00Z"),
            version: 3)
    }
}
