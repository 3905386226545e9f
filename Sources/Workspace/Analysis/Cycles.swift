import Core

extension Snapshot {
    /// Circles of unfinished tasks that wait for each other, as groups in which each reaches each.
    func circles() -> [[Int]] {
        var search = CircleSearch(edges: blockers)
        return search.run()
    }

    func cycles(_ circles: [[Int]]) -> [Finding] { circles.map(cycle) }

    private func cycle(_ group: [Int]) -> Finding {
        let path = shortestRound(group)
        let onPath = Set(path)
        let names = (path + path.prefix(1)).map(quote)
        let shown = names.count > 6 ? names.prefix(5) + ["…", names[0]] : names[...]
        return Finding(
            .cycle, .critical,
            "\(Phrase.count(group.count, "task")) wait for each other, so none can start: "
                + shown.joined(separator: " → ") + ".",
            evidence(
                path + group.filter { !onPath.contains($0) },
                [.of("tasks_in_circle", group.count), .of("shortest_round", path.count)]),
            action: "Remove one of these dependencies.", weight: Double(group.count))
    }

    /// The shortest way from the first task of `group` back to itself.
    private func shortestRound(_ group: [Int]) -> [Int] {
        let members = Set(group)
        let first = group[0]
        var cameFrom: [Int: Int] = [:]
        var queue = [first]
        var head = 0
        while head < queue.count {
            let at = queue[head]
            head += 1
            if blockers[at].contains(first) { return way(to: at, from: first, cameFrom) }
            for next in blockers[at] where members.contains(next) && next != first && cameFrom[next] == nil {
                cameFrom[next] = at
                queue.append(next)
            }
        }
        return group
    }

    private func way(to end: Int, from first: Int, _ cameFrom: [Int: Int]) -> [Int] {
        var path = [end]
        while let last = path.last, last != first, let before = cameFrom[last] { path.append(before) }
        return path.reversed()
    }
}

/// Finds the circles of two or more nodes in a graph (Tarjan's strongly connected components), without
/// recursion so that a long chain cannot exhaust the stack.
struct CircleSearch {
    private let edges: [[Int]]
    private var number: [Int]
    private var low: [Int]
    private var isOnStack: [Bool]
    private var stack: [Int] = []
    private var counter = 0
    private var found: [[Int]] = []

    init(edges: [[Int]]) {
        self.edges = edges
        number = [Int](repeating: -1, count: edges.count)
        low = number
        isOnStack = [Bool](repeating: false, count: edges.count)
    }

    /// Each circle once, its nodes in order; circles by their first node.
    mutating func run() -> [[Int]] {
        for node in edges.indices where number[node] < 0 && !edges[node].isEmpty { visit(from: node) }
        return found.sorted { $0[0] < $1[0] }
    }

    private mutating func visit(from root: Int) {
        var walk = [(node: root, edge: 0)]
        enter(root)
        while let (node, edge) = walk.last {
            if edge < edges[node].count {
                walk[walk.count - 1].edge += 1
                let next = edges[node][edge]
                if number[next] < 0 {
                    enter(next)
                    walk.append((next, 0))
                } else if isOnStack[next] {
                    low[node] = min(low[node], number[next])
                }
            } else {
                walk.removeLast()
                if let parent = walk.last?.node { low[parent] = min(low[parent], low[node]) }
                if low[node] == number[node] { close(node) }
            }
        }
    }

    private mutating func enter(_ node: Int) {
        number[node] = counter
        low[node] = counter
        counter += 1
        stack.append(node)
        isOnStack[node] = true
    }

    private mutating func close(_ root: Int) {
        var group: [Int] = []
        while let node = stack.popLast() {
            isOnStack[node] = false
            group.append(node)
            if node == root { break }
        }
        if group.count > 1 { found.append(group.sorted()) }
    }
}
