/// The values of one statement as libpq takes them: text, save bytes, which go as they are.
struct Parameters {
    /// A call of libpq that takes the number of values and their addresses, lengths and formats.
    typealias Call = (
        Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Int32

    private let bytes: [[UInt8]?]
    private let formats: [Int32]

    init(_ values: [Value]) {
        bytes = values.map(Self.encode)
        formats = values.map { if case .blob = $0 { 1 } else { 0 } }
    }

    private static func encode(_ value: Value) -> [UInt8]? {
        switch value {
        case .null: nil
        case .integer(let number): Array(String(number).utf8)
        case .real(let number): Array(number.description.utf8)
        case .text(let text): Array(text.utf8)
        case .blob(let bytes): bytes
        }
    }

    /// What the call returns is not looked at: a connection that cannot send has no answer either, and
    /// reading that finds the fault.
    func send(_ call: Call) {
        // One block holds all values, each with the NUL that libpq looks for behind a text.
        let size = bytes.reduce(1) { $0 + ($1?.count ?? 0) + 1 }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        defer { block.deallocate() }
        _ = call(Int32(bytes.count), fill(block), bytes.map { Int32($0?.count ?? 0) }, formats)
    }

    private func fill(_ block: UnsafeMutableRawBufferPointer) -> [UnsafePointer<CChar>?] {
        var rest = block[...]
        return bytes.map { value in
            guard let value else { return nil }
            let place = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(value.count + 1))
            place.copyBytes(from: value)
            place[value.count] = 0
            rest = rest.dropFirst(value.count + 1)
            return UnsafePointer(place.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
    }
}
