import Core

/// The signature of Stripe: several may stand in one header while a secret is replaced.
struct StripeSeal {
    /// Signatures of one call that are looked at.
    private static let most = 16

    private let arrival: Arrival
    private let given: [Substring]

    init(_ arrival: Arrival) throws(Scheme.Flaw) {
        self.arrival = arrival
        let parts = try arrival.required("Stripe-Signature").split(separator: ",")
        // Only v1 counts: v0 is made with a secret that is public.
        given = parts.filter { $0.hasPrefix("v1=") }.prefix(Self.most).map { $0.dropFirst(3) }
        guard !given.isEmpty else { throw .unsigned }
    }

    func fits(_ time: String?, _ secret: String) -> Bool {
        let content = Array("\(time ?? "").".utf8) + arrival.body
        let code = Hex.text(Scheme.Mac.code(content, Array(secret.utf8), .sha256))
        return given.reduce(false) { Scheme.Seal.same(String($1), code) || $0 }
    }
}
