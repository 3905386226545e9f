import Core
import Foundation
import Testing

@testable import Integrations

/// One change of a good call, after which it must be refused.
private struct Mutation: Sendable {
    let name: String
    let change: @Sendable (InboundCaller, Arrival) throws -> Arrival?

    /// Those that touch the header in which the proof stands.
    static let ofSeal: [Mutation] = [
        .init("without the signature") { caller, call in call.without(caller.seal) },
        .init("with two signatures") { caller, call in
            caller.seal.map { call.adding($0, call.header($0) ?? "") }
        },
        .init("with a wrong signature first") { caller, call in
            caller.seal.map { Arrival(call, headers: [.init($0, "x")] + call.headers) }
        },
        .init("with an empty signature") { caller, call in call.with(caller.seal) { _ in "" } },
        .init("with the signature in another case") { caller, call in
            call.with(caller.seal) { text in
                String(text.map { $0.isUppercase ? Character($0.lowercased()) : Character($0.uppercased()) })
            }
        },
        .init("with the signature cut short") { caller, call in
            call.with(caller.seal) { String($0.dropLast(3)) }
        },
        .init("with the signature made longer") { caller, call in call.with(caller.seal) { $0 + "A" } },
        .init("with another letter in the signature") { caller, call in
            call.with(caller.seal) { text in
                let place = text.index(text.endIndex, offsetBy: -6)
                return text.replacingCharacters(in: place...place, with: text[place] == "0" ? "1" : "0")
            }
        },
        .init("with a signature of nothing") { caller, call in call.with(caller.seal) { _ in "sha256=" } },
    ]

    /// Those that touch the bytes of the body, raw as they came.
    static let ofBody: [Mutation] =
        (0..<4).map { quarter in
            .init("with a bit of the body flipped, in quarter \(quarter)") { caller, call in
                guard caller.coversBody else { return nil }
                var bytes = call.body
                bytes[min(bytes.count - 1, bytes.count * quarter / 3)] ^= 1
                return Arrival(call, body: bytes)
            }
        } + [
            .init("without a body") { caller, call in caller.coversBody ? Arrival(call, body: []) : nil },
            .init("with a blank behind the body") { caller, call in
                caller.coversBody ? Arrival(call, body: call.body + [0x20]) : nil
            },
        ]

    static let ofTime: [Mutation] = [
        .init("without the time") { caller, call in call.without(caller.stamp) },
        .init("with two times") { caller, call in
            caller.stamp.map { call.adding($0, call.header($0) ?? "") }
        },
        .init("with a time beyond all clocks") { caller, call in
            call.with(caller.stamp) { _ in "9999999999999999" }
        },
        .init("with a time that is none") { caller, call in call.with(caller.stamp) { _ in "soon" } },
        .init("with a time behind a plus") { caller, call in call.with(caller.stamp) { "+" + $0 } },
        .init("with another time within the window") { caller, call in
            caller.stamp.map { stamp in
                call.with(stamp) { time in
                    Int64(time).map { "\($0 + 1)" }
                        ?? Moment(milliseconds: InboundCaller.now * 1_000 + 1_000).text
                } ?? call
            }
        },
    ]

    init(_ name: String, _ change: @escaping @Sendable (InboundCaller, Arrival) throws -> Arrival?) {
        (self.name, self.change) = (name, change)
    }
}

extension Arrival {
    fileprivate init(_ other: Arrival, headers: [Header]? = nil, body: [UInt8]? = nil) {
        self.init(
            method: other.method, url: other.url, headers: headers ?? other.headers, body: body ?? other.body)
    }

    fileprivate func without(_ name: String?) -> Arrival? {
        name.map { name in Arrival(self, headers: headers.filter { $0.name != name }) }
    }

    fileprivate func adding(_ name: String, _ value: String) -> Arrival {
        Arrival(self, headers: headers + [.init(name, value)])
    }

    fileprivate func with(_ name: String?, _ change: (String) -> String) -> Arrival? {
        guard let name else { return nil }
        return Arrival(
            self, headers: headers.map { $0.name == name ? .init(name, change($0.value)) : $0 })
    }
}

private let now = Moment(milliseconds: InboundCaller.now * 1_000)

private func isTaken(_ caller: InboundCaller, _ call: Arrival, _ secrets: [String]? = nil) -> Bool {
    do {
        try caller.scheme.check(call, secrets: secrets ?? [caller.secret], at: now)
        return true
    } catch { return false }
}

