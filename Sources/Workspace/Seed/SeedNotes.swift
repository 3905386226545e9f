import Core

// What people write down, build and say.
extension Seed {
    private static let notes: [(title: String, body: String, kind: String)] = [
        (
            "Ideas for the fair", "- a watering contest\n- seeds to take home\n- coffee from Cafe Costa",
            "personal"
        ),
        ("Meeting on the move", "Three offers, the second is cheapest. Decision on Friday.", "meeting"),
        ("Talk with the adviser", "Statement until the end of May; receipts are complete.", "meeting"),
        ("Passwords of the router", "In the safe, second drawer.", "personal"),
        ("Retrospective", "Good: the basket. Slow: the product data. Next: fewer reviews a page.", "meeting"),
        ("Opening day", "Balloons, short speech, then everybody to the greenhouse.", "event"),
    ]

    private static let commands: [(phrase: String, action: String, parameter: String?)] = [
        ("what is due today", "tasks.due", nil), ("add a task called", "tasks.create", "title"),
        ("when is my next meeting", "calendar.next", nil),
        ("send a reminder to", "messages.remind", "contact"),
        ("how much did we spend this month", "finances.summary", nil),
        ("read my messages", "messages.unread", nil),
    ]

    mutating func addNotes() {
        for (index, note) in Self.notes.enumerated() {
            add(
                "note",
                [
                    "title": .string(note.title), "body": .string(note.body), "kind": .string(note.kind),
                    "shared": .bool(note.kind != "personal"), "pinned": .bool(index == 0),
                    "tags": [one(of: ["fair", "office", "garden"])],
                ], at: moment(day: -3 * index - 1), by: people[index % people.count])
        }
        for command in Self.commands {
            let parameters = [command.parameter].compactMap { $0 }.map { name -> JSON in
                ["name": .string(name), "type": "text"]
            }
            add(
                "voice_command",
                [
                    "phrase": .string(command.phrase), "action": .string(command.action), "language": "en",
                    "parameters": .array(parameters), "wake_word": "atom",
                ], at: now - .days(40), by: people[0])
        }
        for (name, language) in [("shop-frontend", "TypeScript"), ("courier-app", "Swift")] {
            add(
                "dev_project",
                [
                    "name": .string(name), "languages": [.string(language)],
                    "repository_url": .string("https://git.sunnyside.example/\(name)"),
                    "description": .string("The code of \(name)."), "last_activity_at": JSON(now - .days(2)),
                ], at: now - .days(150), by: people[0])
        }
    }
}
