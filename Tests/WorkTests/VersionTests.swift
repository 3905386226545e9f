import Core
import Queue
import Testing

@testable import Work

/// Version 3 of a job that once took `who`, then `name`.
private struct Greet: Job {
    static let name = "greet"
    static let version = 3

    let address: String

    static func upcast(_ arguments: JSON, from version: Int) throws -> JSON {
        let old = version == 1 ? arguments["who"] : arguments["name"]
        guard let old = old?.string else { throw Failure(.invalid, "Nobody is named.") }
        return ["address": .string("\(old)@v\(version)")]
    }

    func run(_ context: Context<Toolbox>) async throws -> Outcome { .result(.string(address)) }
}

/// Has raised its version and says nothing of earlier ones.
private struct Silent: Job {
    static let name = "silent"
    static let version = 2

    func run(_ context: Context<Toolbox>) async throws -> Outcome { .done }
}

@Suite struct `E13 A job's version` {
    let stage: Stage

    init() throws { stage = try Stage([Greet.self, Silent.self, Plain.self]) }

    private func attempt(_ name: String, _ version: Int, _ arguments: JSON) async -> String {
        var envelope = Envelope(name: name, arguments: arguments.bytes)
        envelope.version = version
        return await stage.attempt(envelope).text
    }

    @Test func `brings earlier arguments up, and leaves later ones for a newer worker`() async {
        #expect(await attempt("greet", 1, ["who": "ann"]) == #"done "ann@v1""#)
        #expect(await attempt("greet", 2, ["name": "ann"]) == #"done "ann@v2""#)
        #expect(await attempt("greet", 3, ["address": "ann"]) == #"done "ann""#)
        #expect(await attempt("greet", 4, ["whatever": 1]) == "parked")
        #expect(await attempt("greet", 1, [:]) == "dead invalid  Nobody is named.")
    }

    @Test func `is tried again when nobody wrote the step, so that a fix finds the job`() async {
        let verdict = await attempt("silent", 1, [:])
        #expect(verdict.hasPrefix("retry after"))
        #expect(verdict.hasSuffix("broken The job silent has version 2 and no step up from version 1."))
    }

    @Test func `is announced, and written into the envelope`() throws {
        #expect(stage.runner.catalogue.offers == ["greet@3", "plain@1", "silent@2"])
        #expect(stage.runner.catalogue.version("greet") == 3)
        #expect(stage.runner.catalogue.version("other") == nil)
        #expect(try Envelope(Greet(address: "a")).version == 3)
        #expect(try Envelope(Plain()).version == 1)
    }
}
