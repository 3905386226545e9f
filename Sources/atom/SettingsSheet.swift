import Accounts
import Configuration
import Core
import Foundation
import Integrations
import Queue

/// Reads typed values out of names and texts, and collects what is wrong with them.
struct SettingsSheet {
    private let reader: ConfigReader
    private(set) var errors: [String] = []

    init(_ values: [String: String]) {
        reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values))
    }

    private func name(_ key: String) -> String { key.replacing(".", with: "_").uppercased() }

    /// The text, nil when it is missing or empty.
    mutating func text(_ key: ConfigKey) -> String? {
        guard let text = reader.string(forKey: key)?.trimmingCharacters(in: .whitespaces), !text.isEmpty
        else {
            return nil
        }
        return text
    }

    mutating func text(_ key: String) -> String? { text(ConfigKey(key)) }

    mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            errors.append(
                "\(name(key)) is \"\(text)\"; it must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound)."
            )
            return nil
        }
        return number
    }

    mutating func seconds(_ key: String, in range: ClosedRange<Int>) -> Duration? {
        number(key, in: range).map { .seconds($0) }
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let text = text(key)?.lowercased() else { return nil }
        if ["1", "true", "yes"].contains(text) { return true }
        if ["0", "false", "no"].contains(text) { return false }
        errors.append("\(name(key)) is \"\(text)\"; it must be 1 or 0.")
        return nil
    }

    mutating func choice(_ key: String, of words: [String]) -> String? {
        guard let text = text(key)?.lowercased() else { return nil }
        guard words.contains(text) else {
            errors.append("\(name(key)) is \"\(text)\"; it must be one of \(words.joined(separator: ", ")).")
            return nil
        }
        return text
    }

    /// The URL as it stands; what is wrong inside it is found by the room that uses it. Never shown: it may
    /// hold a password.
    mutating func url(_ key: String, schemes: [String]) -> String? {
        guard let text = text(key) else { return nil }
        guard let scheme = text.split(separator: ":").first, schemes.contains(scheme.lowercased()) else {
            errors.append(
                "\(name(key)) must start with \(schemes.map { "\($0):" }.joined(separator: " or ")).")
            return nil
        }
        return text
    }

    /// `6000/60`, requests in so many seconds; nil for `off`.
    mutating func rate(
        _ key: String, else usual: (requests: Int, seconds: Int)?
    ) -> (requests: Int, seconds: Int)? {
        guard let text = text(key) else { return usual }
        if text.lowercased() == "off" { return nil }
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard numbers.count == 2, (1...10_000_000).contains(numbers[0]), (1...86_400).contains(numbers[1])
        else {
            errors.append(
                "\(name(key)) is \"\(text)\"; write requests/seconds, such as 6000/60, or off.")
            return usual
        }
        return (numbers[0], numbers[1])
    }

    /// `kid:secret,kid:secret`; what is wrong with it is said without the secrets.
    mutating func keyring(_ key: String) -> Keyring? {
        guard let text = text(key) else { return nil }
        do { return try Keyring(text) } catch {
            errors.append("\(name(key)): \(error.message)")
            return nil
        }
    }

    mutating func list(_ key: String) -> [String] {
        (text(key) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
            !$0.isEmpty
        }
    }

    /// `telegram=http://127.0.0.1:8081,github=https://github.example.org/api/v3`: addresses by name.
    mutating func pairs(_ key: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for part in list(key) {
            let pieces = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pieces.count == 2, ["http://", "https://"].contains(where: pieces[1].hasPrefix) else {
                errors.append("\(name(key)) must be name=address, separated by commas.")
                continue
            }
            pairs[pieces[0]] = pieces[1]
        }
        return pairs
    }

    /// `google=id:secret,zendesk=id:secret`; what is wrong with it is said without the secrets.
    mutating func clients(_ key: String) -> [String: OAuth.Client] {
        guard let text = text(key) else { return [:] }
        do { return try OAuth.Client.list(text) } catch {
            errors.append("\(name(key)): \(error.message)")
            return [:]
        }
    }

    /// `high:5,default:1`: names with weights; a name alone weighs 1.
    mutating func queues(_ key: String) -> [(name: String, weight: Int)]? {
        guard let text = text(key) else { return nil }
        do { return try Self.queues(text) } catch {
            errors.append("\(name(key)): \((error as? Failure)?.message ?? String(describing: error))")
            return nil
        }
    }

    static func queues(_ text: String) throws -> [(name: String, weight: Int)] {
        let queues = try text.split(separator: ",").map { part in
            let pieces = part.trimmingCharacters(in: .whitespaces).split(
                separator: ":", omittingEmptySubsequences: false)
            let weight = pieces.count == 2 ? Int(pieces[1]) : 1
            guard let first = pieces.first, pieces.count <= 2, Queue.isName(String(first)), let weight,
                (1...1_000).contains(weight)
            else {
                throw Failure(
                    .invalid,
                    "\"\(part)\" is no queue with a weight; write name or name:weight, "
                        + "the name of a-z, 0-9, _ and -."
                )
            }
            return (name: String(first), weight: weight)
        }
        guard !queues.isEmpty, Set(queues.map(\.name)).count == queues.count else {
            throw Failure(.invalid, "name at least one queue, and none twice.")
        }
        return queues
    }
}

/// Reads a `.env` file strictly: what is neither a comment nor NAME=value is an error, not a surprise later.
enum EnvironmentFile {
    static func read(_ path: String, _ findings: inout Settings.Findings) -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            findings.errors.append("\(path) cannot be read as UTF-8 text.")
            return [:]
        }
        var values: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = line.trimmingCharacters(in: .whitespacesAndNewlines)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line.removeFirst(7) }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            guard parts.count == 2, !name.isEmpty,
                name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else {
                findings.errors.append("\(path), line \(index + 1): write NAME=value, or # before a comment.")
                continue
            }
            values[name] = unquoted(parts[1].trimmingCharacters(in: .whitespaces))
        }
        return values
    }

    private static func unquoted(_ value: String) -> String {
        for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            return String(value.dropFirst().dropLast())
        }
        return value
    }
}
