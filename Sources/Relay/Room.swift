import Core

/// The watches of one workspace, by what they listen to.
struct Room {
    private var jobs: [ID: Set<Int>] = [:]
    private var rows: [ID: Set<Int>] = [:]
    private var nouns: [String: Set<Int>] = [:]
    private(set) var queues: [String: Set<Int>] = [:]
    private var all: Set<Int> = []

    var isEmpty: Bool {
        jobs.isEmpty && rows.isEmpty && nouns.isEmpty && queues.isEmpty && all.isEmpty
    }

    /// Calls `body` with each watch whose topic covers the event.
    func visit(_ event: Event, in queue: String, _ body: (Int) -> Void) {
        for watch in all { body(watch) }
        if let change = event.change {
            for watch in nouns[change.noun] ?? [] { body(watch) }
            for watch in rows[event.job] ?? [] { body(watch) }
        } else {
            for watch in queues[queue] ?? [] { body(watch) }
            for watch in jobs[event.job] ?? [] { body(watch) }
        }
    }

    mutating func insert(_ watch: Int, _ topic: Topic) {
        switch topic {
        case .job(let id): jobs[id, default: []].insert(watch)
        case .row(let id): rows[id, default: []].insert(watch)
        case .noun(let name): nouns[name, default: []].insert(watch)
        case .queue(let name): queues[name, default: []].insert(watch)
        case .workspace: all.insert(watch)
        }
    }

    mutating func remove(_ watch: Int, _ topic: Topic) {
        switch topic {
        case .job(let id): jobs.remove(watch, from: id)
        case .row(let id): rows.remove(watch, from: id)
        case .noun(let name): nouns.remove(watch, from: name)
        case .queue(let name): queues.remove(watch, from: name)
        case .workspace: all.remove(watch)
        }
    }
}

extension Dictionary where Value == Set<Int> {
    /// Takes a watch away, and its key with the last one.
    fileprivate mutating func remove(_ watch: Int, from key: Key) {
        self[key]?.remove(watch)
        if self[key]?.isEmpty == true { self[key] = nil }
    }
}
