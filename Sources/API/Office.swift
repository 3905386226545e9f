import Accounts
import Automation
import Core
import Queue
import Store

/// The house with what the API remembers between requests.
struct Office: Sendable {
    let house: API.House
    let doorkeeper: Doorkeeper
    let mint: Mint
    let passwords = Passwords()
    let queues: QueueBook
    let pressure: Pressure
    let meter: Meter
    let receiver: Receiver
    /// Keeps the files of tasks.
    let attachments: Receiver
    let waits: Waits
    let gate: Gate
    let paces = Paces()
    let alarms = AlarmBook()
    /// The document at `/openapi.json`.
    let document: JSON
    let began = Moment.now

    init(_ house: API.House, document: JSON) {
        self.house = house
        self.document = document
        mint = Mint(house.store.secrets, keyring: house.settings.keyring)
        doorkeeper = Doorkeeper(house.store, mint: mint)
        queues = QueueBook(house)
        pressure = Pressure(house.redis)
        meter = Meter()
        waits = Waits(house.redis)
        gate = Gate(house)
        receiver = Receiver(Uploads(folder: house.settings.uploads))
        attachments = Receiver(
            Uploads(folder: "\(house.settings.uploads)/attachments"), most: Limits.attachments)
    }

    var store: Store { house.store }
    var settings: API.Settings { house.settings }
}
