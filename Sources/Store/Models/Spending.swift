import Core
import SQL
import Workspace

extension Store {
    /// What language models cost: a call reserves the most it can cost before it is made, and what it did
    /// cost is written down after it. The store must have a scope.
    package struct Spending: Sendable {
        let store: Store

        /// A call of a model and what it may cost or did cost.
        package struct Call: Sendable {
            package let job: ID
            package let connection: ID
            package let model: String
            /// Such as `chat`.
            package let purpose: String

            package init(job: ID, connection: ID, model: String, purpose: String) {
                self.job = job
                self.connection = connection
                self.model = model
                self.purpose = purpose
            }
        }

        /// The most that one call can cost, held until it is known what it did.
        package struct Reservation: Sendable {
            package let id: ID
            let day: String
            let month: String
            package let call: Call
            package let most: Bill
        }

        /// The tokens of a call.
        package struct Bill: Sendable, Hashable {
            package let input: Int
            package let cached: Int
            package let output: Int
            package let cost_micro: Int64
            /// True where the server did not say, and the most it can have been was taken.
            package let isEstimate: Bool

            package init(
                input: Int, cached: Int = 0, output: Int, cost_micro: Int64, isEstimate: Bool = false
            ) {
                self.input = input
                self.cached = cached
                self.output = output
                self.cost_micro = cost_micro
                self.isEstimate = isEstimate
            }
        }

        /// What one period stands at.
        package struct Balance: Sendable, Hashable {
            package let spent_micro: Int64
            package let reserved_micro: Int64
            /// What nobody counted of what is spent.
            package let estimated_micro: Int64

            package init(spent_micro: Int64, reserved_micro: Int64, estimated_micro: Int64 = 0) {
                self.spent_micro = spent_micro
                self.reserved_micro = reserved_micro
                self.estimated_micro = estimated_micro
            }
        }
    }

    package var spending: Spending { Spending(store: self) }
}

extension Store.Spending {
    /// A reservation whose call never ended is paid after this: no call can take as long.
    package static let longest = Duration.seconds(3_600)
    /// The most reservations paid in one go.
    static let paidAtOnce = 100

    private var access: Access { store.access }
    private func workspace() throws -> ID { try store.rows(.modelSettings).scope.workspace }

    /// Reserves the most that a call may cost in the budgets of this day and month (UTC).
    ///
    /// Throws `limited` when it does not fit: for good when the budget is spent, with `retryAfter` when it
    /// may fit once the calls on their way have ended.
    package func reserve(
        _ most: Bill, within settings: ModelSettings, for call: Call, at now: Moment = .now
    ) async throws -> Reservation {
        let day = String(now.text.prefix(10))
        let reservation = Reservation(
            id: ID(), day: day, month: String(day.prefix(7)), call: call, most: most)
        // On its own, so that it holds also where the call is refused.
        try await store.transaction { try await $0.spending.payForDead(before: now) }
        try await store.transaction { store in
            let spending = store.spending
            try await spending.take(most.cost_micro, from: day, most: settings.dayBudget_micro)
            try await spending.take(
                most.cost_micro, from: reservation.month, most: settings.monthBudget_micro)
            try await spending.keep(reservation, until: now + Self.longest)
        }
        return reservation
    }

    /// Writes down what a call cost and gives back the rest of its reservation.
    package func settle(_ reservation: Reservation, _ bill: Bill, at now: Moment = .now) async throws {
        try await store.transaction { try await $0.spending.pay(reservation, bill, at: now) }
    }

    /// Gives back the whole of a reservation: the call was never made.
    package func cancel(_ reservation: Reservation) async throws {
        try await store.transaction { _ = try await $0.spending.giveBack(reservation) }
    }

    /// What a day such as `2026-03-01` or a month such as `2026-03` stands at.
    package func balance(of period: String) async throws -> Balance {
        try await access.query(
            """
            select spent_micro, reserved_micro, estimated_micro from model_spends
            where workspace_id = $1 and period = $2
            """, [Value(try workspace()), .text(period)]
        ) { row in
            Balance(
                spent_micro: try row.get("spent_micro"), reserved_micro: try row.get("reserved_micro"),
                estimated_micro: try row.get("estimated_micro"))
        }.first ?? Balance(spent_micro: 0, reserved_micro: 0)
    }

