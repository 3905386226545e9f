import Core
import Crypto

/// The signatures of HubSpot: the third version where it is there, else those that it still sends to old
/// applications.
struct HubSpotSeal {
    private let arrival: Arrival

    init(_ arrival: Arrival) { self.arrival = arrival }

    func fits(_ secret: String) throws(Scheme.Flaw) -> Bool {
        guard arrival.has(Self.third.header) else { return try old(secret) }
        return try Self.third.fits(arrival, arrival.required(Self.time), secret)
    }

    /// When the third version says it was made; the others do not say.
    static let time = "X-HubSpot-Request-Timestamp"

    static let third = Scheme.Mac(
        header: "X-HubSpot-Signature-v3", style: .base64, parts: [.method, .url, .body, .time])

    /// A digest of the secret and what follows it.
    private func old(_ secret: String) throws(Scheme.Flaw) -> Bool {
        let given = try arrival.required("X-HubSpot-Signature")
        let parts: [Scheme.Mac.Part]
        switch try arrival.required("X-HubSpot-Signature-Version") {
        case "v1": parts = [.text(secret), .body]
        case "v2": parts = [.text(secret), .method, .url, .body]
        default: throw .unsigned
        }
        let content = Scheme.Mac.content(parts, arrival, nil)
        return Scheme.Seal.same(given, Hex.text(SHA256.hash(data: content)))
    }
}
