/// Decides which addresses a transfer may connect to; asked for the address of the socket itself.
///
/// A name, an odd way to write an address or a redirect cannot get around it, because it sees what
/// they were resolved to, at the moment of connecting.
package struct AddressGuard: Sendable, Hashable {
    /// Only what the public internet routes.
    package static let publicOnly = AddressGuard(allowing: [])
    /// Every address: for servers that the operator chose.
    package static let open = AddressGuard(allowing: [], isOpen: true)

    private let allowed: [Network]
    private let isOpen: Bool

    /// Only what the public internet routes, and the ranges in `networks`.
    package init(allowing networks: [Network]) { self.init(allowing: networks, isOpen: false) }

    private init(allowing networks: [Network], isOpen: Bool) {
        allowed = networks
        self.isOpen = isOpen
    }

    package func permits(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        if isOpen || allowed.contains(where: { $0.contains(address) }) { return true }
        guard address.bytes.count == 4 || Self.routed.contains(address) else { return false }
        return !Self.forbidden.contains { $0.contains(address) }
    }

    /// All of IPv6 that is handed out; the rest (loopback, ULA, link-local, multicast, NAT64) lies outside.
    private static let routed = Network(trusted: "2000::/3")

    private static let forbidden: [Network] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // The metadata service of Azure sits on a public address.
        "168.63.129.16/32",
        // Teredo, ORCHID and documentation; 6to4 carries an IPv4 address that nobody would have checked.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ].map(Network.init(trusted:))
}

extension Network {
    /// A range written in this file.
    fileprivate init(trusted text: String) {
        guard let network = Network(text) else { preconditionFailure("\(text) is no range of addresses") }
        self = network
    }
}
