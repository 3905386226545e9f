/// How each provider's rows are brought here, by the provider's name, one line each.
package enum Syncs {
    package static let all: [String: any Sync] = [
        "github": GitHubSync(),
        "gmail": GmailSync(),
        "google_calendar": GoogleCalendarSync(),
        "imap": MailboxSync(),
        "microsoft_graph": MicrosoftSync(),
        "slack": SlackSync(),
        "stripe": StripeSync(),
        "zendesk": ZendeskSync(),
    ]
}