@Suite struct `A call from outside` {
    @Test func `can come from every provider of the table`() {
        #expect(Set(InboundCaller.all.map(\.provider)) == Set(Schemes.all.map(\.provider)))
        #expect(Schemes.all.count == Set(Schemes.all.map(\.provider)).count)
    }

    @Test(arguments: InboundCaller.all)
    func `is taken as its provider signs it`(_ caller: InboundCaller) throws {
        #expect(isTaken(caller, try caller.arrival()))
    }

    @Test(arguments: InboundCaller.all)
    func `is refused after each of a dozen changes`(_ caller: InboundCaller) throws {
        let call = try caller.arrival()
        var tried = 0
        for mutation in Mutation.ofSeal + Mutation.ofBody + Mutation.ofTime {
            guard let changed = try mutation.change(caller, call) else { continue }
            tried += 1
            #expect(!isTaken(caller, changed), "\(caller) \(mutation.name)")
        }
        for secret in others(caller) {
            tried += 1
            #expect(!isTaken(caller, call, [secret]), "\(caller) checked with \(secret)")
            #expect(!isTaken(caller, try resigned(caller, secret)), "\(caller) signed with \(secret)")
        }
        #expect(tried >= 12, "\(caller) \(tried)")
    }

    /// Secrets that are not the provider's, some of them nearly.
    private func others(_ caller: InboundCaller) -> [String] {
        let secret = caller.secret
        return [
            "", "x", secret + "x", "x" + secret, String(secret.dropLast()), String(secret.dropFirst()),
            secret.uppercased(), secret + " ", String(secret.reversed()), "whsec_" + secret,
            String(secret.dropLast(2)) + "zz", secret + secret,
        ]
    }

    /// The call as somebody makes it who has another secret; with a key pair nobody else can make one.
    private func resigned(_ caller: InboundCaller, _ secret: String) throws -> Arrival {
        let isPaired = ["discord", "sendgrid"].contains(caller.provider) || caller.secret.hasPrefix("whpk_")
        return isPaired
            ? Arrival(url: "https://x", headers: [], body: []) : try caller.arrival(secret: secret)
    }

    @Test(arguments: InboundCaller.all)
    func `is taken with either of two secrets while one replaces the other`(_ caller: InboundCaller) throws {
        let call = try caller.arrival()
        #expect(isTaken(caller, call, ["", "the new one", caller.secret]))
        #expect(isTaken(caller, call, [caller.secret, "the old one"]))
        #expect(!isTaken(caller, call, ["the new one", "the old one"]))
        #expect(!isTaken(caller, call, []))
    }

