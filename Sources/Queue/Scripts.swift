import Redis

/// The queue's programs, one file a verb under `Lua/`.
enum Scripts {
    static let enqueue = Program.script(
        "enqueue", PackageResources.enqueue_lua, with: [.common, .flow, .ties, .admission])
    static let work = Program.script(
        "work", PackageResources.work_lua, with: [.common, .flow, .ties, .claim])
    static let renew = Program.script("renew", PackageResources.renew_lua)
    static let progress = Program.script("progress", PackageResources.progress_lua)
    static let speech = Program.script("speech", PackageResources.speech_lua)
    static let promote = Program.script("promote", PackageResources.promote_lua, with: [.common, .flow])
    static let reclaim = Program.script(
        "reclaim", PackageResources.reclaim_lua, with: [.common, .flow, .ties])
    static let cancel = Program.script("cancel", PackageResources.cancel_lua, with: [.common, .flow, .ties])
    static let unpark = Program.script("unpark", PackageResources.unpark_lua, with: [.common, .flow])
    static let look = Program.script("look", PackageResources.look_lua)
    static let rules = Program.script("rules", PackageResources.rules_lua, with: [.common, .flow])
    static let explain = Program.script("explain", PackageResources.explain_lua, with: [.common, .flow])
    static let scale = Program.script("scale", PackageResources.scale_lua, with: [.common, .flow, .ties])
    static let grouped = Program.script("grouped", PackageResources.grouped_lua)
    static let dead = Program.script("dead", PackageResources.dead_lua)
    static let revive = Program.script("revive", PackageResources.revive_lua, with: [.common, .flow])
    static let discard = Program.script(
        "discard", PackageResources.discard_lua, with: [.common, .flow, .ties])
    static let refuse = Program.script("refuse", PackageResources.refuse_lua)
    static let schedule = Script(name: "schedule", source: PackageResources.schedule_lua)
    static let announce = Program.script("announce", PackageResources.announce_lua)
    static let due = Script(name: "due", source: PackageResources.due_lua)
    static let allow = Script(name: "allow", source: PackageResources.allow_lua)
    static let turn = Script(name: "turn", source: PackageResources.turn_lua)
}
