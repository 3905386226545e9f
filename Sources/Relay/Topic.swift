import Core
import Queue

/// What a client listens to, always within its own workspace.
enum Topic: Sendable, Hashable {
    case job(ID)
    case queue(String)
    /// The changes of all rows of one noun.
    case noun(String)
    /// The changes of one row.
    case row(ID)
    /// All jobs and all changes.
    case workspace

    /// What frames call it.
    var text: String {
        switch self {
        case .job(let id): "job:\(id.text)"
        case .queue(let name): "queue:\(name)"
        case .noun(let name): "noun:\(name)"
        case .row(let id): "row:\(id.text)"
        case .workspace: "workspace"
        }
    }

    /// The one queue of which it hears, nil where it may be any.
    var queue: String? {
        switch self {
        case .queue(let name): name
        case .noun, .row: Queue.changes
        case .job, .workspace: nil
        }
    }

    func covers(_ event: Event, in queue: String) -> Bool {
        switch self {
        case .job(let id): event.job == id && event.change == nil
        case .queue(let name): name == queue
        case .noun(let name): event.change?.noun == name
        case .row(let id): event.job == id && event.change != nil
        case .workspace: true
        }
    }
}
