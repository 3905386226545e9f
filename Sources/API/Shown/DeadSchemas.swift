import Core
import Queue

extension Routes.Dead {
    static let schemas: [JSON.Member] = [
        .init(
            "DeadGroups",
            Schema.object(
                ["groups": Schema.list(group), "total": Schema.count, "jobs": Schema.count],
                required: ["groups", "total", "jobs"])),
        .init(
            "DeadOrder",
            Schema.request(
                ["filter": filter, "dry_run": Schema.bool, "expected": expected], required: ["filter"])),
        .init(
            "DeadOutcome",
            Schema.object(
                [
                    "matched": Schema.count, "retried": Schema.count, "deleted": Schema.count,
                    "dry_run": Schema.bool,
                ], required: ["matched"])),
    ]

    private static let group = Schema.object(
        [
            "fingerprint": Schema.string, "name": Schema.string, "kind": Schema.string,
            "count": Schema.count, "first_at": Schema.time, "last_at": Schema.time, "sample": Schema.id,
            "message": Schema.string,
        ], required: ["fingerprint", "name", "kind", "count", "first_at", "last_at", "sample", "message"])

    private static let filter = Schema.request([
        "queue": Schema.string, "name": Schema.string, "tag": Schema.string, "fingerprint": Schema.string,
        "from": Schema.time, "to": Schema.time, "ids": Schema.list(Schema.id, most: Queue.batchLimit),
    ])

    private static let expected: JSON = [
        "type": "integer", "minimum": 0,
        "description": "How many jobs the filter found before; with another count now nothing is done.",
    ]
}
