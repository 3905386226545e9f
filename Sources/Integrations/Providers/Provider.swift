import Core
import Foundation

/// A service outside: how it is reached and let in to, and the rules its calls are held to.
///
/// One file a provider declares its value and the verbs it is asked with.
package struct Provider: Sendable {
    /// Such as `twilio`: in addresses, settings and the keys of limits.
    package let name: String
    /// As people write it.
    package let title: String
    /// Where it is reached unless the operator says otherwise; `{name}` stands for the field of that name,
    /// such as the `subdomain` of Zendesk. Empty where each connection has its own.
    package let base: String
    package let entrance: Entrance
    package let rules: Rules
    /// What it can be used for.
    package let abilities: Set<Ability>
    /// A cheap call that tells whether a connection works; nil where there is none.
    package let check: Check?

    package init(
        _ name: String, _ title: String, base: String, entrance: Entrance, rules: Rules = Rules(),
        abilities: Set<Ability>, check: Check? = nil
    ) {
        self.name = name
        self.title = title
        self.base = base
        self.entrance = Schemes.of(name) == nil ? entrance : entrance.receiving
        self.rules = rules
        self.abilities = abilities
        self.check = check
    }

    /// The address of a connection: a field in it may only be a part of a host's name.
    func base(with credentials: Credentials) -> String? { Self.address(base, with: credentials) }

    /// `template` with its `{name}` filled in; nil where the field is missing or no part of a host's name.
    static func address(_ template: String, with credentials: Credentials) -> String? {
        filled(template, with: credentials) { value in
            let isPlain = value.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0 == "-" || ("0"..."9").contains($0))
            }
            return isPlain && value.utf8.count <= 63 ? value : nil
        }
    }

    /// `template` with each `{name}` replaced by what `write` makes of that field; nil where one is missing.
    static func filled(
        _ template: String, with credentials: Credentials, _ write: (String) -> String?
    ) -> String? {
        var (text, rest) = ("", template[...])
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            guard let value = credentials[name], !value.isEmpty, let written = write(value) else {
                return nil
            }
            text += rest[..<open] + written
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    package enum Ability: String, Sendable, Hashable, CaseIterable {
        /// Messages go out through it.
        case send
        /// It calls us when something happens.
        case receive
        /// Its rows are brought here.
        case sync
        /// It answers as a language model.
        case model
        /// It turns speech into text.
        case transcribe
    }
}

extension Provider {
    /// How a connection gets in.
    package struct Entrance: Sendable {
        /// What a person who connects fills in.
        package var fields: [Field]
        /// The consent by which it may be connected instead; nil where there is none.
        package var consent: Consent?
        /// How a call shows who makes it.
        package var badge: Badge

        package init(_ badge: Badge, fields: [Field], consent: Consent? = nil) {
            self.badge = badge
            self.fields = fields
            self.consent = consent
        }
    }

    /// One thing to be filled in.
    package struct Field: Sendable {
        package let name: String
        package let about: String
        /// Sealed, never shown again, and in no log.
        package let isSecret: Bool
        package let isRequired: Bool

        package init(_ name: String, _ about: String, isSecret: Bool = false, isRequired: Bool = true) {
            self.name = name
            self.about = about
            self.isSecret = isSecret
            self.isRequired = isRequired
        }
    }

    /// How a call shows who makes it; the names are those of fields.
    package enum Badge: Sendable, Hashable {
        case bearer(String)
        /// `suffix` stands behind the user. An `access_token`, where there is one, is shown instead.
        case basic(user: String, suffix: String = "", password: String)
        case header(String, field: String)
        /// In the path, written by the verbs themselves: the address is a secret.
        case path
        case none
    }
}
