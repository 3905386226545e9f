import Core
import Foundation
import Queue
import Yams

/// The file of schedules: what it holds is put at each start, what it no longer holds is removed.
///
/// ```yaml
/// schedules:
///   nightly-report:
///     timing: { cron: "0 3 * * *", zone: Europe/Berlin }
///     job: { name: analyze_workspace }
/// ```
public struct ScheduleFile: Sendable {
    /// The schedules it holds, in the order of their names.
    public let schedules: [Schedule]

    /// The largest file that is read, in bytes.
    public static let most = 1_048_576
    /// How many levels of the file may lie in each other.
    private static let depth = 32

    /// Reads the text of such a file.
    ///
    /// - Parameters:
    ///   - workspace: whose the schedules are that name no `workspace`; nil when each has to name its own.
    ///   - check: throws when there is no such job or the arguments are not its own.
    /// - Throws: `Failure(.invalid)` that names the entry and the member.
    public init(
        _ text: String, workspace: String?,
        check: (_ name: String, _ arguments: JSON) throws -> Void = { _, _ in }
    ) throws {
        guard text.utf8.count <= Self.most else {
            throw Failure(.invalid, "The file of schedules has more than \(Self.most) bytes.")
        }
        let root: JSON
        do { root = try Self.json(try compose(yaml: text), depth: 0) } catch let error as YamlError {
            throw Failure(.invalid, "The file of schedules is no YAML: \(error)")
        }
        let entries = root["schedules"] ?? .null
        guard root == .null || entries.members != nil || entries == .null else {
            throw Failure(.invalid, "schedules is a map from names to schedules.", at: "/schedules")
        }
        if let other = root.members?.first(where: { $0.name != "schedules" }) {
            throw Failure(.invalid, "There is no such thing as \(other.name) here.", at: "/\(other.name)")
        }
        schedules = try (entries.members ?? []).map { try Self.schedule($0, workspace, check) }
    }

    private static func schedule(
        _ entry: JSON.Member, _ workspace: String?,
        _ check: (_ name: String, _ arguments: JSON) throws -> Void
    ) throws -> Schedule {
        let pointer = "/schedules/\(entry.name)"
        guard let owner = entry.value["workspace"]?.string ?? workspace, !owner.isEmpty else {
            throw Failure(.invalid, "\(entry.name) has to name its workspace.", at: pointer + "/workspace")
        }
        let rest = (entry.value.members ?? []).filter { $0.name != "workspace" }
        do {
            return try Schedule(
                .object(rest), name: entry.name, workspace: owner, at: pointer, check: check)
        } catch let failure as Failure {
            let place = failure.pointer.map { " (\($0))" } ?? ""
            throw Failure(failure.kind, "\(entry.name): \(failure.message)\(place)", at: failure.pointer)
        }
    }

    /// YAML as JSON: plain scalars by the core schema, all others as text.
    private static func json(_ node: Node?, depth: Int) throws -> JSON {
        guard depth < Self.depth else { throw Failure(.invalid, "The file of schedules is nested too deep.") }
        switch node {
        case nil: return .null
        case .mapping(let mapping):
            return .object(
                try mapping.map { key, value in
                    JSON.Member(key.string ?? "", try json(value, depth: depth + 1))
                })
        case .sequence(let items): return .array(try items.map { try json($0, depth: depth + 1) })
        case .scalar(let scalar):
            return scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
        case .alias: throw Failure(.invalid, "The file of schedules may not use aliases.")
        }
    }

    private static func plain(_ text: String) -> JSON {
        switch text {
        case "", "~", "null": .null
        case "true": true
        case "false": false
        default:
            if let whole = Int64(text) {
                .integer(whole)
            } else if let number = Double(text), number.isFinite {
                .double(number)
            } else {
                .string(text)
            }
        }
    }
}

extension Schedules {
    /// Puts the schedules of a file, and removes those that came from it before and are no longer in it.
    ///
    /// - Returns: how many were put, left as they were and removed.
    @discardableResult
    public func apply(_ file: ScheduleFile) async throws -> (put: Int, same: Int, removed: Int) {
        var (put, same, removed) = (0, 0, 0)
        for schedule in file.schedules {
            let old = try await find(schedule.workspace, schedule.name)
            if let old, old.source == .file, old.schedule.json == schedule.json {
                same += 1
                continue
            }
            try await self.put(schedule, source: .file)
            put += 1
        }
        let kept = Set(file.schedules.map(\.id))
        var cursor: String?
        while true {
            let page = try await book.list("", after: cursor, limit: 200)
            for plan in page.compactMap({ try? Standing($0) })
            where plan.source == .file && !kept.contains(plan.schedule.id) {
                if try await remove(plan.schedule.workspace, plan.schedule.name) { removed += 1 }
            }
            guard page.count == 200, let last = page.last else { return (put, same, removed) }
            cursor = last.id
        }
    }
}
