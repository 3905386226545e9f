import Core
import Foundation
import Logging

/// Writes each event of the log as one line of JSON to standard error.
struct LogLines: LogHandler {
    let label: String
    var logLevel: Logger.Level = .notice
    var metadata: Logger.Metadata = [:]

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var members: [JSON.Member] = [
            .init("time", .string(Moment.now.text)), .init("level", .string(event.level.rawValue)),
            .init("process", .string(label)), .init("message", .string("\(event.message)")),
        ]
        if let error = event.error { members.append(.init("error", .string("\(error)"))) }
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let taken = Set(members.map(\.name))
        for (name, value) in all.sorted(by: { $0.key < $1.key }) where !taken.contains(name) {
            members.append(.init(name, Self.json(value)))
        }
        FileHandle.standardError.write(Data(JSON.object(members).bytes + [10]))
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSON {
        switch value {
        case .string(let text): number(text)
        case .stringConvertible(let value): number("\(value)")
        case .array(let values): .array(values.map(json))
        case .dictionary(let values):
            .object(values.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
        }
    }

    /// Whole numbers stay numbers, so that a log can be asked for all that took longer.
    private static func number(_ text: String) -> JSON {
        guard let number = Int64(text), String(number) == text else { return .string(text) }
        return .integer(number)
    }
}
