import Core
import Curl
import Integrations
import Queue
import TestHouse
import Testing

@testable import API

@Suite struct `The limit of calls from providers` {
    private let token = "X-Telegram-Bot-Api-Secret-Token"

    private func with(_ body: (Running) async throws -> Void) async throws {
        try await Running.with(
            adjust: {
                $0.publicURL = Hooked.home
                $0.quota = Quota("default", 6, per: .seconds(600))
                $0.hookQuota = Quota("hook", 3, per: .seconds(600))
            }, services: { $0.bases["telegram"] = try StandIns.base("telegram") }, body)
    }

    @Test func `is each hook's own, and none that others who show no key count against`() async throws {
        try await with { house in
            let (busy, calm) = (try await Hooked.bot(house), try await Hooked.bot(house))
            for number in 0..<3 {
                let answer = try await busy.call(Hooked.update(number), [token: "s1"])
                #expect(answer.status == 200)
                #expect(answer["ratelimit-policy"] == "\"hook\";q=3;w=600")
            }
            let refused = try await busy.call(Hooked.update(9), [token: "s1"])
            #expect(refused.status == 429)
            #expect(refused["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            for number in 0..<3 {
                #expect(try await calm.call(Hooked.update(number), [token: "s1"]).status == 200)
            }
            // All of it left those alone who come from the same address without a key.
            for _ in 0..<6 { #expect(try await house.ask("GET", "/", as: .init()).status == 200) }
            #expect(try await house.ask("GET", "/", as: .init()).status == 429)
        }
    }

    @Test func `is the address' own for who calls where nothing is open`() async throws {
        try await with { house in
            let hook = try await Hooked.bot(house)
            for number in 0..<6 {
                let path = "/hooks/telegram/nobody-\(number)"
                let answer = try await house.ask("POST", path, .bytes([]), as: .init())
                #expect(answer.status == 404)
                #expect(answer["ratelimit-policy"] == "\"default\";q=6;w=600")
            }
            let wrong = hook.path.replacing("telegram", with: "github")
            for path in ["/hooks/telegram/nobody", "/hooks/nothing/x", wrong] {
                #expect(try await house.ask("POST", path, .bytes([]), as: .init()).status == 429)
            }
            #expect(try await house.ask("GET", "/", as: .init()).status == 429)
            #expect(try await hook.call(Hooked.update(1), [token: "s1"]).status == 200)
        }
    }
}
