import Automation
import Work

/// Every job of the product, one line each. A job file that is not listed here fails the house test.
package let catalogue = Catalogue<Tools>([
    AnalyzeWorkspace.self,
    DeliverWebhook.self,
    ImportTasks.self,
    RemindOfEvent.self,
    SendEmail.self,
    SendMessage.self,
])
