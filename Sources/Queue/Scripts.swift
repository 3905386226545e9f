import Redis

/// The queue's programs, one file a verb under `Lua/`.
enum Scripts {
    static let enqueue = Script(name: "enqueue", source: PackageResources.enqueue_lua)
    static let work = Script(name: "work", source: PackageResources.work_lua)
    static let renew = Script(name: "renew", source: PackageResources.renew_lua)
    static let progress = Script(name: "progress", source: PackageResources.progress_lua)
    static let promote = Script(name: "promote", source: PackageResources.promote_lua)
    static let reclaim = Script(name: "reclaim", source: PackageResources.reclaim_lua)
    static let cancel = Script(name: "cancel", source: PackageResources.cancel_lua)
    static let retry = Script(name: "retry", source: PackageResources.retry_lua)
    static let unpark = Script(name: "unpark", source: PackageResources.unpark_lua)
    static let look = Script(name: "look", source: PackageResources.look_lua)
}
