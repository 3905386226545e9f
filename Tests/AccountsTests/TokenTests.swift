import Core
import Crypto
import Testing

@testable import Accounts

@Suite struct `An access token` {
    @Test func `says what it was made of, by any key of the ring`() throws {
        let forge = try Forge()
        #expect(forge.keyring.read(forge.keyring.sign(forge.token), at: Forge.now) == forge.token)
        let second = forge.signed(
            header: [.init("kid", "two"), .init("typ", "JWT"), .init("alg", "HS256")], with: "two")
        #expect(forge.isAccepted(second))
        #expect(forge.isAccepted(forge.signed()))
    }

    @Test func `is made with the primitive of RFC 7515 A 1`() throws {
        let key = try #require(
            Base64.bytes(
                urlText:
                    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        )
        let content =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQo"
            + "gImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let code = Keyring.code(of: Array(content.utf8), SymmetricKey(data: key))
        #expect(Base64.urlText(Array(code)) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    }

    @Test(arguments: ["none", "None", "nOnE", "NONE", "HS384", "HS512", "RS256", "hs256", ""])
    func `does not choose its algorithm`(_ name: String) throws {
        let forge = try Forge()
        let header: [JSON.Member] = [
            .init("alg", .string(name)), .init("typ", "JWT"), .init("kid", "one"),
        ]
        let signed = forge.signed(header: header)
        #expect(!forge.isAccepted(signed))
        let unsigned = signed.split(separator: ".").prefix(2).joined(separator: ".")
        #expect(!forge.isAccepted(unsigned) && !forge.isAccepted(unsigned + "."))
    }

    @Test func `brings no key, no address of one and nothing critical`() throws {
        let forge = try Forge()
        let extras: [JSON.Member] = [
            .init("jwk", ["kty": "oct", "k": "AAAA"]), .init("jku", "https://evil.example/keys"),
            .init("x5u", "https://evil.example/cert"), .init("x5c", ["AAAA"]), .init("crit", ["exp"]),
            .init("b64", false), .init("cty", "JWT"), .init("zip", "DEF"),
        ]
        for extra in extras { #expect(!forge.isAccepted(forge.signed(header: Forge.header + [extra]))) }
    }

    @Test(arguments: ["jwt", "at+jwt", ""]) func `is of the one type`(_ type: String) throws {
        let forge = try Forge()
        let header: [JSON.Member] = [
            .init("alg", "HS256"), .init("typ", .string(type)), .init("kid", "one"),
        ]
        #expect(!forge.isAccepted(forge.signed(header: header)))
    }

    @Test(arguments: ["../../dev/null", "", "three", "one ", "ONE", "one' or '1'='1", "/proc/self/environ"])
    func `names a key of the ring`(_ kid: String) throws {
        let forge = try Forge()
        let header: [JSON.Member] = [
            .init("alg", "HS256"), .init("typ", "JWT"), .init("kid", .string(kid)),
        ]
        #expect(!forge.isAccepted(forge.signed(header: header)))
        #expect(!forge.isAccepted(forge.signed(header: Array(header.prefix(2)))))
    }

    @Test func `is signed by the key it names`() throws {
        let forge = try Forge()
        #expect(!forge.isAccepted(forge.signed(with: "two")))
        let parts = forge.signed().split(separator: ".")
        let content = parts.prefix(2).joined(separator: ".")
        for forged in [
            "", "A", "AAAA", String(parts[2].dropLast()), parts[2] + "A", parts[2] + "=", "\(parts[2]) ",
        ] {
            #expect(!forge.isAccepted("\(content).\(forged)"), "\(forged)")
        }
        for key in ["", "secret", String(repeating: "\0", count: 32), Forge.secret + "x"] {
            let code = Keyring.code(of: Array(content.utf8), SymmetricKey(data: Array(key.utf8)))
            #expect(!forge.isAccepted("\(content).\(Base64.urlText(Array(code)))"))
        }
        #expect(!forge.isAccepted(content) && !forge.isAccepted("\(content).\(parts[2]).\(parts[2])"))
        #expect(!forge.isAccepted("") && !forge.isAccepted("..") && !forge.isAccepted("..."))
    }

    @Test func `has one text for its signature`() throws {
        let text = try Forge().signed()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let forge = try Forge()
        let accepted = alphabet.filter { forge.isAccepted(text.dropLast() + String($0)) }
        // 32 bytes leave two bits of the last character, which must be zero.
        #expect(accepted.count <= 1)
    }

    @Test func `of another house, audience or time is refused`() throws {
        let forge = try Forge()
        let now = Forge.now.milliseconds / 1_000
        let cases: [(String, JSON?)] = [
            ("iss", "mota"), ("iss", nil), ("aud", "other-api"), ("aud", ["atom-api"]), ("aud", nil),
            ("exp", .integer(now)), ("exp", .integer(now - 1)), ("exp", .integer(now + 901)),
            ("exp", .integer(.max)), ("exp", .double(1e30)), ("exp", "never"), ("exp", nil),
            ("nbf", .integer(now + 6)), ("nbf", nil), ("iat", .integer(now + 6)), ("iat", .integer(now - 1)),
            ("iat", .integer(.min)), ("iat", nil), ("sub", "admin"), ("sub", nil), ("ws", nil), ("sid", ""),
            ("jti", nil), ("role", "owner"),
        ]
        for (name, value) in cases {
            let claims = forge.claims(name, value)
            #expect(!forge.isAccepted(forge.signed(claims: claims)), "\(name) \(String(describing: value))")
        }
        #expect(forge.isAccepted(forge.signed(claims: forge.claims("nbf", .integer(now + 5)))))
        #expect(forge.isAccepted(forge.signed(), at: Forge.now + .seconds(899)))
        #expect(!forge.isAccepted(forge.signed(), at: Forge.now + .seconds(900)))
        #expect(!forge.isAccepted(forge.signed(), at: Forge.now + .seconds(-10)))
    }

    @Test func `says nothing twice, and is no megabyte`() throws {
        let forge = try Forge()
        let (header, claims) = (JSON.object(Forge.header).bytes, forge.token.claims.bytes)
        let twice = Array(claims.dropLast()) + Array(",\"sub\":\"\(ID())\"}".utf8)
        #expect(!forge.isAccepted(forge.keyring.sign(header, twice, with: "one")))
        let headTwice = Array(header.dropLast()) + Array(",\"alg\":\"none\"}".utf8)
        #expect(!forge.isAccepted(forge.keyring.sign(headTwice, claims, with: "one")))
        let spaces = [UInt8](repeating: 0x20, count: 1_000_000)
        #expect(!forge.isAccepted(forge.keyring.sign(header, claims + spaces, with: "one")))
        #expect(forge.isAccepted(forge.keyring.sign(header, claims + spaces.prefix(100), with: "one")))
        #expect(!forge.isAccepted(forge.signed(claims: [1, 2])))
    }
}

@Suite struct `A keyring` {
    @Test func `is read strictly, and shows no secret`() throws {
        let (long, short) = (Forge.secret, String(Forge.secret.dropLast()))
        let wrong = [
            "", ",", "one", "one:", "one:\(short)", ":\(long)", "o ne:\(long)", "one:\(long),one:\(long)",
            "one:\(long),two",
            (0..<9).map { "k\($0):\(long)" }.joined(separator: ","),
        ]
        for text in wrong {
            let failure = #expect(throws: Failure.self, "\(text)") { try Keyring(text) }
            #expect(failure?.message.contains(short) == false)
        }
        #expect("\(try Keyring("one:\(long)"))" == "Keyring(one)")
        let fresh = try Keyring(Keyring.fresh())
        let token = AccessToken(account: ID(), workspace: ID(), session: ID())
        #expect(fresh.read(fresh.sign(token)) == token)
        #expect(try Keyring(Keyring.fresh()).read(fresh.sign(token)) == nil)
    }
}

@Suite struct `A refresh token` {
    @Test func `opens what it sealed, and nothing else`() throws {
        let (parent, child, other) = (RefreshToken(), RefreshToken(), RefreshToken())
        let sealed = try parent.seal(child)
        #expect(parent.open(sealed) == child)
        #expect(other.open(sealed) == nil)
        #expect(parent.open(Array(sealed.dropLast())) == nil && parent.open([]) == nil)
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(parent.open(damaged) == nil)
        }
        #expect(RefreshToken(child.text) == child && "\(child)" == "RefreshToken")
        #expect(RefreshToken("x" + child.text) == nil && RefreshToken("") == nil)
        #expect(child.digest.count == 64 && !child.digest.contains(child.text))
    }
}