    @Test(arguments: InboundCaller.all)
    func `is held to the window of its provider, to the second`(_ caller: InboundCaller) throws {
        guard let stamp = caller.scheme.stamp else { return }
        for side: Int64 in [-1, 1] {
            let edge = try caller.arrival(at: InboundCaller.now + side * stamp.window_s)
            #expect(isTaken(caller, edge), "\(caller) \(side)")
            let beyond = try caller.arrival(at: InboundCaller.now + side * (stamp.window_s + 1))
            #expect(throws: Scheme.Flaw.stale) {
                try caller.scheme.check(beyond, secrets: [caller.secret], at: now)
            }
        }
    }

    @Test(arguments: ["twilio", "trello", "hubspot"])
    func `is refused at another address where the address is signed`(_ provider: String) throws {
        let caller = try #require(InboundCaller.all.first { $0.provider == provider })
        let call = try caller.arrival()
        let elsewhere = Arrival(url: call.url + "?more=1", headers: call.headers, body: call.body)
        #expect(!isTaken(caller, elsewhere))
    }

    @Test func `is refused without the signature that counts at Stripe`() throws {
        let caller = try #require(InboundCaller.all.first { $0.provider == "stripe" })
        let good = try #require(try caller.arrival().header("Stripe-Signature"))
        for text in [
            good.replacing("v1=", with: "v0="), good.replacing("t=", with: "t=1,t="),
            String(good.drop { $0 != "," }.dropFirst()),
        ] {
            let call = try caller.arrival().with("Stripe-Signature") { _ in text }
            #expect(!isTaken(caller, try #require(call)), "\(text)")
        }
        let several = try caller.arrival().with("Stripe-Signature") { $0 + ",v1=00" }
        #expect(isTaken(caller, try #require(several)))
    }

    @Test func `is refused when one of its notices bears another state`() throws {
        let caller = try #require(InboundCaller.all.first { $0.provider == "microsoft_graph" })
        for body in [
            "{\"value\":[]}", "{}", "[]", "", "{\"value\":[{\"clientState\":\"State-1\"},{}]}",
            "{\"value\":[{\"clientState\":\"State-1\"},{\"clientState\":\"State-2\"}]}",
        ] {
            #expect(!isTaken(caller, Arrival(url: "https://x", headers: [], body: Array(body.utf8))))
        }
    }

    @Test(arguments: ["", "?token=", "?token=Push_token-1&token=Push_token-1", "?Token=Push_token-1"])
    func `is refused without the one token in its address`(_ query: String) throws {
        let caller = try #require(InboundCaller.all.first { $0.provider == "gmail" })
        #expect(!isTaken(caller, Arrival(url: "https://x/hooks" + query, headers: [], body: [])))
    }

    @Test(arguments: ["1e300", "-1e300", "nan", "9223372036854775807"])
    func `may name a time that no clock shows`(_ time: String) throws {
        let slack =
            "{\"type\":\"event_callback\",\"event\":{\"type\":\"message\",\"user\":\"U1\","
            + "\"channel\":\"C1\",\"text\":\"hi\",\"ts\":\"\(time)\"}}"
        let telegram =
            "{\"message\":{\"chat\":{\"id\":1},\"message_id\":2,\"text\":\"hi\","
            + "\"date\":9223372036854775807}}"
        for (body, provider) in [(slack, "slack"), (telegram, "telegram")] {
            let news = News.read(Arrival(url: "", headers: [], body: Array(body.utf8)), from: provider)
            guard case .message(let message) = news.first else {
                Issue.record("\(provider) says \(news)")
                continue
            }
            #expect(message.at == nil)
        }
    }

    @Test func `is known again by its name`() throws {
        let scheme = try #require(Schemes.of("twilio"))
        let caller = try #require(InboundCaller.all.first { $0.provider == "twilio" })
        let sent = scheme.name(try caller.arrival("MessageSid=SM1&MessageStatus=sent")).id
        #expect(sent == scheme.name(try caller.arrival("MessageStatus=sent&MessageSid=SM1")).id)
        #expect(sent != scheme.name(try caller.arrival("MessageSid=SM1&MessageStatus=delivered")).id)
        let hub = try #require(InboundCaller.all.first { $0.provider == "github" })
        // The name is not signed, so that a repeat under another name is known by its signature.
        let (one, two) = try (hub.arrival().with("X") { $0 }, hub.arrival().adding("X-GitHub-Delivery", "d2"))
        let proof = try #require(hub.scheme.name(two).proof)
        #expect(hub.scheme.name(try #require(one)).proof == proof)
        #expect(hub.scheme.name(two).id == "d2")
        let box = try #require(InboundCaller.all.first { $0.provider == "dropbox" })
        #expect(box.scheme.name(try box.arrival()).id != box.scheme.name(try box.arrival()).id)
    }

    @Test func `greets as its provider wants it`() throws {
        func greeting(_ provider: String, _ call: Arrival) -> Scheme.Greeting? {
            let scheme = Schemes.of(provider)
            return scheme?.opening(call) ?? scheme?.greeting(call)
        }
        func call(_ body: String, _ url: String = "https://x", _ method: String = "POST") -> Arrival {
            Arrival(
                method: method, url: url, headers: [.init("X-Hook-Secret", "s1")], body: Array(body.utf8))
        }
        let challenge = call("{\"type\":\"url_verification\",\"challenge\":\"c1\"}")
        #expect(greeting("slack", challenge) == .text("c1"))
        #expect(greeting("slack", call("{\"type\":\"event_callback\"}")) == nil)
        #expect(greeting("discord", call("{\"type\":1}")) == .json(["type": 1]))
        #expect(greeting("microsoft_graph", call("", "https://x?validationToken=a%20b")) == .text("a b"))
        #expect(greeting("dropbox", call("", "https://x?challenge=c2", "GET")) == .text("c2"))
        #expect(greeting("trello", call("", "https://x", "GET")) == .nothing)
        #expect(
            greeting("notion", call("{\"verification_token\":\"v1\"}")) == .learn(secret: "v1", header: nil))
        #expect(greeting("asana", call("{}")) == .learn(secret: "s1", header: "X-Hook-Secret"))
        #expect(greeting("github", call("{}")) == nil)
    }
}
