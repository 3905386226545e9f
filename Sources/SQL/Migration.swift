/// One numbered change of the schema and the way back.
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    package let up: String
    package let down: String

    package init(_ number: Int, _ name: String, up: String, down: String) {
        self.number = number
        self.name = name
        self.up = up
        self.down = down
    }

    /// Tells an edited migration from the one that was applied (FNV-1a, 64 bits: against accidents, not
    /// attacks).
    var checksum: String {
        let hash = up.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    /// How one migration stands to one database.
    package struct Status: Sendable, Hashable {
        /// Whether it is in the database, and as this program knows it.
        package enum State: String, Sendable {
            case pending, applied
            /// Applied, but its text was edited since.
            case changed
            /// Applied, but this program does not know it.
            case unknown
        }

        package let number: Int
        package let name: String
        package let state: State
        /// Microseconds since 1970.
        package let appliedAt: Int64?
    }
}
