import Core
import Testing

@testable import Accounts

@Suite(.serialized) struct `A password` {
    private let passwords = Passwords()

    @Test func `is known by its hash, which never shows it`() async throws {
        let hash = try await passwords.hash("a long enough Pässword")
        #expect(hash.text.hasPrefix("$y$j9T$") && "\(hash)" == "PasswordHash")
        #expect(try await passwords.check("a long enough Pässword", against: hash) == .right)
        #expect(try await passwords.check("a long enough Pa\u{308}ssword", against: hash) == .right)
        for other in ["", "a long enough password", "a long enough Pässword ", "a long enough Pässword\0x"] {
            #expect(try await passwords.check(other, against: hash) == .wrong)
        }
        #expect(try await passwords.hash("a long enough Pässword") != hash)
        #expect(try await passwords.check("anything", against: nil) == .wrong)
        await #expect(throws: Failure.self) { try await passwords.hash("cut\0short") }
    }

    @Test func `hashed by others is right, and to be hashed anew`() async throws {
        // From the test vectors of crypt_blowfish.
        let bcrypt = try #require(
            PasswordHash("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
        #expect(try await passwords.check("U*U", against: bcrypt) == .outdated)
        #expect(try await passwords.check("U*V", against: bcrypt) == .wrong)
        #expect(!bcrypt.isWeaker(than: .bcrypt(cost: 5)) && bcrypt.isWeaker(than: .bcrypt(cost: 10)))
        for method in ["", "*0", "plain", "$1$abc$def", "$5$x", "x"] { #expect(PasswordHash(method) == nil) }
    }

    @Test(arguments: [("j75", true), ("jD5", true), ("j8T", true), ("j9T", false), ("jAT", false)])
    func `at a lower cost is weaker`(_ cost: String, _ isWeaker: Bool) throws {
        let hash = try #require(PasswordHash("$y$\(cost)$salt$hash"))
        #expect(hash.isWeaker(than: .yescrypt) == isWeaker)
    }

    @Test func `of nobody takes as long to refuse`() async throws {
        let hash = try await passwords.hash("the right password")
        _ = try await passwords.check("warm up", against: nil)
        var (known, unknown): ([Duration], [Duration]) = ([], [])
        for _ in 0..<15 {
            known.append(try await took { try await passwords.check("the wrong password", against: hash) })
            unknown.append(try await took { try await passwords.check("the wrong password", against: nil) })
        }
        let (left, right) = (known.sorted()[7], unknown.sorted()[7])
        #expect(left < right * 2 && right < left * 2, "\(left) known, \(right) unknown")
    }

    private func took(_ work: () async throws -> Passwords.Check) async throws -> Duration {
        let start = ContinuousClock.now
        #expect(try await work() == .wrong)
        return ContinuousClock.now - start
    }

    @Test func `waits in a line that ends`() async throws {
        let few = Passwords(width: 1, queue: 3)
        let results = await withTaskGroup(of: Result<Passwords.Check, any Error>.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do { return .success(try await few.check("whoever it is", against: nil)) } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let refusals = results.compactMap { result -> Failure? in
            if case .failure(let error) = result { error as? Failure } else { nil }
        }
        #expect(refusals.count > 20 && refusals.count < 40)
        #expect(refusals.allSatisfy { $0.kind == .limited && $0.retryAfter != nil })
    }

    @Test func `must not be short, long, blank or known to everybody`() throws {
        let wrong = [
            "", "short", "nine char", String(repeating: "xyz", count: 67), "          ", "aaaaaaaaaaaa",
            "password123", "Password 123", "ada.lovelace@example.org", "Ada.Lovelace", "with\0nul in it",
            "with\nnewline", String(repeating: "🙂😀😎", count: 50),
        ]
        for password in wrong {
            let failure = #expect(throws: Failure.self, "\(password)") {
                try PasswordRule.check(password, email: "ada.lovelace@example.org", at: "/password")
            }
            #expect(failure?.kind == .invalid && failure?.pointer == "/password")
        }
        for password in [
            "ten chars!", "correct horse battery", "пароль-пароль", String(repeating: "xyz", count: 66),
        ] {
            try PasswordRule.check(password, email: "ada@example.org", at: "/password")
        }
    }
}
