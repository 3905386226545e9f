import Core

// What is not there is shown as null.
extension JSON {
    init(_ text: String?) { self = text.map(JSON.string) ?? .null }
    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    init(_ number: Double?) { self = number.map(JSON.double) ?? .null }
    init(_ moment: Moment?) { self.init(moment?.text) }
    init(_ id: ID?) { self.init(id?.text) }
    init(_ word: some RawRepresentable<String>) { self = .string(word.rawValue) }
}
