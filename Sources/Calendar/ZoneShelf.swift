import Core
import Foundation
import Synchronization

/// The zones read so far; there are only as many as the machine has zoneinfo files.
final class ZoneShelf: Sendable {
    static let shared = ZoneShelf()

    private let zones = Mutex<[String: Zone]>(["UTC": .utc])
    private static let folder = "/usr/share/zoneinfo/"

    func zone(_ name: String, at pointer: String?) throws -> Zone {
        if let known = zones.withLock({ $0[name] }) { return known }
        guard Self.isPlain(name), let bytes = FileManager.default.contents(atPath: Self.folder + name),
            let periods = ZoneFile.periods(in: Array(bytes))
        else { throw Self.refusal(of: name, at: pointer) }
        let zone = Zone(name: name, periods: periods)
        zones.withLock { $0[name] = zone }
        return zone
    }

    private static func refusal(of name: String, at pointer: String?) -> Failure {
        guard FileManager.default.fileExists(atPath: folder) else {
            return Failure(.broken, "There are no time zones in \(folder); install tzdata.", at: pointer)
        }
        let message =
            "There is no time zone \"\(name.prefix(64))\"; give an IANA name, such as Europe/Berlin."
        return Failure(.invalid, message, at: pointer)
    }

    /// Names with other marks, or with dots, could lead out of the folder.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 64 && name.utf8.first.map { $0 != UInt8(ascii: "/") } == true
            && name.utf8.allSatisfy { byte in
                (byte | 0x20 >= 97 && byte | 0x20 <= 122) || (byte >= 48 && byte <= 57)
                    || "/_+-".utf8.contains(byte)
            }
    }
}
