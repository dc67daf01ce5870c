import Glibc
import RiskModel

// A scenario file is one JSON object. Unknown keys are errors.
//
//   title      text
//   about      text for people, may be left out
//   rate       how fast its time runs, 0.001 to 1000; 1 when left out
//   begin      time zero of the steps: "at-once" (when left out), or when the first client has
//              subscribed to something on a hub: "user-hub", "market-hub"
//   venue      settings by their names, see VenueSetting and the README; spans are milliseconds
//   accounts   list of {"id", "name"?, "balance"?, "canTrade"?, "kind"?, "brackets"?}; a new id opens
//              an account; kind is "ordinary", "follower" or "live", brackets "position" or
//              "auto-oco"
//   prices     list of {"contract", "last"?, "bid"?, "ask"?}, set before anything else
//   steps      list of {"at": ms, "do": word, …}; times never go back. The words and their keys:
//
//     price      contract, last?, bid?, ask?      the last price alone takes the book with it
//     print      contract, last?, bid?, ask?      a quote that the market never had
//     move       contract, to, during, every?     ms; steps of 100 ms when `every` is left out
//     market     contract?, open, expireOrders?   all contracts when left out
//     place      account, contract, side, type?, size?, limit?, stop?, trail?, tag?,
//                stopLossTicks?, stopLossTrails?, takeProfitTicks?, as?
//                type is "market" (when left out), "limit", "stop", "trailing-stop", "stop-limit",
//                "join-bid" or "join-ask"; `as` names the order for later steps
//     cancel     order                            an id, or the name of an earlier step's order
//     cancelAll  account, contract?
//     modify     order, size?, limit?, stop?, trail?
//     close      account, contract?               all contracts when left out
//     reduce     account, contract, size
//     account    account, name?, balance?, canTrade?, kind?, brackets?
//     fault      see FaultReader
//     clearFaults
//     latency    ms                               of every reply from now on
//     settings   any settings, as in `venue`
//     pause      contract, ms                     nothing trades, as with Velocity Logic
//     clearPrices  contract                       the market has no price until the next one comes
//     void       trade                            an execution is taken back
//     endTokens                                   every token is no good from now on
//     clock      ms                               the venue's time goes on by that much
//     traffic    account, contract, ordersPerSecond?, quotesPerSecond?, during?
//     note       text                             for whoever tells the story
//
// Contracts are written as an id (`CON.F.US.MNQ.Z26`) or a root (`MNQ`, `NQ`, `ENQ`). What the
// trader does goes through the platform, not through the gateway; a step that the venue refuses is
// told in the story, and the scenario goes on.

extension Scenario {
  /// Larger files are refused.
  private static let maximumFileSize = 4 << 20

  /// Reads a scenario file for a venue that has these accounts and contracts.
  package static func read(
    file path: String, for exchange: SimulatedExchange
  ) throws(SimulatedVenueError) -> Scenario {
    guard let file = fopen(path, "r") else {
      throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: maximumFileSize + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0, count <= maximumFileSize else {
      let reason = count > maximumFileSize ? "larger than \(maximumFileSize) bytes" : "read error"
      throw .unreadableFile(path: path, reason: reason)
    }
    return try read(bytes[..<count], source: path, for: exchange)
  }

  /// Reads a scenario from the bytes of a document; `source` names it in complaints.
  package static func read(
    _ bytes: some Sequence<UInt8>, source: String, for exchange: SimulatedExchange
  ) throws(SimulatedVenueError) -> Scenario {
    try readDocument(bytes, source: source, for: exchange) { try $0.scenario() }
  }
}

/// Reads a document of any kind.
func readDocument<Value>(
  _ bytes: some Sequence<UInt8>, source: String, for exchange: SimulatedExchange,
  _ read: (DocumentNode) throws -> Value
) throws(SimulatedVenueError) -> Value {
  do {
    let value = try JSONValue(parsing: bytes)
    let context = DocumentContext(source: source, exchange: exchange)
    return try read(DocumentNode(context: context, value: value, path: ""))
  } catch let error as SimulatedVenueError {
    throw error
  } catch {
    throw .wrongDocument(source: source, path: "", problem: "\(error)")
  }
}

extension DocumentNode {
  fileprivate func scenario() throws -> Scenario {
    try object { members in
      var scenario = Scenario(title: try members.required("title") { try $0.text() })
      scenario.about = try members.optional("about") { try $0.text() }
      scenario.clock = try members.optional("rate") { try $0.clock() } ?? .realTime
      scenario.beginning = try members.optional("begin") { try $0.choice() } ?? .atOnce
      scenario.settings =
        try members.optional("venue") { try $0.object { try $0.settings() } } ?? VenueSettings()
      scenario.accounts =
        try members.optional("accounts") { node in
          try node.list { try $0.object { try $0.accountChange(opensAccounts: true) } }
        } ?? []
      var inner = self
      inner.context.accounts.formUnion(scenario.accounts.map(\.id))
      members.node = inner
      scenario.prices =
        try members.optional("prices") { try $0.list { try $0.openingPrice() } } ?? []
      scenario.steps = try members.required("steps") { try $0.steps() }
      return scenario
    }
  }

  private func openingPrice() throws -> Scenario.OpeningPrice {
    try object { members in
      let contract = try members.required("contract") { try $0.contract() }
      return Scenario.OpeningPrice(
        contract: contract, change: try members.quoteChange(of: contract))
    }
  }

  private func clock() throws -> ScenarioClock {
    guard let clock = ScenarioClock(decimal: try decimal()) else {
      throw failure("expected a rate from 0.001 to 1000, found \(value.jsonText)")
    }
    return clock
  }

  private func steps() throws -> [Scenario.Step] {
    var names: Set<String> = []
    var last = TimeSpan.zero
    return try list { node in
      let step = try node.step(after: last)
      last = step.time
      switch step.command {
      case .place(_, let name?):
        names.insert(name)
      case .cancel(.name(let name)), .modify(.name(let name), _):
        guard names.contains(name) else {
          throw node.failure("no earlier step names an order `\(name)` with `as`")
        }
      default:
        break
      }
      return step
    }
  }

  private func step(after last: TimeSpan) throws -> Scenario.Step {
    try object { members in
      let time = try members.required("at") { node in
        let time = try node.milliseconds()
        guard time >= last else {
          throw node.failure("expected at least \(last.milliseconds): times never go back")
        }
        return time
      }
      let word: CommandWord = try members.required("do") { try $0.choice() }
      return Scenario.Step(time, try members.command(word))
    }
  }
}
