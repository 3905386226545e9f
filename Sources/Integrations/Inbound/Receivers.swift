extension Provider {
    /// Anybody who signs as the Standard Webhooks specification has it.
    package static let webhook = Provider(
        "webhook", "Webhook", base: "", entrance: Entrance(.none, fields: []), abilities: [.receive])

    /// Those that only call us: what becomes of mails of ours is noted, what becomes of other mails is not;
    /// a call that holds anything else is told on as one event.
    package static let receivers: [Provider] =
        [
            ("hubspot", "HubSpot"), ("sendgrid", "SendGrid"), ("mailgun", "Mailgun"), ("notion", "Notion"),
            ("linear", "Linear"), ("jira", "Jira"), ("asana", "Asana"), ("trello", "Trello"),
            ("todoist", "Todoist"), ("dropbox", "Dropbox"),
        ].map { name, title in
            Provider(name, title, base: "", entrance: Entrance(.none, fields: []), abilities: [.receive])
        } + [webhook]
}

extension Provider.Entrance {
    /// With the fields that the calls of a provider are checked with.
    var receiving: Provider.Entrance {
        var entrance = self
        let known = Set(fields.map(\.name))
        entrance.fields += Self.secrets.filter { !known.contains($0.name) }
        return entrance
    }

    private static let secrets: [Provider.Field] = [
        .init(
            "webhook_secret", "What its calls to us are signed with: its signing secret or public key.",
            isSecret: true, isRequired: false),
        .init(
            "webhook_secret_old", "The one before it, while some calls still bear that.", isSecret: true,
            isRequired: false),
    ]
}
