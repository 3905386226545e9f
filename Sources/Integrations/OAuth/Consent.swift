extension Provider {
    /// OAuth 2 with an authorization code (RFC 6749) and PKCE (RFC 7636). The tokens are the fields
    /// `access_token` and `refresh_token`.
    package struct Consent: Sendable {
        /// `{name}` stands for the field of that name, in each address.
        package let authorize: String
        package let token: String
        package let scopes: [String]
        /// What the provider wants beside the standard's parameters, such as `access_type=offline`.
        package var extras: [(name: String, value: String)] = []
        /// True where client id and secret go into the Authorization header instead of the form.
        package var isBasic = false
        /// Where a token is taken back (RFC 7009); nil where it cannot be.
        package var revoke: String?
        /// What the provider calls itself in `iss` (RFC 9207); nil where that is its `authorize` without the
        /// path.
        package var issuer: String?

        package init(authorize: String, token: String, scopes: [String]) {
            self.authorize = authorize
            self.token = token
            self.scopes = scopes
        }
    }
}
