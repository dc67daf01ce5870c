import Glibc
import RiskModel
import SimulatedVenue
import Testing

struct ScenarioReaderTests {
  private func read(_ text: String) throws -> Scenario {
    try Scenario.read(text.utf8, source: "s.json", for: makeExchange())
  }

  private func step(_ members: String) throws -> VenueCommand? {
    try read(#"{"title":"t","steps":[{"at":5,\#(members)}]}"#).steps.first?.command
  }

  @Test func `the head of a scenario is read`() throws {
    let scenario = try read(
      #"""
      {"title": "t", "about": "a", "rate": 2.5, "begin": "market-hub",
       "venue": {"replyLatency": 150, "requestLatency": 1, "acceptanceDelay": 8,
                 "cancellationDelay": "never", "liquidityPerStep": 2, "marketRemainder": "waits",
                 "stopSlippageTicks": 2, "exitsCancelledAfterClose": 50,
                 "exitsCancelledAfterPartialClose": 60,
                 "reversalReportsFlat": true, "lockedAccountAllowsClose": false,
                 "requestLimit": {"requests": 10, "seconds": 5}},
       "accounts": [{"id": 7, "name": "N", "balance": 1000.5, "canTrade": false,
                     "kind": "live", "brackets": "auto-oco"}],
       "prices": [{"contract": "NQ", "last": 21000.25}],
       "steps": [{"at": 0, "do": "close", "account": 7}]}
      """#)
    #expect(scenario.title == "t" && scenario.about == "a" && scenario.clock.rate == 2_500)
    #expect(scenario.beginning == .marketHub)
    var behaviour = VenueBehaviour()
    behaviour.gateway.replyLatency = .milliseconds(150)
    behaviour.gateway.requestLatency = .milliseconds(1)
    behaviour.exchange.acceptanceDelay = .milliseconds(8)
    behaviour.exchange.cancellationDelay = nil
    behaviour.exchange.liquidityPerStep = 2
    behaviour.exchange.marketRemainder = .waits
    behaviour.exchange.stopSlippageTicks = 2
    behaviour.exchange.exitsCancelledAfterClose = .milliseconds(50)
    behaviour.exchange.exitsCancelledAfterPartialClose = .milliseconds(60)
    behaviour.exchange.reversalReportsFlat = true
    behaviour.exchange.lockedAccountAllowsClose = false
    behaviour.gateway.requestLimit = RequestLimit(requests: 10, window: .seconds(5))
    #expect(scenario.settings.behaviour == behaviour)
    var account = AccountChange(id: AccountID(7), canTrade: false)
    account.name = "N"
    account.balance = dollars("1000.5")
    account.kind = .live
    account.bracketMode = .autoOCO
    #expect(scenario.accounts == [account])
    #expect(scenario.prices.map(\.contract.text) == ["CON.F.US.ENQ.Z26"])
    #expect(scenario.steps == [Scenario.Step(.zero, .close(AccountID(7), nil))])
  }

  static let commands: [(String, VenueCommand)] = [
    (
      #""do":"price","contract":"MNQ","last":21000.5"#,
      .price(mnq, QuoteChange(last: points("21000.5")))
    ),
    (
      #""do":"print","contract":"CON.F.US.MNQ.Z26","bid":1,"ask":2"#,
      .print(mnq, QuoteChange(bid: points("1"), ask: points("2")))
    ),
    (
      #""do":"move","contract":"MNQ","to":20000,"during":1000,"every":50"#,
      .move(
        PriceMove(
          contract: mnq, target: points("20000"), duration: .seconds(1), interval: .milliseconds(50)
        ))
    ),
    (
      #""do":"market","contract":"MES","open":false,"expireOrders":true"#,
      .market([mes], isOpen: false, expiresOrders: true)
    ),
    (
      #""do":"place","account":1001,"contract":"MNQ","side":"sell","size":2,"type":"stop","stop":20990,"tag":"x","as":"n","stopLossTicks":10,"takeProfitTicks":-20"#,
      .place(
        OrderTicket(
          account: first, contract: mnq, type: .stop, side: .sell, size: 2,
          stopPrice: points("20990"), customTag: "x", stopLoss: BracketLeg(ticks: 10, type: .stop),
          takeProfit: BracketLeg(ticks: -20, type: .limit)), name: "n")
    ),
    (
      #""do":"place","account":1001,"contract":"MNQ","side":"buy","stopLossTicks":-8,"stopLossTrails":true"#,
      .place(
        OrderTicket(
          account: first, contract: mnq, type: .market, side: .buy, size: 1,
          stopLoss: BracketLeg(ticks: -8, type: .trailingStop)), name: nil)
    ),
    (
      #""do":"place","account":1001,"contract":"MNQ","side":"buy""#,
      .place(market(.buy, 1), name: nil)
    ),
    (#""do":"cancel","order":3400000001"#, .cancel(.id(OrderID(3_400_000_001)))),
    (#""do":"cancelAll","account":1001"#, .cancelAll(first, nil)),
    (
      #""do":"modify","order":5,"size":3,"limit":1.5,"stop":2,"trail":3"#,
      .modify(
        .id(OrderID(5)),
        OrderChange(
          size: 3, limitPrice: points("1.5"), stopPrice: points("2"), trailPrice: points("3")))
    ),
    (#""do":"close","account":1001,"contract":"MNQ""#, .close(first, mnq)),
    (#""do":"reduce","account":1001,"contract":"MNQ","size":2"#, .reduce(first, mnq, by: 2)),
    (
      #""do":"account","account":1001,"canTrade":false"#,
      .account(AccountChange(id: first, canTrade: false))
    ),
    (#""do":"clearFaults""#, .clearFaults),
    (#""do":"latency","ms":150"#, .latency(.milliseconds(150))),
    (
      #""do":"traffic","account":1001,"contract":"MNQ","ordersPerSecond":5,"quotesPerSecond":6,"during":7"#,
      .traffic(
        TrafficPlan(
          account: first, contract: mnq, ordersPerSecond: 5, quotesPerSecond: 6,
          duration: .milliseconds(7)))
    ),
    (#""do":"pause","contract":"MNQ","ms":2000"#, .pause(mnq, .seconds(2))),
    (#""do":"clearPrices","contract":"MES""#, .clearPrices(mes)),
    (#""do":"void","trade":3000000001"#, .void(TradeID(3_000_000_001))),
    (#""do":"endTokens""#, .endTokens),
    (#""do":"clock","ms":60000"#, .clock(.seconds(60))),
    (#""do":"note","text":"hello""#, .note("hello")),
  ]

  @Test(arguments: commands)
  func `every command is read`(text: String, command: VenueCommand) throws {
    #expect(try step(text) == command)
  }

  @Test func `steps may name orders that an earlier step placed`() throws {
    let scenario = try read(
      #"{"title":"t","steps":[{"at":0,"do":"place","account":1001,"contract":"MNQ","side":"buy","as":"e"},{"at":0,"do":"modify","order":"e","size":2},{"at":1,"do":"cancel","order":"e"}]}"#
    )
    #expect(scenario.steps.last?.command == .cancel(.name("e")))
  }

  @Test func `a file that is not there or too large is named`() throws {
    let missing = "/nonexistent/scenario.json"
    #expect(
      throws: SimulatedVenueError.unreadableFile(path: missing, reason: "No such file or directory")
    ) { try Scenario.read(file: missing, for: makeExchange()) }
    try withTemporaryFile(String(repeating: " ", count: 5 << 20)) { path in
      #expect(
        throws: SimulatedVenueError.unreadableFile(path: path, reason: "larger than 4194304 bytes")
      ) { try Scenario.read(file: path, for: makeExchange()) }
    }
    try withTemporaryFile(#"{"title":"t","steps":[]}"#) { path in
      let scenario = try Scenario.read(file: path, for: makeExchange())
      #expect(scenario == Scenario(title: "t"))
    }
  }
}
