/// How much of a series an edit is for.
package enum Reach: String, Sendable, CaseIterable {
    /// One instance.
    case this
    /// One instance and all behind it.
    case following
    /// The whole series.
    case all
}
