import Core

/// What one person has open.
struct Load: Sendable {
    let person: String
    var tasks: [Int] = []
    /// Hours left in all open tasks, and in those due within the horizon.
    var openHours = 0.0
    var dueHours = 0.0
    var withoutEstimate = 0

    init(person: String) { self.person = person }
}

extension Snapshot {
    /// Everybody who has open work or finished or touched some within the weeks looked at, by name.
    func loads() -> [Load] {
        var loads: [String: Load] = [:]
        let since = now + .seconds(-limits.weeks * 7 * 86_400)
        for index in tasks.indices {
            guard let name = owner(index), tasks[index].status != .done || tasks[index].updatedAt >= since
            else { continue }
            if loads[key(name)] == nil { loads[key(name)] = Load(person: Phrase.clean(name)) }
        }
        for index in open {
            guard let name = owner(index) else { continue }
            add(index, to: &loads[key(name)])
        }
        return loads.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Mara and mara are one person.
    private func key(_ name: String) -> String { name.lowercased() }

    private func add(_ index: Int, to load: inout Load?) {
        load?.tasks.append(index)
        guard let hours = hoursLeft(index) else {
            load?.withoutEstimate += 1
            return
        }
        load?.openHours += hours
        if isDue(index, withinDays: limits.horizonDays) { load?.dueHours += hours }
    }

    /// What one person can do within the horizon.
    var horizonHours: Double { limits.capacityHours * Double(limits.horizonDays) / 7 }

    func numbers(of load: Load) -> [JSON.Member] {
        [
            .of("person", load.person), .of("open_tasks", load.tasks.count),
            .of("open_hours", load.openHours),
            .of("hours_due_within_horizon", load.dueHours),
            .of("tasks_without_estimate", load.withoutEstimate),
        ]
    }

    /// The tasks with the most hours left first.
    func heaviest(_ indices: [Int]) -> [Int] {
        indices.sorted { (hoursLeft($0) ?? 0, -$0) > (hoursLeft($1) ?? 0, -$1) }
    }
}
