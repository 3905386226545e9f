import Accounts
import Core
import Testing

@Suite struct `A scope` {
    @Test(arguments: [
        (["*"], "tasks", true, true), (["write"], "tasks", true, true), (["write"], "tasks", false, true),
        (["read"], "tasks", false, true), (["read"], "tasks", true, false),
        (["tasks:read"], "tasks", false, true), (["tasks:read"], "tasks", true, false),
        (["tasks:read"], "jobs", false, false), (["tasks:write"], "tasks", false, true),
        (["tasks:write", "jobs:read"], "jobs", true, false), (["tasks:write"], "tasksx", false, false),
    ])
    func `allows what it says`(_ words: [String], _ area: String, _ writing: Bool, _ allows: Bool) throws {
        let scopes = try Scopes(words, at: "/scopes")
        #expect(scopes.admit(area, writing: writing) == allows)
        #expect(Scopes(column: scopes.column) == scopes)
    }

    @Test func `is refused where it is none`() {
        for words in [
            [], ["tasks"], ["read", "read"], ["tasks:delete"], [":read"], ["Tasks:read"], ["a:b:read"], [""],
        ] {
            #expect(throws: Failure.self, "\(words)") { try Scopes(words, at: "/scopes") }
        }
    }

    @Test(arguments: [
        ("*", "write", true), ("write", "*", false), ("write", "read", true), ("read", "write", false),
        ("write", "tasks:write", true), ("read", "tasks:read", true), ("tasks:write", "tasks:read", true),
        ("tasks:read", "tasks:write", false), ("tasks:read", "read", false),
        ("tasks:write", "jobs:read", false),
    ])
    func `is handed on only by who has it`(_ own: String, _ other: String, _ includes: Bool) throws {
        #expect(try Scopes([own], at: "").include(Scopes([other], at: "")) == includes)
    }
}

@Suite struct `An address` {
    @Test func `is kept in lower case`() throws {
        #expect(try Email("Ada@Example.ORG").text == "ada@example.org")
        #expect(try Email("admin@localhost").text == "admin@localhost")
        #expect(try Email("ÄDA@exämple.org").text == Email("a\u{308}da@exämple.org").text)
    }

    @Test(arguments: [
        "", "ada", "@", "ada@", "@example.org", "a@b@c", "ada lovelace@example.org", "ada@exa mple.org",
        "ada@-example.org", "ada@example..org", "ada@.org", "<ada@example.org>", "ada@example.org\r\nBcc: x",
        "ada,bob@example.org", "a\0@example.org", "\"ada\"@example.org",
    ])
    func `that no mail can be sent to is refused`(_ text: String) {
        #expect(throws: Failure.self) { try Email(text) }
    }
}

@Suite struct `A profile` {
    @Test func `breaks no rule as it begins, and is refused at the field that does`() throws {
        try Profile(name: "Ada").check()
        let cases: [(String, (inout Profile) -> Void)] = [
            ("/name", { $0.name = " " }), ("/name", { $0.name = "a\u{1}" }),
            ("/name", { $0.name = String(repeating: "x", count: 101) }), ("/locale", { $0.locale = "" }),
            ("/locale", { $0.locale = "english" }), ("/locale", { $0.locale = "en_US" }),
            ("/locale", { $0.locale = "en-" }),
            ("/notification_channels", { $0.channels = [.email, .email] }),
        ]
        for (pointer, change) in cases {
            var profile = Profile(name: "Ada")
            change(&profile)
            let failure = #expect(throws: Failure.self) { try profile.check() }
            #expect(failure?.pointer == pointer)
        }
        for locale in ["en", "pt-BR", "zh-Hant-TW", "sr-Latn"] {
            try Profile(name: "<b>'; drop table accounts; --</b>", locale: locale).check()
        }
    }

    @Test func `is quiet between two times of day`() throws {
        #expect(try Profile.Quiet(from: "22:00", to: "07:30").to == "07:30")
        for (from, to) in [
            ("24:00", "07:00"), ("22:60", "07:00"), ("22:00", "7:00"), ("22:00", "22:00"), ("", ""),
        ] {
            #expect(throws: Failure.self) { try Profile.Quiet(from: from, to: to) }
        }
    }
}
