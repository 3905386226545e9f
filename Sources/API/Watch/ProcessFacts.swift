import Foundation

/// What the kernel says of this process; nil where it does not say.
struct ProcessFacts {
    private(set) var resident_bytes: Int?
    private(set) var cpu_s: Double?
    private(set) var started_s: Double?
    private(set) var openFiles: Int?

    /// Reads `/proc`, which never blocks.
    init() {
        let page = sysconf(Int32(_SC_PAGESIZE))
        resident_bytes = Self.words("/proc/self/statm").dropFirst().first.flatMap { Int($0) }.map {
            $0 * page
        }
        openFiles = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        // The name of the program, in brackets, may hold spaces; the numbers follow it.
        let numbers = Self.text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard numbers.count > 19, let user = Double(numbers[11]), let system = Double(numbers[12]),
            let start = Double(numbers[19])
        else { return }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpu_s = (user + system) / ticks
        let boot = Self.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        started_s = boot.flatMap { Double($0.dropFirst(6)) }.map { $0 + start / ticks }
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func words(_ path: String) -> [Substring] { text(path).split(separator: " ") }
}
