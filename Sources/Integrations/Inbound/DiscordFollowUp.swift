import Core
import Curl

extension Discord {
    /// Says what came of a command; until then whoever called sees that we are at it. It may be said again.
    package func follow(_ command: News.Command, _ text: String) async throws {
        let place = "\(Form.encoded(command.application))/\(Form.encoded(command.token))"
        _ = try await line.ask(
            .json(
                "PATCH", "/api/v10/webhooks/\(place)/messages/@original",
                [
                    "content": .string(String(text.prefix(Self.longest))), "allowed_mentions": ["parse": []],
                ]), reading: Self.reading)
    }
}
