import NIOCore
import NIOHTTP1
import RiskModel

/// The REST interface of the simulated venue.
///
/// The way of a request: log → fault → the time until it is applied → token → request limit → body
/// → operation → the time of the reply → delivery. Paths of the hubs that come as plain HTTP are
/// negotiation.
final class GatewayDesk: RequestDesk {
  let floor: VenueFloor

  init(floor: VenueFloor) {
    self.floor = floor
  }

  func handle(_ request: ReceivedRequest, deliver: @escaping (Delivery) -> Void) {
    guard let operation = GatewayOperation(path: request.path) else {
      let reply = floor.hubs.negotiate(request) ?? .empty(404)
      record(request, body: .null, status: reply.status)
      return deliver(.reply(reply))
    }
    let body = (try? JSONValue(parsing: request.body)) ?? .null
    let sequence = record(
      request, body: operation.isLogin ? Self.blackedOut(body) : body)
    guard request.method == operation.method else {
      floor.requests.edit(sequence) { $0.status = 405 }
      return deliver(.reply(.empty(405)))
    }
    let strike = floor.faults.strike(
      request: operation, account: floor.requests[sequence]?.account,
      contract: floor.requests[sequence]?.contract)
    if let strike {
      floor.requests.edit(sequence) { $0.fault = strike.number }
      floor.tell(.fault(strike.number, what: "strikes request \(sequence), \(operation.rawValue)"))
    }
    var delay = floor.gateway.requestLatency
    if case .delay(let span, true) = strike?.effect { delay = delay + span }
    after(delay) { [self] in
      apply(operation, request, body, sequence, strike?.effect, deliver)
    }
  }

  private func apply(
    _ operation: GatewayOperation, _ request: ReceivedRequest, _ body: JSONValue, _ sequence: Int,
    _ effect: RequestEffect?, _ deliver: @escaping (Delivery) -> Void
  ) {
    let reply: Reply
    if effect?.isApplied ?? true {
      reply = self.reply(to: operation, request, body, sequence, effect)
    } else {
      reply = .empty(500)
    }
    var delay = floor.gateway.replyLatency
    if case .delay(let span, false) = effect { delay = delay + span }
    let delivery = delivery(of: reply, operation, effect)
    note(delivery, effect, operation, sequence)
    after(delay) { deliver(delivery) }
  }

  private func reply(
    to operation: GatewayOperation, _ request: ReceivedRequest, _ body: JSONValue, _ sequence: Int,
    _ effect: RequestEffect?
  ) -> Reply {
    let token = bearerToken(request.headers.first(name: "Authorization"))
    if operation.needsToken, token == nil || !tellsTokenByCode(operation) {
      guard let token, floor.sessions.expiry(of: token, at: floor.clock.now()) != nil else {
        return Reply(
          status: 401, headers: [("WWW-Authenticate", #"Bearer error="invalid_token""#)])
      }
    }
    if let refusal = overLimit(operation) { return refusal }
    floor.requests.edit(sequence) { $0.isApplied = true }
    guard operation != .ping else { return .text("pong") }
    let answer: GatewayAnswer
    do throws(BindingFailure) {
      answer = try perform(
        operation, RequestBody(value: body, type: operation.requestType), token: token ?? "")
    } catch {
      answer = .problem(error)
    }
    var reply = altered(answer, operation, effect, sequence)
    if floor.gateway.form.addsUnknownMembers { reply.body = reply.body.withUnknownMembers }
    return reply.reply
  }

  private func perform(
    _ operation: GatewayOperation, _ body: RequestBody, token: String
  ) throws(BindingFailure) -> GatewayAnswer {
    switch operation {
    case .ping, .login: try login(body)
    case .loginApplication: try loginApplication(body)
    case .validate: validate(token)
    case .logout: logout(token)
    case .searchAccounts: try searchAccounts(body)
    case .searchContracts: try searchContracts(body)
    case .availableContracts: try availableContracts(body)
    case .contractByID: try contractByID(body)
    case .retrieveBars: try retrieveBars(body)
    case .placeOrder: try placeOrder(body)
    case .modifyOrder: try modifyOrder(body)
    case .cancelOrder: try cancelOrder(body)
    case .searchOrders: try searchOrders(body)
    case .searchOpenOrders: try searchOpenOrders(body)
    case .orderByID: try orderByID(body)
    case .queryOrders: try queryOrders(body)
    case .searchPositions: try searchPositions(body)
    case .closeContract: try closeContract(body)
    case .partialCloseContract: try partialCloseContract(body)
    case .searchTrades: try searchTrades(body)
    }
  }

  /// The refusal of a request that is too many. Bars have a budget of their own, a ping has none.
  private func overLimit(_ operation: GatewayOperation) -> Reply? {
    let now = floor.clock.now()
    switch operation {
    case .ping:
      return nil
    case .retrieveBars:
      guard let limit = floor.gateway.barLimit else { return nil }
      return floor.barMeter.admit(under: limit, at: now).map { tooManyRequests($0, limit) }
    default:
      guard let limit = floor.gateway.requestLimit else { return nil }
      return floor.meter.admit(under: limit, at: now).map { tooManyRequests($0, limit) }
    }
  }

  private func tooManyRequests(_ wait: TimeSpan, _ limit: RequestLimit) -> Reply {
    let tells = limit.tellsRetryAfter
    let seconds = (wait.nanos + Instant.nanosPerSecond - 1) / Instant.nanosPerSecond
    return Reply(status: 429, headers: tells ? [("Retry-After", "\(seconds)")] : [])
  }

  private func after(_ span: TimeSpan, _ body: @escaping () -> Void) {
    if span > .zero {
      floor.schedule(after: span) { _ in body() }
    } else {
      body()
    }
  }
}

extension GatewayDesk {
  @discardableResult
  private func record(_ request: ReceivedRequest, body: JSONValue, status: Int? = nil) -> Int {
    let fields = RequestBody(value: body, type: "")
    let sequence = floor.requests.add(
      RequestRecord(
        sequence: 0, receivedAt: floor.clock.now(),
        receivedMonotonic: VenueClock.monotonicNow(), connection: request.connection,
        path: request.path, account: accountNamed(in: fields), contract: contractNamed(in: fields),
        body: body, status: status))
    floor.tell(.request(sequence))
    return sequence
  }

  /// The account that a body names; a query names it in its filter.
  private func accountNamed(in fields: RequestBody) -> AccountID? {
    if let number = try? fields.optionalInteger("accountId") { return AccountID(number) }
    let filter = try? fields.optionalObject("filter", "")
    return (try? filter?.optionalInteger("accountId")).map { AccountID($0) }
  }

  private func contractNamed(in fields: RequestBody) -> ContractID? {
    (try? fields.optionalText("contractId")).map { ContractID($0) }
  }

  private func note(
    _ delivery: Delivery, _ effect: RequestEffect?, _ operation: GatewayOperation, _ sequence: Int
  ) {
    floor.requests.edit(sequence) { record in
      switch delivery {
      case .reply(let reply), .brokenOff(let reply), .trickle(let reply, _):
        record.status = reply.status
      case .drop, .silence: break
      }
      switch effect {
      case .envelope(_, let code, _, _): record.errorCode = code
      case .marketClosed: record.errorCode = operation.closedMarketCode
      default: break
      }
    }
  }

  private static func blackedOut(_ body: JSONValue) -> JSONValue {
    guard case .object(let members) = body else { return .null }
    return .object(members.map { JSONMember($0.name, .string("…")) })
  }
}
