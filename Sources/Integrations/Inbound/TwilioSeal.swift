import Core
import Crypto
import Foundation

/// The signature of Twilio: over the address as Twilio wrote it, and the fields of the form in order.
struct TwilioSeal {
    private let arrival: Arrival
    private let given: String

    init(_ arrival: Arrival) throws(Scheme.Flaw) {
        self.arrival = arrival
        given = try arrival.required("X-Twilio-Signature")
    }

    func fits(_ secret: String) -> Bool {
        guard isWhole else { return false }
        let fields = Self.text(of: arrival.form)
        // Twilio leaves out a port that is usual, or does not.
        let codes = Self.forms(of: arrival.url).map { url in
            Scheme.Mac.code(Array((url + fields).utf8), Array(secret.utf8), .sha1).base64
        }
        return codes.reduce(false) { Scheme.Seal.same(given, $1) || $0 }
    }

    /// A body that is no form is signed by its digest in the address.
    private var isWhole: Bool {
        if !arrival.form.fields.isEmpty { return true }
        guard let digest = arrival.query("bodySHA256") else { return arrival.body.isEmpty }
        return Scheme.Seal.same(digest, Self.digest(arrival.body))
    }

    static func digest(_ body: [UInt8]) -> String { Hex.text(SHA256.hash(data: body)) }

    /// The names in order, each followed by its values, each of them once and in order.
    private static func text(of form: Arrival.Form) -> String {
        let values = Dictionary(grouping: form.fields, by: \.name)
        return values.keys.sorted(by: byBytes).map { name in
            Set(values[name, default: []].map(\.value)).sorted(by: byBytes).map { name + $0 }.joined()
        }.joined()
    }

    private static func byBytes(_ one: String, _ other: String) -> Bool {
        one.unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
    }

    /// The address with and without the port that is usual for it.
    private static func forms(of url: String) -> [String] {
        guard let scheme = url.firstRange(of: "://") else { return [url] }
        let rest = url[scheme.upperBound...]
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        let (head, tail) = (String(url[..<scheme.upperBound]), String(rest[place.endIndex...]))
        let port = url.hasPrefix("https:") ? ":443" : ":80"
        if place.hasSuffix(port) { return [url, head + place.dropLast(port.count) + tail] }
        // What stands before the @ may hold a colon, and so does an IPv6 address in its brackets.
        let host = place.split(separator: "@").last ?? ""
        let isPlain = !(host.hasPrefix("[") ? host.drop { $0 != "]" } : host).contains(":")
        return isPlain ? [url, head + place + port + tail] : [url]
    }
}
