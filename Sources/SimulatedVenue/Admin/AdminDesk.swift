import RiskModel

/// The admin interface of the simulated venue: plain HTTP and JSON on its own port, for demos, for
/// other programs' tests and for hands on a keyboard.
///
/// | route | what it does |
/// |---|---|
/// | `GET /state` | accounts, positions, orders, trades, markets, connections, faults, counters |
/// | `GET /requests?after=N` | the REST requests received, oldest first |
/// | `GET /events?after=N&limit=M` | what happened, oldest first, at most M (1000) |
/// | `GET /settings` | every setting with its present value |
/// | `POST /settings` | `{"hubGrouping":"fragments",…}`, any of them |
/// | `POST /price` | `{"contract","last"?,"bid"?,"ask"?}` |
/// | `POST /order` | an order of the trader, as the scenario step `place` |
/// | `POST /cancel` | `{"order"}`, or `{"account","contract"?}` at `POST /cancelAll` |
/// | `POST /close` | `{"account","contract"?}` |
/// | `POST /fault` | a fault, see the scenario reader |
/// | `POST /faults/clear` | takes all faults away |
/// | `POST /account` | `{"account","canTrade"?,"balance"?,…}` |
/// | `POST /scenario` | runs the scenario in the body |
/// | `POST /<word>` | any other step of a scenario: `print`, `move`, `market`, `modify`, `reduce`, `pause`, `clearPrices`, `void`, `endTokens`, `clock`, `latency`, `traffic`, `note` |
///
/// A POST answers `{"ok":true}` (with `order` after a placement), 409 with `refused` when the venue
/// says no, 400 with `problem` when the body is wrong, 404 for an unknown route. `after` defaults to
/// 0; the member `last` of the answer is the number to go on with.
final class AdminDesk: RequestDesk {
  private static let defaultPage = 1_000
  private static let maximumPage = 50_000

  private let floor: VenueFloor
  private let desk: CommandDesk

  init(floor: VenueFloor) {
    self.floor = floor
    desk = CommandDesk(floor: floor)
  }

  func handle(_ request: ReceivedRequest, deliver: @escaping (Delivery) -> Void) {
    deliver(.reply(answer(request)))
  }

  private func answer(_ request: ReceivedRequest) -> Reply {
    switch (request.method, request.path) {
    case ("GET", "/state"): .json(StateReport(floor: floor).json)
    case ("GET", "/requests"): requests(request)
    case ("GET", "/events"): events(request)
    case ("GET", "/settings"): .json(floor.behaviour.document)
    case ("POST", "/scenario"): runScenario(request)
    case ("POST", let path): command(path, request)
    default: unknown(request)
    }
  }

  private func unknown(_ request: ReceivedRequest) -> Reply {
    let words = CommandWord.allCases.map { "/\($0.rawValue)" }.joined(separator: " ")
    return problem(
      "there is no \(request.method) \(request.path); there are GET /state /requests /events"
        + " /settings and POST /scenario /order /faults/clear \(words)", status: 404)
  }

  private func problem(_ text: String, status: Int = 400) -> Reply {
    .json(.object(["ok": .bool(false), "problem": .string(text)]), status: status)
  }

  private func number(_ name: String, of request: ReceivedRequest, default value: Int) -> Int {
    request.query[name].flatMap { Int($0) } ?? value
  }

  private func requests(_ request: ReceivedRequest) -> Reply {
    let after = number("after", of: request, default: 0)
    let path = request.query["path"]
    let records = floor.requests.all.filter {
      $0.sequence > after && (path == nil || $0.path == path)
    }
    let report = StoryReport(floor: floor)
    return .json(
      .object([
        "requests": .array(records.map { report.json($0) }),
        "last": .integer(records.last?.sequence ?? after),
      ]))
  }

  private func events(_ request: ReceivedRequest) -> Reply {
    let after = number("after", of: request, default: 0)
    let limit = number("limit", of: request, default: AdminDesk.defaultPage)
    let happenings = floor.story.after(
      after, limit: min(max(0, limit), AdminDesk.maximumPage))
    let report = StoryReport(floor: floor)
    return .json(
      .object([
        "events": .array(happenings.map { report.json($0) }),
        "last": .integer(happenings.last?.number ?? after),
      ]))
  }

  private func runScenario(_ request: ReceivedRequest) -> Reply {
    do throws(SimulatedVenueError) {
      let scenario = try Scenario.read(request.body, source: "body", for: floor.exchange)
      floor.start(ScenarioRun(scenario, floor: floor))
      return .json(.object(["ok": .bool(true)]))
    } catch {
      return problem(error.description)
    }
  }

  private func command(_ path: String, _ request: ReceivedRequest) -> Reply {
    let word: CommandWord? =
      switch path {
      case "/order": .place
      case "/faults/clear": .clearFaults
      default: CommandWord(rawValue: String(path.dropFirst()))
      }
    guard let word else { return unknown(request) }
    do throws(SimulatedVenueError) {
      let body = request.body.isEmpty ? Array("{}".utf8) : request.body
      let command = try readDocument(body, source: "body", for: floor.exchange) { node in
        try node.object { try $0.command(word) }
      }
      return answer(desk.execute(command))
    } catch {
      return problem(error.description)
    }
  }

  private func answer(_ outcome: CommandOutcome) -> Reply {
    switch outcome {
    case .done:
      .json(.object(["ok": .bool(true)]))
    case .placed(let id):
      .json(.object(["ok": .bool(true), "order": .integer(id.number)]))
    case .refused(let reason):
      .json(.object(["ok": .bool(false), "refused": .string(reason)]), status: 409)
    }
  }
}
