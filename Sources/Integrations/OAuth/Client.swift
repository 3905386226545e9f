import Core
import Curl

extension OAuth {
    /// As whom we are registered with a provider. It never shows its secret in a log.
    package struct Client: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        package let id: String
        let secret: String

        package init(id: String, secret: String) {
            self.id = id
            self.secret = secret
        }

        /// `google=id:secret,zendesk=id:secret`. Throws `invalid` without showing them.
        package static func list(_ text: String) throws(Failure) -> [String: Client] {
            var clients: [String: Client] = [:]
            for part in text.split(separator: ",") {
                let name = part.prefix { $0 != "=" }.filter { $0 != " " }
                let pair = part.drop { $0 != "=" }.dropFirst().split(separator: ":", maxSplits: 1).map(
                    String.init)
                guard !name.isEmpty, pair.count == 2, clients[name] == nil else {
                    throw Failure(.invalid, "Write name=id:secret, separated by commas, and no name twice.")
                }
                clients[name] = Client(id: pair[0], secret: pair[1])
            }
            return clients
        }

        package var description: String { "Client(\(id))" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// One address of a provider's, and where it may lead.
    struct Place: Sendable {
        let template: String
        let addresses: AddressGuard

        /// - Parameter chosen: where the operator wants it instead.
        init(_ template: String, chosen: String?, _ usual: AddressGuard) {
            self.template = chosen ?? template
            addresses = chosen == nil ? usual : .open
        }
    }
}
