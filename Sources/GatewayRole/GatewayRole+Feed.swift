import Logging
package import PeerProtocol
import RiskModel
import VenueAPI

/// A question of the evaluator that is not answered yet.
struct PendingQuery {
  var query: Query
  var pages = OrderPages()
}

extension GatewayRole {
  /// The link to the evaluator is there. A reader that does not know the gateway's state is told
  /// all of it, the accounts from a fresh read.
  package func feedOpened(snapshotNeeded: Bool) {
    turn {
      guard snapshotNeeded || !hasReader else { return }
      hasReader = true
      contracts.forgetTold()
      heldEvents = [:]
      for hub in hubs { sayHubState(hub) }
      if let venueTime = time.time(at: now) {
        say(.venueTime(venueTime, receivedAt: ports.clock.now()))
      }
      for account in accounts { beginLife(account) }
      updateQuoteWishes()
      for contract in wishes.contracts { _ = tellContract(contract) }
      for entry in quotes.all where tellContract(entry.quote.contract) { tell(entry) }
    }
  }

  func beginLife(_ account: AccountID) {
    sayUnprotectable(account)
    guard desks[account]?.isWatched == true else { return }
    if desks[account]?.read == nil { desks[account]?.recorded = [] }
    desks[account]?.isBuffering = true
    desks[account]?.isToldUnknown = false
    desks[account]?.owesSnapshot = true
    moments.set(.patience(account), at: now + settings.reads.bufferPatience)
    wantRead(account, .full, .start)
  }

  /// What the evaluator asks for.
  package func feedRequested(_ request: FeedRequest) {
    turn {
      switch request {
      case .watch(let contracts):
        watchList = Set(contracts)
        updateQuoteWishes()
      case .readFirst(let accounts):
        noteExposed(accounts)
      case .refresh(let account):
        guard desks[account]?.isWatched == true else {
          sayUnprotectable(account)
          return
        }
        desks[account]?.owesSnapshot = true
        wantRead(account, .full, .asked)
      case .query(let id, let query):
        ask(id, query)
      }
    }
  }

  /// Tells the evaluator something that must arrive.
  func say(_ message: FeedMessage) {
    guard hasReader else { return }
    counts.messagesSent += 1
    ports.feed.send(message, .reliable)
  }

  func sendCanary() {
    moments.set(.canary, at: now + settings.canaryInterval)
    guard ports.feed.isOpen else { return }
    lastCanaryNumber += 1
    say(.canary(number: lastCanaryNumber, sentAt: now))
  }
}

// The evaluator's questions. Each gets exactly one answer; a failure is one.
extension GatewayRole {
  private func ask(_ id: QueryID, _ query: Query) {
    guard queries[id] == nil else { return }
    switch query {
    case .contract(let contract):
      if let specification = contracts.specification(of: contract) {
        answer(id, .contract(specification))
        return
      }
      send(id, query, .contractSearchByID(contract))
    case .workingOrders(let account):
      guard desks[account]?.isWatched == true else {
        answer(id, .failed("account \(account) is not watched"))
        return
      }
      send(id, query, orderRequest(account, offset: 0))
    }
  }

  private func orderRequest(_ account: AccountID, offset: Int) -> VenueRequest {
    .orderQuery(account, statuses: OrderStatus.working, offset: offset)
  }

  private func send(_ id: QueryID, _ query: Query, _ request: VenueRequest) {
    queries[id] = PendingQuery(query: query)
    moments.set(.query(id), at: now + settings.requests.queryTimeout)
    if !lane.add(.query(id), request) { answer(id, .failed("too many requests are waiting")) }
  }

  func queryAnswered(_ id: QueryID, _ reply: VenueAnswer) {
    guard var pending = queries[id] else { return }
    switch pending.query {
    case .contract(let contract):
      switch reply.decodeContract(contract) {
      case .success(let specification): answer(id, .contract(specification))
      case .failure(let error): answer(id, .failed(error.description))
      }
    case .workingOrders(let account):
      switch reply.decodeOrderPage(of: account).map({ pending.pages.pageReceived($0) }) {
      case .failure(let error), .success(.failed(let error)):
        answer(id, .failed(error.description))
      case .success(.complete(let orders)):
        answer(id, .workingOrders(orders))
      case .success(.request(let offset)):
        queries[id] = pending
        if !lane.add(.query(id), orderRequest(account, offset: offset)) {
          answer(id, .failed("too many requests are waiting"))
        }
      }
    }
  }

  func queryOverdue(_ id: QueryID) {
    guard queries[id] != nil else { return }
    lane.withdraw { $0 == .query(id) }
    answer(
      id, .failed("no answer within \(settings.requests.queryTimeout.milliseconds) ms"))
  }

  private func answer(_ id: QueryID, _ answer: QueryAnswer) {
    queries[id] = nil
    moments.clear(.query(id))
    say(.answer(id, answer, receivedAt: ports.clock.now()))
  }
}
