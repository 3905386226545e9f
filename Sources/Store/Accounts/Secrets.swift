import Core
import SQL

extension Store {
    /// What the house makes up for itself and all of its processes share.
    package struct Secrets: Sendable {
        let access: Access

        /// The secret called `name`; of any number that are made at once, all are given the first.
        package func value(_ name: String, or make: () -> String) async throws -> String {
            if let value = try await find(name) { return value }
            try await access.execute(
                """
                insert into secrets (name, value, created_at) values ($1, $2, $3)
                on conflict (name) do nothing
                """, [.text(name), .text(make()), Value(Moment.now)])
            guard let value = try await find(name) else {
                throw Failure(.broken, "The secret \(name) cannot be kept.")
            }
            return value
        }

        private func find(_ name: String) async throws -> String? {
            try await access.query("select value from secrets where name = $1", [.text(name)]) {
                try $0.get("value", as: String.self)
            }.first
        }
    }
}
