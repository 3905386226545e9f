import Core

/// Every route and every named schema, noun by noun.
enum Routes {
    static let all: [Route] =
        Index.routes + Jobs.routes + Batch.routes + Dead.routes + Queues.routes + Quarantine.routes
        + Callbacks.routes + FlowRules.routes + Insight.routes + Scale.routes + Scheduled.routes
        + Projects.routes + Tasks.routes + Uploaded.routes + Messages.routes + Health.routes + Metrics.routes
        + OpenAPI.routes

    static let schemas: [JSON.Member] =
        [.init("Problem", problem)] + Jobs.schemas + Batch.schemas + Dead.schemas
        + Queues.schemas + Quarantine.schemas + Callbacks.schemas + FlowRules.schemas + Insight.schemas
        + Scale.schemas + Scheduled.schemas + Projects.schemas + Tasks.schemas
        + Uploaded.schemas + Messages.schemas + Health.schemas

    private static let problem = Schema.object(
        [
            "type": Schema.string, "title": Schema.string, "status": Schema.count, "detail": Schema.string,
            "pointer": ["type": "string", "description": "The field it speaks of, as a JSON pointer."],
            "request_id": Schema.string,
        ], required: ["type", "title", "status", "detail", "request_id"])
}
