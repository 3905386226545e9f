import Automation
import Core
import Queue
import Store

/// The house with what the API remembers between requests.
struct Office: Sendable {
    let house: API.House
    let doorkeeper: Doorkeeper
    let queues: QueueBook
    let pressure: Pressure
    let meter: Meter
    let receiver: Receiver
    let waits: Waits
    let paces = Paces()
    /// The document at `/openapi.json`.
    let document: JSON
    let began = Moment.now

    init(_ house: API.House, document: JSON) {
        self.house = house
        self.document = document
        doorkeeper = Doorkeeper(house.store.keys)
        queues = QueueBook(house)
        pressure = Pressure(house.redis)
        meter = Meter()
        waits = Waits(house.redis)
        receiver = Receiver(Uploads(folder: house.settings.uploads))
    }

    var store: Store { house.store }
    var settings: API.Settings { house.settings }
}
