import Core
import Integrations

// A secret of calls to us that another one took the place of.
extension Credentials {
    /// How long calls may still bear the secret before the one that is used now.
    package static let formerSecretLife: Duration = .seconds(24 * 3_600)

    static let formerSecret = "webhook_secret_old"
    /// When that secret ends.
    static let formerSecretEnd = "webhook_secret_old_until"

    /// The same at that moment: the former secret has an end, and is gone when that has come.
    func timed(at now: Moment) -> Credentials {
        var fields = fields
        let end = fields[Self.formerSecretEnd].flatMap { Moment($0) } ?? now + Self.formerSecretLife
        let isGood = fields[Self.formerSecret]?.isEmpty == false && now < end
        fields[Self.formerSecret] = isGood ? fields[Self.formerSecret] : nil
        fields[Self.formerSecretEnd] = isGood ? end.text : nil
        return Credentials(fields)
    }
}
