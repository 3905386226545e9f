import Core

/// What a million tokens of a model cost, in millionths of a unit of money.
package struct Price: Sendable, Hashable {
    static let most: Int64 = 1_000_000_000_000
    static let schema: JSON = ["type": "integer", "minimum": 0, "maximum": .integer(most)]

    package let input: Int64
    package let output: Int64
    /// For input that the provider had read before.
    package let cached: Int64

    package init(input: Int64, output: Int64, cached: Int64? = nil) {
        self.input = input
        self.output = output
        self.cached = cached ?? input
    }

    init(_ json: JSON, at pointer: String) throws(Failure) {
        let known = ["input", "output", "cached"]
        let members = json.members ?? []
        let isGood = members.allSatisfy {
            known.contains($0.name) && (0...Self.most).contains(Self.whole($0.value) ?? -1)
        }
        guard isGood, let input = json["input"].flatMap(Self.whole),
            let output = json["output"].flatMap(Self.whole)
        else {
            throw Failure(
                .invalid, "A price is an object with input, output and perhaps cached, in whole millionths.",
                at: pointer)
        }
        self.init(input: input, output: output, cached: json["cached"].flatMap(Self.whole))
    }

    /// What a call costs, in millionths, rounded up. `cached` of the `input` tokens were read before.
    package func cost_micro(input: Int, cached: Int = 0, output: Int) -> Int64 {
        let old = min(max(cached, 0), max(input, 0))
        let total =
            Double(input - old) * Double(self.input) + Double(old) * Double(self.cached)
            + Double(output) * Double(self.output)
        return Int64((total / 1_000_000).rounded(.up))
    }

    private static func whole(_ json: JSON) -> Int64? {
        if let number = json.integer { return number }
        guard let number = json.double, number == number.rounded(), abs(number) < 9e15 else { return nil }
        return Int64(number)
    }
}
