import Core
import Crypto

extension Scheme {
    /// What tells one call of a provider from another, so that each is taken once.
    struct Identity: Sendable {
        enum Place: Sendable {
            case header(String)
            /// A JSON pointer into the body.
            case json(String)
            case form(String)
        }

        /// Together they name a call; without any of them, each call is one of its own.
        var places: [Place] = []
        /// What is used up by a call, whatever the call is named: its signature, where its name is not
        /// signed.
        var nonce: Place?
        /// True where the body itself is the name.
        var isBody = false

        func of(_ arrival: Arrival) -> (id: String, proof: String?) {
            let digest = Hex.text(SHA256.hash(data: arrival.body))
            let proof = nonce.flatMap { Self.text($0, arrival) }
            let found = places.map { Self.text($0, arrival) }
            if isBody || !places.isEmpty && found.allSatisfy({ $0 == nil }) { return (digest, proof) }
            guard !places.isEmpty else { return (ID().text, proof) }
            let name = found.map { $0 ?? "" }.joined(separator: "/")
            // A name that is too long to be kept is as good by its digest.
            let isShort = name.utf8.count <= 200
            return (isShort ? name : Hex.text(SHA256.hash(data: Array(name.utf8))), proof)
        }

        private static func text(_ place: Place, _ arrival: Arrival) -> String? {
            switch place {
            case .header(let name): return arrival.header(name)
            case .form(let name): return arrival.form[name]
            case .json(let pointer):
                let value = arrival.json.value(at: pointer)
                return value?.string ?? value?.integer.map { String($0) }
            }
        }
    }
}
