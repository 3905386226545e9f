import Core
import Queue

/// Reads the jobs of several queues as one list, page by page.
struct JobPages {
    let office: Office
    let filter: Queue.Filter
    let limit: Int

    /// Where a page ended: within which queue, and where in it.
    struct Cursor {
        let queue: String
        let place: ListCursor?

        /// The text is the queue's name and, after a dot, the place in it; names hold no dots.
        init?(_ text: String) {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard let name = parts.first, Queue.isName(String(name)) else { return nil }
            queue = String(name)
            guard parts.count == 2 else {
                place = nil
                return
            }
            guard let place = ListCursor(String(parts[1])) else { return nil }
            self.place = place
        }

        init(_ queue: String, _ place: ListCursor?) {
            self.queue = queue
            self.place = place
        }

        var text: String { queue + (place.map { ".\($0.text)" } ?? "") }
    }

    /// The next page of the queues `names`, which are sorted; a page may be short and still have a next one.
    func page(_ names: [String], after cursor: Cursor?) async throws -> (jobs: [Sight], next: Cursor?) {
        var (jobs, place) = ([Sight](), cursor?.place)
        let rest = names.drop { name in cursor.map { name < $0.queue } ?? false }
        for (visited, name) in rest.enumerated() {
            guard jobs.count < limit, visited < QueueBook.visited else { return (jobs, Cursor(name, nil)) }
            let start = name == cursor?.queue ? place : nil
            place = nil
            let page = try await office.queues[name].list(filter, limit: limit - jobs.count, cursor: start)
            jobs += page.jobs
            if let next = page.next { return (jobs, Cursor(name, next)) }
        }
        return (jobs, nil)
    }
}
