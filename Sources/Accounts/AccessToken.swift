import Core

/// What an access token says: whose session it is, in which workspace, and until when.
package struct AccessToken: Sendable, Hashable {
    /// How long one is good.
    package static let life: Duration = .seconds(900)
    package static let issuer = "atom"
    package static let audience = "atom-api"
    /// The bytes of the longest text that is read.
    package static let longest = 8_192
    /// How far the clock of the process that made it may be ahead of ours.
    static let skew_s: Int64 = 5

    /// The token's own name.
    package let id: ID
    package let account: ID
    package let workspace: ID
    package let session: ID
    /// In whole seconds, as all times of a token.
    package let issuedAt: Moment
    package let expiresAt: Moment

    package init(
        id: ID = ID(), account: ID, workspace: ID, session: ID, issuedAt: Moment = .now,
        life: Duration = life
    ) {
        self.id = id
        self.account = account
        self.workspace = workspace
        self.session = session
        self.issuedAt = Moment(seconds: issuedAt.seconds)
        expiresAt = Moment(seconds: issuedAt.seconds) + life
    }

    var claims: JSON {
        [
            "iss": .string(Self.issuer), "aud": .string(Self.audience), "sub": JSON(account),
            "ws": JSON(workspace), "sid": JSON(session), "jti": JSON(id), "iat": .integer(issuedAt.seconds),
            "nbf": .integer(issuedAt.seconds), "exp": .integer(expiresAt.seconds),
        ]
    }

    /// The token that these claims say; nil where one is missing, strange, of another house, not yet or no
    /// longer good.
    init?(_ claims: JSON, at now: Moment) {
        guard let names = claims.members.map({ Set($0.map(\.name)) }), names == Self.names,
            claims["iss"]?.string == Self.issuer, claims["aud"]?.string == Self.audience,
            let account = claims.id("sub"), let workspace = claims.id("ws"),
            let session = claims.id("sid"), let id = claims.id("jti"),
            let issued = claims.second("iat"), let start = claims.second("nbf"),
            let end = claims.second("exp")
        else { return nil }
        guard issued <= now.seconds + Self.skew_s, start <= now.seconds + Self.skew_s, end > now.seconds,
            end > issued, end - issued <= Int64(Self.life.seconds)
        else { return nil }
        self.init(
            id: id, account: account, workspace: workspace, session: session,
            issuedAt: Moment(seconds: issued), life: .seconds(end - issued))
    }

    private static let names: Set<String> = ["iss", "aud", "sub", "ws", "sid", "jti", "iat", "nbf", "exp"]
}

extension JSON {
    fileprivate func id(_ name: String) -> ID? { self[name]?.string.flatMap { ID($0) } }

    /// A whole number of seconds that a clock can show.
    fileprivate func second(_ name: String) -> Int64? {
        self[name]?.integer.flatMap { (0...253_402_300_799).contains($0) ? $0 : nil }
    }
}

extension Moment {
    fileprivate init(seconds: Int64) { self.init(microseconds: seconds * 1_000_000) }

    fileprivate var seconds: Int64 { milliseconds / 1_000 }
}
