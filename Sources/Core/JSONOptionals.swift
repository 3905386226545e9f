// What is not there is shown as null.
extension JSON {
    package init(_ text: String?) { self = text.map(JSON.string) ?? .null }
    package init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    package init(_ number: Double?) { self = number.map(JSON.double) ?? .null }
    package init(_ moment: Moment?) { self.init(moment?.text) }
    package init(_ id: ID?) { self.init(id?.text) }
    package init(_ word: some RawRepresentable<String>) { self = .string(word.rawValue) }
}
