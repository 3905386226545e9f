import Core

// When people meet.
extension Seed {
    /// Days from today, the hour of UTC, minutes, and the rule by which it recurs.
    private static let events:
        [(title: String, place: String, day: Int, hour: Int, minutes: Int, rule: String?)] =
            [
                ("Stand-up", "Kitchen", -60, 8, 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
                ("Review of the month", "Greenhouse", -55, 13, 60, "FREQ=MONTHLY;BYDAY=-1FR"),
                ("Watering duty", "Hall 1", -30, 6, 30, "FREQ=DAILY;INTERVAL=2;COUNT=60"),
                ("Tax adviser", "Novak Tax Advice", 6, 10, 90, nil),
                ("Garden fair: set up", "Hall 3", 24, 7, 240, nil),
                ("Garden fair", "Hall 3", 25, 8, 540, nil),
                ("Interview", "Office", -20, 9, 60, nil),
                ("Lunch with Cafe Costa", "Cafe Costa", 3, 11, 75, nil),
                ("Call with the movers", "", 1, 14, 30, nil),
                ("Fire brigade walk-through", "New warehouse", 12, 9, 120, nil),
            ]

    mutating func addEvents() {
        let today = Moment(microseconds: now.microseconds / 86_400_000_000 * 86_400_000_000)
        for event in Self.events {
            let start = today + .days(event.day) + .seconds(3_600 * event.hour)
            let guests = people.shuffled(using: &dice).prefix(number(1...4))
            add(
                "calendar_event",
                [
                    "title": .string(event.title), "location": .string(event.place), "starts_at": JSON(start),
                    "ends_at": JSON(start + .seconds(60 * event.minutes)), "time_zone": "Europe/Berlin",
                    "rrule": JSON(event.rule), "reminders": [["minutes_before": 15]],
                    "attendees": .array(
                        guests.map { ["email": .string($0.email), "name": .string($0.name)] }),
                ], at: min(start - .days(3), now - .days(1)), by: people[0])
        }
        add(
            "calendar_event",
            [
                "title": "Holiday of Emma", "starts_at": JSON(today + .days(9)),
                "ends_at": JSON(today + .days(14)),
                "all_day": true, "busy": false,
            ], at: now - .days(15), by: people[4])
    }
}
