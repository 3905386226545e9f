import Automation
import Work

/// Every job of the product, one line each. A job file that is not listed here fails the house test.
package let catalogue = Catalogue<Tools>([
    AnalyzeWorkspace.self,
    AnswerChat.self,
    ChatReply.self,
    CreateTicket.self,
    DeliverWebhook.self,
    EscalateNotification.self,
    ImportTasks.self,
    Notify.self,
    NotifyLater.self,
    RemindOfEvent.self,
    ScanFollowUps.self,
    SendEmail.self,
    SendFollowUp.self,
    SendMessage.self,
    TranscribeVoice.self,
    UpdateTicket.self,
    SyncConnection.self,
    TakeDelivery.self,
    SyncTicket.self,
])
