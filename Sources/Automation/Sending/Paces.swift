import Core
import Integrations
import Queue

/// The pace of each provider as a limit that all workers share.
package enum Paces {
    /// Sets what the providers' tables say for those connections for which nobody has set a limit.
    package static func apply(to rules: Rules) async throws {
        let limits = try await rules.limits()
        for provider in Providers.all {
            let family = "provider:\(provider.name):*"
            guard let pace = provider.rules.pace, limits[family] == nil else { continue }
            try await rules.set(
                Limit(rate: Limit.Rate(pace.calls, per: .seconds(pace.per_s))), for: family)
        }
    }
}
