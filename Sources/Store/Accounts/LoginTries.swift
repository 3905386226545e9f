import Accounts
import Core
import SQL

extension Store {
    /// How often a password was guessed wrong, by address, for all processes that check passwords.
    package struct LoginTries: Sendable {
        let access: Access

        /// Wrong passwords that are nobody's concern.
        package static let free = 5
        /// After so long without a try or a pause, an address begins anew.
        package static let memory: Duration = .seconds(900)
        /// How long the first pause is; each further one is twice as long.
        private static let pause: Duration = .seconds(30)
        /// The times that a pause is doubled: up to 16 minutes.
        private static let doublings = 5

        private static let isForgotten = "(login_tries.last_at < $3 and login_tries.until < $3)"

        /// Notes a try before the password is looked at, so that many at once do not get past the count.
        /// Throws `.limited` while the address has to wait, whoever's it is.
        package func begin(_ email: String, at now: Moment = .now) async throws {
            let key = Random.digest(Email.plain(email))
            let forgotten = now - Self.memory
            let isLet = try await access.execute(
                """
                insert into login_tries (email, tries, last_at, until) values ($1, 1, $2, 0)
                on conflict (email) do update set last_at = $2,
                tries = case when \(Self.isForgotten) then 1 else login_tries.tries + 1 end,
                until = case
                    when \(Self.isForgotten) or login_tries.tries + 1 < \(Self.free) then 0
                    when login_tries.tries + 1 > \(Self.free + Self.doublings)
                        then $2 + \(Self.pause.microseconds << Self.doublings)
                    else $2 + (cast(\(Self.pause.microseconds) as bigint)
                        << cast(login_tries.tries + 1 - \(Self.free) as integer)) end
                where login_tries.until <= $2
                """, [.text(key), Value(now), Value(forgotten)])
            guard isLet == 1 else { throw try await refusal(key, now) }
        }

        /// The password was right.
        package func forgive(_ email: String, at now: Moment = .now) async throws {
            try await access.execute(
                "delete from login_tries where email = $1 or last_at < $2",
                [.text(Random.digest(Email.plain(email))), Value(now - .seconds(86_400))])
        }

        private func refusal(_ key: String, _ now: Moment) async throws -> Failure {
            let until = try await access.query(
                "select until from login_tries where email = $1", [.text(key)]
            ) { try $0.get("until", as: Moment.self) }
            let wait = until.first.map { $0 - now } ?? Self.pause
            return Failure(
                .limited, "Too many wrong passwords for this address. Try again later.",
                retryAfter: max(wait, .seconds(1)))
        }
    }
}
