import Crypto
import Foundation

extension Webhooks.Secret {
    /// The secret of one workspace, made from one that only the operator knows: whoever is told the one of a
    /// workspace can neither find out another's nor sign for it.
    package static func derived(from master: String, for workspace: String) -> String {
        let key = SymmetricKey(data: Array(master.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array("callback \(workspace)".utf8), using: key)
        return "whsec_" + Data(code).base64EncodedString()
    }
}
