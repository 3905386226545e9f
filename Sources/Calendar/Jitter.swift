import Core

/// Spreads firings that fall due together: each is put off by a share of the longest delay that depends
/// only on the schedule and its nominal time, so that every process computes the same.
public enum Jitter {
    /// The delay in whole milliseconds, at least zero and less than `most`.
    public static func delay(of schedule: String, at nominal: Moment, most: Duration) -> Duration {
        let span = UInt64(max(0, most.milliseconds))
        guard span > 0 else { return .zero }
        return .milliseconds(Int64(hash(schedule, nominal).multipliedFullWidth(by: span).high))
    }

    /// FNV-1a over the name and the milliseconds, then mixed, so that near times do not get near delays.
    private static func hash(_ schedule: String, _ nominal: Moment) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in schedule.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= UInt64(bitPattern: nominal.milliseconds)
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
