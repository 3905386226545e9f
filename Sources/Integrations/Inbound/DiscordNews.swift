import Core

/// Reads an interaction of Discord.
enum DiscordNews {
    private static let command: JSON = 2

    static func read(_ json: JSON) -> [News] {
        guard json["type"] == command else { return [.other("interaction")] }
        guard let id = json["id"]?.string, let token = json["token"]?.string,
            let application = json["application_id"]?.string, let name = json["data"]?["name"]?.string
        else { return [] }
        let words = (json["data"]?["options"]?.array ?? []).compactMap { $0["value"]?.string }
        let user = json["member"]?["user"]?["id"]?.string ?? json["user"]?["id"]?.string ?? ""
        return [
            .command(
                News.Command(
                    id: id, application: application, token: token, name: name,
                    text: words.joined(separator: " "), user: user))
        ]
    }
}
