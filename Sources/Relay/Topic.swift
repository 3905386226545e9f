import Core
import Queue

/// What a client listens to, always within its own workspace.
enum Topic: Sendable, Hashable {
    case job(ID)
    case queue(String)
    case workspace

    /// What frames call it.
    var text: String {
        switch self {
        case .job(let id): "job:\(id.text)"
        case .queue(let name): "queue:\(name)"
        case .workspace: "workspace"
        }
    }

    func covers(_ event: Event, in queue: String) -> Bool {
        switch self {
        case .job(let id): event.job == id
        case .queue(let name): name == queue
        case .workspace: true
        }
    }
}
