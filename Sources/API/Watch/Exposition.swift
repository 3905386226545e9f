import Core

/// Writes metrics in Prometheus' text format.
struct Exposition {
    /// The names of a sample's labels and their values.
    typealias Labels = KeyValuePairs<String, String>

    /// What kind of number a metric is.
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    static let type = "text/plain; version=0.0.4; charset=utf-8"

    /// Begins a metric; its samples follow.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    /// A metric of one sample; nothing where there is no value.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        guard let value else { return }
        metric(name, kind, help)
        sample(name, [:], value)
    }

    mutating func histogram(_ name: String, route: String, _ histogram: Meter.Histogram) {
        var count = 0
        let bounds = Meter.Histogram.bounds_s.map { Self.number($0) } + ["+Inf"]
        for (bound, number) in zip(bounds, histogram.counts) {
            count += number
            sample("\(name)_bucket", ["route": route, "le": bound], Double(count))
        }
        sample("\(name)_sum", ["route": route], histogram.sum_s)
        sample("\(name)_count", ["route": route], Double(count))
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? String(value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