    private func keep(_ reservation: Reservation, until end: Moment) async throws {
        let (call, most) = (reservation.call, reservation.most)
        try await access.execute(
            """
            insert into model_reservations (workspace_id, id, job_id, day, month, amount_micro, expires_at,
                connection_id, model, purpose, input_tokens, output_tokens)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                Value(try workspace()), Value(reservation.id), Value(call.job), .text(reservation.day),
                .text(reservation.month), .integer(most.cost_micro), Value(end), Value(call.connection),
                .text(call.model), .text(call.purpose), Value(most.input), Value(most.output),
            ])
    }

    private func take(_ amount: Int64, from period: String, most: Int?) async throws {
        let place: [Value] = [Value(try workspace()), .text(period)]
        try await access.execute(
            """
            insert into model_spends (workspace_id, period, spent_micro, reserved_micro)
            values ($1, $2, 0, 0) on conflict (workspace_id, period) do nothing
            """, place)
        let limit = most.map { "and spent_micro + reserved_micro + $3 <= \($0)" } ?? ""
        let taken = try await access.execute(
            """
            update model_spends set reserved_micro = reserved_micro + $3
            where workspace_id = $1 and period = $2 \(limit)
            """, place + [.integer(amount)])
        if taken == 0 { throw try await refusal(amount, period, most: Int64(most ?? 0)) }
    }

    private func refusal(_ amount: Int64, _ period: String, most: Int64) async throws -> Failure {
        let balance = try await balance(of: period)
        let message =
            "The budget for language models of \(period) does not allow this call: of \(most) millionths "
            + "\(balance.spent_micro) are spent and \(balance.reserved_micro) reserved, and it may cost "
            + "\(amount). Raise the budget at /ai/settings."
        let mayPass = balance.spent_micro + amount <= most
        let failure = Failure(.limited, message, retryAfter: mayPass ? .seconds(2) : nil)
        return mayPass ? failure : failure.permanently()
    }

    /// Pays for calls whose process died: nobody knows how far they came.
    private func payForDead(before now: Moment) async throws {
        let stale = try await access.query(
            """
            select * from model_reservations
            where workspace_id = $1 and expires_at <= $2 order by expires_at limit \(Self.paidAtOnce)
            """, [Value(try workspace()), Value(now)], Reservation.init)
        for reservation in stale { try await pay(reservation, reservation.most, at: now) }
    }

    private func pay(_ reservation: Reservation, _ bill: Bill, at now: Moment) async throws {
        // What is not held any more was paid before.
        guard try await giveBack(reservation) else { return }
        let guessed = bill.isEstimate ? bill.cost_micro : 0
        for period in [reservation.day, reservation.month] {
            try await access.execute(
                """
                update model_spends set spent_micro = spent_micro + $3, estimated_micro = estimated_micro + $4
                where workspace_id = $1 and period = $2
                """,
                [Value(try workspace()), .text(period), .integer(bill.cost_micro), .integer(guessed)])
        }
        try await note(reservation.call, bill, at: now)
    }

    /// False where it is not held any more.
    private func giveBack(_ reservation: Reservation) async throws -> Bool {
        let held = try await access.execute(
            "delete from model_reservations where workspace_id = $1 and id = $2",
            [Value(try workspace()), Value(reservation.id)])
        guard held == 1 else { return false }
        for period in [reservation.day, reservation.month] {
            try await access.execute(
                """
                update model_spends set reserved_micro = reserved_micro - $3
                where workspace_id = $1 and period = $2
                """, [Value(try workspace()), .text(period), .integer(reservation.most.cost_micro)])
        }
        return true
    }

    private func note(_ call: Call, _ bill: Bill, at now: Moment) async throws {
        try await access.execute(
            """
            insert into model_usage (workspace_id, id, job_id, connection_id, model, purpose, input_tokens,
                cached_tokens, output_tokens, cost_micro, is_estimate, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            [
                Value(try workspace()), Value(ID()), Value(call.job), Value(call.connection),
                .text(call.model), .text(call.purpose), Value(bill.input), Value(bill.cached),
                Value(bill.output), .integer(bill.cost_micro), Value(bill.isEstimate), Value(now),
            ])
    }
}

extension Store.Spending.Reservation {
    init(_ row: Row) throws {
        id = try row.get("id")
        day = try row.get("day")
        month = try row.get("month")
        // A reservation of an older release says no more than whose job it was.
        let job = try row.get("job_id", as: ID.self)
        call = .init(
            job: job, connection: try row.get("connection_id", as: ID?.self) ?? job,
            model: try row.get("model", as: String?.self) ?? "unknown",
            purpose: try row.get("purpose", as: String?.self) ?? "unknown")
        most = .init(
            input: try row.get("input_tokens", as: Int?.self) ?? 0,
            output: try row.get("output_tokens", as: Int?.self) ?? 0,
            cost_micro: try row.get("amount_micro"), isEstimate: true)
    }
}
