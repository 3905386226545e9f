import Core
import Testing

@testable import Integrations

/// A published call: what was signed, and the signature that the provider itself gives for it.
private struct Vector: Sendable, CustomStringConvertible {
    let name: String
    let provider: String
    let secret: String
    var method = "POST"
    var url = "https://example.org/hooks"
    let headers: [String: String]
    let body: String
    /// Seconds since 1970.
    var at: Int64 = 1_614_265_330

    var description: String { name }

    var arrival: Arrival {
        Arrival(
            method: method, url: url, headers: headers.map { Arrival.Header($0.key, $0.value) },
            body: Array(body.utf8))
    }

    func check() throws {
        let scheme = try #require(Schemes.of(provider))
        try scheme.check(
            arrival, secrets: [secret], isTrial: true, at: Moment(milliseconds: at * 1_000))
    }
}

private let form = "application/x-www-form-urlencoded"
private let call = "https://mycompany.com/myapp.php?foo=1&bar=2"
private let fields =
    "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"

private func twilio(_ name: String, _ url: String, _ body: String, _ signature: String) -> Vector {
    Vector(
        name: name, provider: "twilio", secret: "12345", url: url,
        headers: ["X-Twilio-Signature": signature, "Content-Type": form], body: body)
}

private let published: [Vector] =
    [
        twilio("twilio-form", call, fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        twilio(
            "twilio-form-port443", "https://mycompany.com:443/myapp.php?foo=1&bar=2", fields,
            "kvajT1Ptam85bY51eRf/AJRuM3w="),
        twilio("twilio with a port in the signature only", call, fields, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        twilio(
            "twilio with a port in the address only", "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        twilio(
            "twilio-http-port80", "http://mycompany.com:80/myapp.php?foo=1&bar=2", fields,
            "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        twilio(
            "twilio with an odd port", "http://mycompany.com:1234/myapp.php?foo=1&bar=2", fields,
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        twilio(
            "twilio with a capital in the host", "https://MyCompany.com/myapp.php?foo=1&bar=2", fields,
            "g9IN/x4Cft2g517EjYvEvM/W7LU="),
        twilio(
            "twilio with a user in the address", "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2",
            fields, "CukzLTc1tT5dXEDIHm/tKBanW10="),
        twilio(
            "twilio-duplicate-params", call,
            "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="
        ),
        twilio(
            "twilio-docs-example", call,
            "CallSid=CA1234567890ABCDE&From=%2B12349013030&To=%2B18005551212&Caller=%2B12349013030"
                + "&Digits=1234",
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        Vector(
            name: "twilio-bodySHA256", provider: "twilio", secret: "12345",
            url: call + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            headers: [
                "X-Twilio-Signature": "a9nBmqA0ju/hNViExpshrM61xv4=", "Content-Type": "application/json",
            ], body: "{\"property\": \"value\", \"boolean\": true}"),
        Vector(
            name: "slack-v0", provider: "slack", secret: "8f742231b10e8888abcd99yyyzzz85a5",
            headers: [
                "X-Slack-Signature":
                    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                "X-Slack-Request-Timestamp": "1531420618",
            ],
            body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
                + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
                + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
                + "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
                + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
            at: 1_531_420_618),
        Vector(
            name: "github-sha256", provider: "github", secret: "It's a Secret to Everybody",
            headers: [
                "X-Hub-Signature-256":
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            ], body: "Hello, World!"),
        Vector(
            name: "github-octokit", provider: "github", secret: "mysecret",
            headers: [
                "X-Hub-Signature-256":
                    "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"
            ], body: "{\"foo\":\"bar\"}"),
    ] + hubspot + others

private let hubspotKey = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
private let hubspotBody = "{'example_field':'example_value'}"

private let hubspot = [
    Vector(
        name: "hubspot-v1", provider: "hubspot", secret: hubspotKey,
        headers: [
            "X-HubSpot-Signature": "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750",
            "X-HubSpot-Signature-Version": "v1",
        ], body: hubspotBody),
    Vector(
        name: "hubspot-v2", provider: "hubspot", secret: hubspotKey,
        url: "https://www.example.com/webhook_uri",
        headers: [
            "X-HubSpot-Signature": "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383",
            "X-HubSpot-Signature-Version": "v2",
        ], body: hubspotBody),
    Vector(
        name: "hubspot-v3", provider: "hubspot", secret: hubspotKey,
        url: "https://www.example.com/webhook_uri",
        headers: [
            "X-HubSpot-Signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
            "X-HubSpot-Request-Timestamp": "1693657560000",
        ], body: hubspotBody, at: 1_693_657_560),
]

private let others = [
    Vector(
        name: "zendesk-own", provider: "zendesk", secret: "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
        headers: [
            "X-Zendesk-Webhook-Signature": "gf3v0LzLRHPUnIdhbvwRDVEvzSb07/QN0GYjSNlkBT0=",
            "X-Zendesk-Webhook-Signature-Timestamp": "2021-07-25T10:00:00Z",
        ], body: "{\"say\": \"hello\"}", at: 1_627_207_200),
    Vector(
        name: "standardwebhooks-v1", provider: "webhook",
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        headers: [
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ], body: "{\"test\": 2432232314}"),
    Vector(
        name: "stripe-own", provider: "stripe", secret: "whsec_test_secret",
        headers: [
            "Stripe-Signature":
                "t=1614265330,v1=117f2d4aa1697fc9f837f2feca4e5e23ec790ffa7b6b669073d3677ae48c4b5f"
        ],
        body: """
            {
              "id": "evt_test_webhook",
              "object": "event",
              "data": { "object": { "id": "rdr_123", "object": "terminal.reader" } }
            }
            """),
    Vector(
        name: "linear-own", provider: "linear", secret: "SECRET",
        headers: [
            "Linear-Signature": "9c8f6ee8fa1cba91517ff5c8c1031d1ad3337be9436d08853af3d7d71953edc9"
        ], body: "{\"action\":\"create\",\"type\":\"Issue\",\"webhookTimestamp\":1614265330000}"),
    Vector(
        name: "trello-own", provider: "trello", secret: "secret", url: "https://example.com/hooks/trello",
        headers: ["X-Trello-Webhook": "igHLs/nxvH9/+Rap2m5ufB5tMIo="],
        body: "{\"action\":{\"type\":\"updateCard\"}}"),
    Vector(
        name: "asana-own", provider: "asana",
        secret: "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81",
        headers: [
            "X-Hook-Signature": "10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853"
        ],
        body: "{\"events\":[]}"),
    Vector(
        name: "todoist-own", provider: "todoist", secret: "secret",
        headers: ["X-Todoist-Hmac-SHA256": "ZOpvIBYXEAH7Y45j4o34USELpH/5pJuWMz5HcTL0hGc="],
        body: "{\"event_name\":\"item:added\"}"),
    Vector(
        name: "dropbox-own", provider: "dropbox", secret: "secret",
        headers: [
            "X-Dropbox-Signature": "6c91bd0f879da783209d0063ceafb992a4b0a8e728dff2f53fba7892595e5f6a"
        ], body: "{\"list_folder\":{\"accounts\":[\"dbid:1\"]}}"),
    Vector(
        name: "notion-own", provider: "notion",
        secret: "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl",
        headers: [
            "X-Notion-Signature": "sha256=9e541e93dd25d43ce3c23990bb40f52ca1a2bf46b678f1e3f17a9d153366b856"
        ], body: "{\"type\":\"page.created\"}"),
    Vector(
        name: "mailgun-own", provider: "mailgun", secret: "key", headers: [:],
        body: """
            {"signature":{"timestamp":"1529006854",\
            "token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0",\
            "signature":"bce54fbcad565970280ea7299c6c602125e2baee67c24378db39a218a4818a71"},\
            "event-data":{"id":"x"}}
            """, at: 1_529_006_854),
    Vector(
        name: "jira-own", provider: "jira", secret: "It's a Secret to Everybody",
        headers: [
            "X-Hub-Signature": "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
        ],
        body: "Hello World!"),
    Vector(
        name: "sendgrid-ecdsa", provider: "sendgrid",
        secret: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
            + "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
        headers: [
            "X-Twilio-Email-Event-Webhook-Signature":
                "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM"
                + "+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
            "X-Twilio-Email-Event-Webhook-Timestamp": "1600112502",
        ],
        body: "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\","
            + "\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":"
            + "\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":"
            + "\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n",
        at: 1_600_112_502),
]

@Suite struct `A call that a provider published` {
    @Test(arguments: published)
    fileprivate func `is taken as it stands`(_ vector: Vector) throws { try vector.check() }

    @Test(arguments: published)
    fileprivate func `is refused under any other secret`(_ vector: Vector) throws {
        let other = Vector(
            name: vector.name, provider: vector.provider, secret: vector.secret + "x", method: vector.method,
            url: vector.url, headers: vector.headers, body: vector.body, at: vector.at)
        #expect(throws: Scheme.Flaw.forged) { try other.check() }
    }

    @Test func `says which mail was dropped, and why`() throws {
        let vector = try #require(published.first { $0.name == "sendgrid-ecdsa" })
        let fate = News.Fate(
            channel: "email", id: "LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net", status: "failed",
            reason: "Not delivered to hello@world.com (Bounced Address).")
        #expect(News.read(vector.arrival, from: "sendgrid") == [.fate(fate)])
    }

    @Test func `is refused where Zendesk's manual once signed in another order`() {
        let old = Vector(
            name: "zendesk-docs-legacy", provider: "zendesk",
            secret: "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=",
            headers: [
                "X-Zendesk-Webhook-Signature": "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=",
                "X-Zendesk-Webhook-Signature-Timestamp": "2021-07-25T10:00:00Z",
            ], body: "{\"say\": \"hello\"}", at: 1_627_207_200)
        #expect(throws: Scheme.Flaw.forged) { try old.check() }
    }

    @Test func `is refused under the secret that Zendesk prints for trials`() throws {
        let vector = try #require(published.first { $0.name == "zendesk-own" })
        let scheme = try #require(Schemes.of("zendesk"))
        #expect(throws: Scheme.Flaw.unset) {
            try scheme.check(
                vector.arrival, secrets: [vector.secret], at: Moment(milliseconds: vector.at * 1_000))
        }
    }
}
