import Core
import Store
import Workspace

/// Finds the open task that somebody means by a title that they said.
struct SpokenTask {
    /// Titles that are read out.
    static let spoken = 5

    private let store: Store

    init(_ store: Store) { self.store = store }

    /// The one task with these words in its title; where none has them, the one that sounds like them, which
    /// is a guess unless it sounds the same.
    func find(_ said: String) async throws -> (task: Item, isGuess: Bool) {
        let tasks = try await store.voice.openTasks(said)
        let best = Voice.Finder.best(said, among: tasks.map(title)).map { tasks[$0] }
        if best.count == 1 { return (best[0], false) }
        let others = best.isEmpty ? try await store.voice.openTasks() : best
        if let near = Voice.Finder.nearest(said, among: others.map(title)) {
            return (others[near.place], !near.isSame)
        }
        guard !best.isEmpty else { throw Failure(.missing, "No open task is called \"\(said)\".") }
        let names = best.prefix(Self.spoken).map(title).joined(separator: ", ")
        throw Failure(.conflict, "Several open tasks may be meant: \(names). Say more of the title.")
    }

    /// The same match with the title as it is written, where it is about a task that there is.
    func named(_ match: Voice.Match) async throws -> Voice.Match {
        var match = match
        guard let action = Voice.Action(named: match.command.action), action.isOfTask,
            let place = match.textName(["title", "task", "text"]), let said = match.parameters[place]?.string
        else { return match }
        do {
            let (task, isGuess) = try await find(said)
            match.parameters[place] = task["title"]
            match.isGuess = match.isGuess || isGuess
        } catch let failure as Failure where [.missing, .conflict].contains(failure.kind) {
            // What cannot be found is told when the command is done.
            return match
        }
        return match
    }

    private func title(_ task: Item) -> String { task["title"].string ?? "" }
}
