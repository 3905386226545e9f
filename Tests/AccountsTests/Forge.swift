import Core

@testable import Accounts

/// A keyring, and the means to forge tokens that it must refuse.
struct Forge {
    static let secret = "0123456789abcdef0123456789abcdef"
    static let now = Moment(milliseconds: 1_800_000_000_500)

    let keyring: Keyring
    let token = AccessToken(account: ID(), workspace: ID(), session: ID(), issuedAt: now)

    init() throws { keyring = try Keyring("one:\(Self.secret),two:\(Self.secret)two") }

    static let header: [JSON.Member] = [
        .init("alg", "HS256"), .init("typ", "JWT"), .init("kid", "one"),
    ]

    /// A token that is well signed whatever it says.
    func signed(header: [JSON.Member] = header, claims: JSON? = nil, with kid: String = "one") -> String {
        keyring.sign(JSON.object(header).bytes, (claims ?? token.claims).bytes, with: kid)
    }

    /// The claims with one of them replaced, or left out where `value` is nil.
    func claims(_ name: String, _ value: JSON?) -> JSON {
        let others = (token.claims.members ?? []).filter { $0.name != name }
        return .object(others + (value.map { [.init(name, $0)] } ?? []))
    }

    func isAccepted(_ text: String, at moment: Moment = now) -> Bool {
        keyring.read(text, at: moment) != nil
    }
}
