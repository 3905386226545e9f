import Core
import Store

/// Every route and every named schema, noun by noun.
enum Routes {
    static let all: [Route] =
        Index.routes + Jobs.routes + Batch.routes + Dead.routes + Queues.routes + Quarantine.routes
        + Callbacks.routes + Hooks.routes + HookSettings.routes + FlowRules.routes + Insight.routes
        + Scale.routes + Scheduled.routes
        + Projects.routes + Tasks.routes + Uploaded.routes + OutboxMessages.routes + Health.routes
        + Audit.routes + Metrics.routes
        + OpenAPI.routes + GraphQL.routes + Docs.routes + People.routes
        + Messages.routes + Outbound.routes + ZendeskTickets.routes + Communications.routes + Contacts.routes
        + Templates.routes + Effects.routes
        + Finances.routes + Notes.routes + DevProjects.routes + VoiceCommands.routes + Spoken.routes
        + Notifications.routes
        + CalendarEvents.routes + AI.routes + Integrations.routes + FollowUps.routes + FollowUpRules.routes
        + NotificationChannels.routes + NotificationEscalations.routes

    /// The nouns that GraphQL knows too.
    static let resources: [Resource] =
        [
            Projects.resource, Tasks.resource, Labels.resource, Comments.resource, TimeEntries.resource,
            Attachments.resource, Messages.resource, Contacts.resource, Templates.resource, Notes.resource,
            DevProjects.resource, VoiceCommands.resource, Notifications.resource, Finances.alerts,
            CalendarEvents.resource,
            FollowUps.resource, FollowUpRules.resource, NotificationChannels.resource,
            NotificationEscalations.resource,
            AI.conversations, AI.messages, AIActions.resource,
        ] + Finances.resources

    static let schemas: [JSON.Member] =
        [.init("Problem", problem)] + Store.Journal.Entry.schemas + Jobs.schemas + Batch.schemas
        + Dead.schemas
        + Queues.schemas + Quarantine.schemas + Callbacks.schemas + HookSettings.schemas + FlowRules.schemas
        + Insight.schemas
        + Scale.schemas + Scheduled.schemas + Projects.schemas + Tasks.schemas
        + Uploaded.schemas + OutboxMessages.schemas + Health.schemas + Audit.schemas + GraphQL.schemas
        + People.schemas
        + Messages.schemas + Outbound.schemas + ZendeskTickets.schemas + Communications.schemas
        + Contacts.schemas + Templates.schemas + Effects.schemas
        + Finances.schemas + Notes.schemas + DevProjects.schemas + VoiceCommands.schemas + Spoken.schemas
        + Notifications.schemas + CalendarEvents.schemas + AI.schemas + Integrations.schemas
        + FollowUps.schemas
        + FollowUpRules.schemas + NotificationChannels.schemas + NotificationEscalations.schemas

    private static let problem = Schema.object(
        [
            "type": Schema.string, "title": Schema.string, "status": Schema.count, "detail": Schema.string,
            "pointer": ["type": "string", "description": "The field it speaks of, as a JSON pointer."],
            "errors": ["type": "array", "items": Schema.object],
            "request_id": Schema.string,
        ], required: ["type", "title", "status", "detail", "request_id"])
}
