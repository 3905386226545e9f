import Core
import Curl
import Foundation

extension Provider {
    /// A cheap call that changes nothing and tells whether a connection works.
    package struct Check: Sendable {
        let method: String
        /// From the base; `{name}` stands for the field of that name.
        let path: String
        let reading: Line.Reading

        package init(
            _ path: String, method: String = "GET", reading: @escaping Line.Reading = Line.Answer.plain
        ) {
            self.path = path
            self.method = method
            self.reading = reading
        }
    }
}

extension Line {
    /// Asks the provider whether the connection works. False where the provider has no such question.
    /// Throws as `ask` does.
    package func check() async throws -> Bool {
        guard let check = provider.check else { return false }
        let path = Provider.filled(check.path, with: credentials) {
            $0.addingPercentEncoding(
                withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~:")))
        }
        guard let path else { throw Failure(.invalid, "The connection lacks a field of \(provider.title).") }
        let answer = try await ask(Curl.Request(check.method, path), reading: check.reading)
        guard (200..<300).contains(answer.status) else {
            throw Failure(.unavailable, "\(provider.title) leads elsewhere (\(answer.status)).")
        }
        return true
    }
}
