import Integrations
import Testing

@Suite struct `The secret of a workspace` {
    private let master = "a-master-secret-of-32-characters"

    @Test func `is one that signs, always the same and another for each workspace and each master`() {
        let ours = Webhooks.Secret.derived(from: master, for: "ours")
        #expect(Webhooks.Secret(ours) != nil)
        #expect(ours == Webhooks.Secret.derived(from: master, for: "ours"))
        #expect(ours != Webhooks.Secret.derived(from: master, for: "theirs"))
        #expect(ours != Webhooks.Secret.derived(from: master + "!", for: "ours"))
        #expect(!ours.contains("master"))
    }
}
