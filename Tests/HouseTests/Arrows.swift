/// Law 1: a room uses only rooms below it, and imports only what Package.swift lists for it.
enum Arrows {
    /// What comes with Swift, for everyone.
    private static let free: Set = ["Swift", "Foundation", "Synchronization", "Dispatch", "Glibc"]
    private static let freeForTests: Set = ["Testing", "FoundationNetworking"]

    /// What Package.swift itself says against the law.
    static func faults(in plan: Plan) -> [String] {
        guard plan.rooms.values.contains(where: { $0.floor != nil }) else {
            return ["Package.swift shows no floors; a comment such as \"// 1. ...\" opens one."]
        }
        return plan.rooms.values.sorted { $0.name < $1.name }.flatMap { downward($0, plan) } + library(plan)
    }

    private static func downward(_ room: Plan.Room, _ plan: Plan) -> [String] {
        room.uses.compactMap { name in
            guard let other = plan.rooms[name] else {
                return "Package.swift lets \(room.name) use \(name), and there is no such room."
            }
            guard let floor = room.floor else { return nil }
            guard let theirs = other.floor else {
                return "Package.swift lets \(room.name) use \(name), which is for tests."
            }
            guard theirs >= floor else { return nil }
            return "\(room.name) on floor \(floor) lists \(name) on floor \(theirs); "
                + "a room uses only rooms below it."
        }
    }

    /// Whoever imports the public library gets exactly its rooms and the ground.
    private static func library(_ plan: Plan) -> [String] {
        plan.library.flatMap { name in
            (plan.rooms[name]?.uses ?? []).filter { other in
                plan.rooms[other]?.floor != 0 && !plan.library.contains(other)
            }
            .map { "\(name) belongs to the public library and uses \($0), which does not." }
        }
    }

    /// What one file imports against the law.
    static func faults(in source: Source, _ plan: Plan) -> [String] {
        guard source.isSwift else { return [] }
        guard let room = plan.room(of: source.path) else {
            return ["\(source.path) stands in no room of Package.swift."]
        }
        let allowed = allowed(to: room, plan)
        return source.imports.filter { !allowed.contains($0.module) }.map { module, line in
            "\(source.path) line \(line) imports \(module)\(reason(module, for: room, plan))"
        }
    }

    private static func allowed(to room: Plan.Room, _ plan: Plan) -> Set<String> {
        let listed = free.union(room.uses).union(room.borrows)
        guard room.floor == nil else { return listed }
        // Tests may speak of the outside modules that the rooms under test speak of.
        return plan.reach(of: room).reduce(listed.union(freeForTests)) {
            $0.union(plan.rooms[$1]?.borrows ?? [])
        }
    }

    private static func reason(_ module: String, for room: Plan.Room, _ plan: Plan) -> String {
        guard let other = plan.rooms[module] else {
            return ", which Package.swift does not let \(room.name) borrow."
        }
        if let floor = room.floor, let theirs = other.floor, theirs >= floor {
            return ", which is not below \(room.name): "
                + "\(module) is on floor \(theirs), \(room.name) on floor \(floor)."
        }
        return ", which Package.swift does not list for \(room.name)."
    }
}
