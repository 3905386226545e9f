extension Voice {
    /// What a command may do by itself, beside the jobs, which are called by their names.
    package enum Action: String, Sendable, Hashable, CaseIterable {
        case createTask = "create_task"
        case completeTask = "complete_task"
        case listTasks = "list_tasks"
        case addNote = "add_note"
        case startTimer = "start_timer"
        case stopTimer = "stop_timer"

        /// Also by the names that are common for them elsewhere.
        package init?(named name: String) {
            let others = [
                "tasks.create": Action.createTask, "tasks.due": .listTasks, "tasks.list": .listTasks,
            ]
            guard let action = others[name] ?? Action(rawValue: name) else { return nil }
            self = action
        }

        /// Whether it changes something.
        package var isChange: Bool { self != .listTasks }

        /// Whether its text is the title of a task that there is.
        package var isOfTask: Bool { self == .completeTask || self == .startTimer }

        /// What a key must be allowed to change, or at least to read.
        package var area: String { self == .addNote ? "notes" : "tasks" }
    }
}

extension Voice.Command {
    /// The commands that are there without being registered. One with the same phrase and language takes the
    /// place of one of these.
    package static let defaults: [Self] = english + german

    private static let day = Voice.Parameter("due", .date)
    private static let time = Voice.Parameter("time", .time)

    private static let english = [
        Self("create task {title} due {due} {time}", [day, time], action: "create_task"),
        Self("create task {title} due {due}", [day], action: "create_task"),
        Self("create task {title}", action: "create_task"),
        Self("complete task {title}", action: "complete_task"),
        Self("list tasks", action: "list_tasks"),
        Self("list tasks due {due}", [day], action: "list_tasks"),
        Self("add note {text}", action: "add_note"),
        Self("start timer for {title}", action: "start_timer"),
        Self("stop timer", action: "stop_timer"),
    ]

    private static let german = [
        Self("neue aufgabe {title} fällig {due} {time}", [day, time], action: "create_task", language: "de"),
        Self("neue aufgabe {title} fällig {due}", [day], action: "create_task", language: "de"),
        Self("neue aufgabe {title}", action: "create_task", language: "de"),
        Self("aufgabe {title} erledigt", action: "complete_task", language: "de"),
        Self("zeige aufgaben", action: "list_tasks", language: "de"),
        Self("neue notiz {text}", action: "add_note", language: "de"),
        Self("starte timer für {title}", action: "start_timer", language: "de"),
        Self("stoppe timer", action: "stop_timer", language: "de"),
    ]
}

extension Voice {
    /// Finds what somebody means by a name that was spoken.
    package enum Finder {
        /// The places of the names that fit what was said best: one where it is clear, several where not.
        package static func best(_ said: String, among names: [String]) -> [Int] {
            let wanted = Utterance(said).plain
            guard !wanted.isEmpty else { return [] }
            let scores = names.map { likeness(wanted, Utterance($0).plain) }
            guard let top = scores.max(), top >= 0.6 else { return [] }
            return scores.indices.filter { scores[$0] > top - 0.001 }
        }

        /// The place of the one name that sounds like what was said, and whether it sounds the same: nil
        /// where none does, or two do.
        package static func nearest(_ said: String, among names: [String]) -> (place: Int, isSame: Bool)? {
            let wanted = Utterance(said).plain.suffix(Limits.words)
            let words = names.map { Utterance($0).plain }
            let scores = words.map { Sound.likeness(Array(wanted), $0) }
            let order = scores.indices.sorted { scores[$0] > scores[$1] }
            guard let first = order.first, scores[first] >= Guess.title else { return nil }
            if order.count > 1, scores[order[1]] > scores[first] - Guess.lead { return nil }
            return (first, Sound.isSame(Array(wanted), words[first]))
        }

        /// The share of words that both have.
        private static func likeness(_ left: [String], _ right: [String]) -> Double {
            var rest = right
            var common = 0
            for word in left {
                guard let place = rest.firstIndex(where: { Likeness.isNear($0, word) }) else { continue }
                rest.remove(at: place)
                common += 1
            }
            return Double(2 * common) / Double(max(1, left.count + right.count))
        }
    }
}
