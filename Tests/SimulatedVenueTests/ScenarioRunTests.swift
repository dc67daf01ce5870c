import Glibc
import RiskModel
import SimulatedVenue
import Testing

struct ScenarioRunTests {
  private func run(_ text: String, on venue: SimulatedVenueServer) throws {
    let exchange = venue.perform { exchange in exchange }
    venue.run(try Scenario.read(text.utf8, source: "test", for: exchange))
  }

  private func notes(_ venue: SimulatedVenueServer) -> [String] {
    venue.happenings().compactMap { happening in
      if case .scenario(let text) = happening.matter { text } else { nil }
    }
  }

  @Test func `a scenario does its steps in order and ends`() throws {
    try withVenue { venue in
      try run(
        #"""
        {"title": "t", "rate": 20,
         "venue": {"replyLatency": 5, "liquidityPerStep": 100, "cancellationDelay": 0},
         "accounts": [{"id": 7, "balance": 10000}, {"id": 1002, "canTrade": false}],
         "prices": [{"contract": "MNQ", "last": 20000}],
         "steps": [
           {"at": 0, "do": "place", "account": 7, "contract": "MNQ", "side": "buy", "size": 3},
           {"at": 100, "do": "place", "account": 7, "contract": "MNQ", "side": "sell", "type": "limit", "limit": 20100, "as": "exit"},
           {"at": 200, "do": "modify", "order": "exit", "size": 2},
           {"at": 300, "do": "cancel", "order": "exit"},
           {"at": 400, "do": "cancel", "order": "exit"},
           {"at": 500, "do": "reduce", "account": 7, "contract": "MNQ", "size": 1},
           {"at": 600, "do": "move", "contract": "MNQ", "to": 19990, "during": 400, "every": 100},
           {"at": 1200, "do": "place", "account": 1002, "contract": "MES", "side": "buy"},
           {"at": 1200, "do": "place", "account": 7, "contract": "MES", "side": "buy", "type": "stop", "stop": 7000},
           {"at": 1300, "do": "cancelAll", "account": 7},
           {"at": 1400, "do": "close", "account": 7},
           {"at": 1500, "do": "market", "open": false},
           {"at": 1600, "do": "latency", "ms": 9},
           {"at": 1700, "do": "print", "contract": "MNQ", "last": 5},
           {"at": 1800, "do": "fault", "on": "hub", "hub": "user", "effect": "cut"},
           {"at": 1900, "do": "clearFaults"},
           {"at": 2000, "do": "note", "text": "the end"}]}
        """#, on: venue)
      #expect(venue.wait { !$0.isBusy })
      let account = AccountID(7)
      #expect(venue.account(account)?.account.name == "SIM-7")
      #expect(venue.trades(account).map(\.price.description) == ["20000.25", "20000", "19990"])
      #expect(venue.positions(account).isEmpty && venue.workingOrders(account).isEmpty)
      #expect(venue.orders(account).map(\.status.rawValue) == [2, 3, 2, 3, 2])
      #expect(
        notes(venue) == [
          "t begins", "refused: orderNotFound (code 2)",
          "refused: accountViolation (code 4): Account is not allowed to trade.",
          "the market of CLE, ENQ, EP, GCE, M2K, MES, MNQ, MNQ, RTY is closed", "the end",
          "t has ended",
        ])
      let moves = venue.happenings().compactMap { happening -> Price? in
        if case .price(_, let change) = happening.matter { change.last } else { nil }
      }
      #expect(moves.map(\.description) == ["20000", "19997.5", "19995", "19992.5", "19990"])
    }
  }

  @Test(arguments: [("user-hub", VenueHub.user), ("market-hub", .market)])
  func `a scenario waits for the first subscriber`(begin: String, hub: VenueHub) throws {
    try withVenue { venue in
      try run(
        #"{"title":"t","begin":"\#(begin)","steps":[{"at":0,"do":"note","text":"now"}]}"#,
        on: venue)
      let client = try RawHubClient(venue, hub)
      #expect(venue.isBusy && notes(venue).isEmpty)
      if hub == .user {
        _ = try client.invoke("SubscribeAccounts")
      } else {
        _ = try client.invoke("SubscribeContractQuotes", #""CON.F.US.MNQ.Z26""#)
      }
      #expect(venue.wait { !$0.isBusy })
      #expect(notes(venue) == ["t begins", "now", "t has ended"])
    }
  }

  @Test func `a scenario can be stopped`() throws {
    try withVenue { venue in
      try run(
        #"{"title":"t","steps":[{"at":0,"do":"move","contract":"MNQ","to":1,"during":600000},{"at":600000,"do":"clearFaults"}]}"#,
        on: venue)
      #expect(venue.isBusy)
      venue.stopTraffic()
      #expect(!venue.isBusy)
      try run(#"{"title":"u","steps":[{"at":600000,"do":"clearFaults"}]}"#, on: venue)
      venue.stop()
    }
  }

  @Test func `commands give their outcome`() throws {
    try withVenue { venue in
      guard case .placed(let id) = venue.execute(.place(market(.buy, 1), name: nil)) else {
        Issue.record("the order was not placed")
        return
      }
      #expect(venue.order(id)?.status == .filled)
      #expect(venue.execute(.close(first, mnq)) == .done)
      #expect(venue.execute(.close(first, mnq)) == .refused("positionNotFound (code 2)"))
      #expect(venue.execute(.cancel(.id(OrderID(9)))) == .refused("orderNotFound (code 2)"))
      #expect(venue.execute(.cancel(.name("x"))) == .refused("orderNotFound (code 2)"))
      #expect(
        venue.execute(.modify(.id(OrderID(9)), OrderChange(size: 1)))
          == .refused("orderNotFound (code 2)"))
      #expect(
        venue.execute(.price(ContractID("X"), QuoteChange()))
          == .refused("there is no contract X"))
      #expect(
        venue.execute(.print(ContractID("X"), QuoteChange())) == .refused("there is no contract X"))
      #expect(
        venue.execute(.market([ContractID("X")], isOpen: true, expiresOrders: false))
          == .refused("there is no contract X"))
    }
  }

  /// The scenario files that ship, in the repository that this file belongs to.
  private static let folder: String = {
    guard let real = realpath(#filePath, nil) else { return "" }
    defer { free(real) }
    let parts = String(cString: real).split(separator: "/").dropLast(3)
    return parts.reduce("") { $0 + "/" + $1 } + "/config/scenarios"
  }()

  static let shipped: [String] = {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json") { names.append(name) }
    }
    return names.sorted()
  }()

  @Test func `scenarios ship`() {
    #expect(Self.shipped.count >= 11)
  }

  @Test(arguments: shipped)
  func `a shipped scenario is sound and runs to its end`(name: String) throws {
    try withVenue { venue in
      var scenario = try Scenario.read(
        file: "\(Self.folder)/\(name)", for: venue.perform { exchange in exchange })
      #expect(scenario.about != nil)
      let fast = try #require(ExactDecimal("100").flatMap(ScenarioClock.init(decimal:)))
      scenario.clock = fast
      scenario.beginning = .atOnce
      scenario.steps = scenario.steps.map { step in
        guard case .traffic(var plan) = step.command else { return step }
        plan.duration = .milliseconds(50)
        return Scenario.Step(step.time, .traffic(plan))
      }
      venue.run(scenario)
      #expect(venue.wait { !$0.isBusy })
      #expect(notes(venue).last == "\(scenario.title) has ended")
      #expect(!venue.trades(first).isEmpty)
      if name == "naked-stop.json" { #expect(venue.signedSize(first, mnq) == 5) }
    }
  }
}
