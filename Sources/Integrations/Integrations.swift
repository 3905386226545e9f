import Core
import Curl
import Logging

/// The services outside, each behind words of our own.
package struct Integrations: Sendable {
    /// What the operator chose for all of them.
    package struct Settings: Sendable {
        package var mail: Mail.Settings
        package var webhooks: Webhooks.Settings

        package init(mail: Mail.Settings, webhooks: Webhooks.Settings = Webhooks.Settings()) {
            self.mail = mail
            self.webhooks = webhooks
        }
    }

    package let mail: Mail
    package let webhooks: Webhooks
    private let curl: Curl

    /// `outbox` keeps what the sandbox would have sent.
    package init(_ settings: Settings, outbox: any SandboxOutbox, log: Logger = Logger(label: "integrations"))
    {
        let curl = Curl()
        self.curl = curl
        mail = Mail(settings.mail, curl: curl, outbox: outbox, log: log)
        webhooks = Webhooks(settings.webhooks, curl: curl, log: log)
    }

    /// Ends what is on its way and lets the threads go.
    package func close() { curl.close() }
}
