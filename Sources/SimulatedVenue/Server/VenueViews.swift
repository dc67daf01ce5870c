import Glibc
package import RiskModel

// What tests and benchmarks read from a running venue.

/// Counters of a running venue, all from its start.
package struct VenueCounters: Equatable, Sendable {
  package var requests: Int
  package var userEvents: Int
  package var marketEvents: Int
  /// Events that a fault lost.
  package var lostEvents: Int
  package var faultsStruck: Int
}

extension SimulatedVenueServer {
  /// The REST requests received, oldest first.
  package func requests() -> [RequestRecord] { onFloor { $0.requests.all } }

  /// The requests of one operation, oldest first.
  package func requests(_ operation: GatewayOperation) -> [RequestRecord] {
    requests().filter { $0.path == operation.path }
  }

  package func account(_ id: AccountID) -> TradingAccount? {
    perform { exchange in exchange.accounts[id] }
  }

  /// The open positions, by contract.
  package func positions(_ account: AccountID) -> [Position] {
    perform { exchange in exchange.openPositions(of: account) }
  }

  /// Contracts held, negative when short, zero when flat.
  package func signedSize(_ account: AccountID, _ contract: ContractID) -> Int64 {
    perform { exchange in exchange.signedSize(of: account, contract) }
  }

  /// Orders in the statuses 1, 6, 7 and 8, oldest first.
  package func workingOrders(_ account: AccountID) -> [Order] {
    perform { exchange in exchange.workingOrders(of: account) }
  }

  package func order(_ id: OrderID) -> Order? {
    perform { exchange in exchange.orders[id]?.order }
  }

  /// Orders in any status, oldest first.
  package func orders(_ account: AccountID) -> [Order] {
    perform { exchange in
      exchange.orderHistory.compactMap { exchange.orders[$0]?.order }
        .filter { $0.account == account }
    }
  }

  /// Oldest first.
  package func trades(_ account: AccountID) -> [Trade] {
    perform { exchange in exchange.trades.filter { $0.account == account } }
  }

  /// What happened after the happening of that number, oldest first.
  package func happenings(after number: Int = 0) -> [Happening] {
    onFloor { $0.story.after(number, limit: .max) }
  }

  /// Connections of a hub whose handshake is done.
  package func liveConnections(_ hub: VenueHub) -> Int {
    onFloor { floor in floor.hubs.connections.count { $0.hub == hub && $0.isLive } }
  }

  /// Pongs of WebSocket that came on the hub's present connections.
  package func pongs(_ hub: VenueHub) -> Int {
    onFloor { floor in
      floor.hubs.connections.filter { $0.hub == hub }.reduce(0) { $0 + $1.pongs }
    }
  }

  /// The tokens that the venue issued, good or not, so that a search for them can be made.
  package var issuedTokens: [String] { onFloor { $0.sessions.tokens } }

  /// How the venue acts at the moment.
  package var behaviour: VenueBehaviour { onFloor { $0.behaviour } }

  package var counters: VenueCounters {
    onFloor { floor in
      VenueCounters(
        requests: floor.requests.total, userEvents: floor.hubs.sentEvents[.user] ?? 0,
        marketEvents: floor.hubs.sentEvents[.market] ?? 0, lostEvents: floor.hubs.lostEvents,
        faultsStruck: floor.faults.struck)
    }
  }

  /// The venue's time.
  package var now: Instant { onFloor { $0.clock.now() } }

  /// Looks every millisecond until something is so, at most for that long. Returns whether it was.
  package func wait(
    atMost limit: TimeSpan = .seconds(10), until condition: (SimulatedVenueServer) -> Bool
  ) -> Bool {
    let deadline = VenueClock.monotonicNow() + limit
    while !condition(self) {
      guard VenueClock.monotonicNow() < deadline else { return false }
      usleep(1_000)
    }
    return true
  }
}
