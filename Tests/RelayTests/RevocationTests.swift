import Core
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct `A connection whose right ended` {
    @Test func `is closed within a second, and no other`() async throws {
        try await Stage.with { stage in
            let keys = ["red/ada/1", "red/ada/2", "red", "blue"]
            var browsers: [Browser] = []
            for key in keys { browsers.append(try await Browser.open(stage.port, key: key)) }
            for browser in browsers { try await browser.subscribe("{\"workspace\":true}") }
            let questions = await stage.revoked.questions
            await stage.revoked.add(.credential(.session("red/ada/1")))
            #expect(await browsers[0].farewell() == 4401)
            // The next question hears of it; more may be asked before a busy machine lets this test go on.
            #expect(await stage.revoked.questions <= questions + 10)
            #expect(Relay.Limits().revocationPeriod <= .milliseconds(500))
            await stage.revoked.add(.credential(.key("red")))
            #expect(await browsers[2].farewell() == 4401)
            #expect(try await browsers[1].isSilent())
            #expect(try await browsers[3].isSilent())
        }
    }

    @Test func `by a change of its user's role is closed once, wherever it was let in`() async throws {
        try await Stage.with { stage in
            let moment = Moment.now
            let old = [
                try await Browser.open(stage.port, key: "red/ada/1"),
                try await Browser.open(stage.port, key: "red/ada/2"),
            ]
            let bob = try await Browser.open(stage.port, key: "red/bob")
            let elsewhere = try await Browser.open(stage.port, key: "blue/ada")
            await stage.revoked.add(.user("ada", workspace: "red"), at: moment)
            for browser in old { #expect(await browser.farewell() == 4401) }
            // Who comes later comes with the new role; what is past is asked for again for a while.
            try await Stage.until { Moment.now > moment + Relay.Revocation.grace }
            let new = try await Browser.open(stage.port, key: "red/ada/3")
            let questions = await stage.revoked.questions
            try await Stage.until { await stage.revoked.questions > questions + 2 }
            for browser in [bob, elsewhere, new] { #expect(try await browser.isSilent()) }
        }
    }

    @Test func `by itself is closed too`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port, key: "red/ada/brief")
            #expect(await browser.farewell() == 4401)
        }
    }

    @Test func `while nobody could be asked is closed once somebody can`() async throws {
        try await Stage.with { stage in
            let browser = try await Browser.open(stage.port)
            await stage.revoked.leave(true)
            await stage.revoked.add(.credential(.key("red")))
            let questions = await stage.revoked.questions
            try await Stage.until { await stage.revoked.questions > questions + 2 }
            #expect(try await browser.isSilent())
            await stage.revoked.leave(false)
            #expect(await browser.farewell() == 4401)
        }
    }
}
