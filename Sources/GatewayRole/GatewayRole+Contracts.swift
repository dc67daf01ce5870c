import Logging
import PeerProtocol
import RiskModel
import VenueAPI

// Contract data, told before anything that needs it.
extension GatewayRole {
  /// Makes sure that the data of a contract was told. False when what needs it has to wait.
  func tellContract(_ contract: ContractID) -> Bool {
    switch contracts.standing(of: contract) {
    case .told, .unavailable:
      return true
    case .known(let specification):
      tellSpecification(specification)
      return true
    case .awaited:
      return false
    case .unknown:
      contracts.fetchBegan(contract)
      moments.set(.contractWait(contract), at: now + settings.contractWait)
      fetchContract(contract)
      return contracts.standing(of: contract) == .unavailable
    }
  }

  private func tellSpecification(_ specification: ContractSpecification) {
    guard hasReader else { return }
    contracts.markTold(specification.id)
    say(.event(.contract(specification), receivedAt: ports.clock.now(), readAt: now))
  }

  func fetchContract(_ contract: ContractID) {
    guard lane.add(.contract(contract), .contractSearchByID(contract)) else {
      contractFailed(contract, .transport(.notSent(reason: "too many requests are waiting")))
      return
    }
  }

  func contractReceived(
    _ contract: ContractID, _ result: Result<ContractSpecification, VenueError>
  ) {
    switch result {
    case .success(let specification): contractKnown(specification)
    case .failure(let error): contractFailed(contract, error)
    }
  }

  private func contractFailed(_ contract: ContractID, _ error: VenueError) {
    let delay = retryDelay(after: contracts.fetchFailed(contract))
    logger.error("the data of contract \(contract) cannot be had: \(error)")
    moments.set(.contractRetry(contract), at: now + delay)
    contractOverdue(contract)
  }

  private func contractKnown(_ specification: ContractSpecification) {
    let isMissed = contracts.isMissed(specification.id)
    contracts.received(specification)
    moments.clear(.contractWait(specification.id))
    moments.clear(.contractRetry(specification.id))
    if isMissed, tellContract(specification.id) { release(specification.id) }
  }

  /// What waits for the contract goes on without its data.
  func contractOverdue(_ contract: ContractID) {
    moments.clear(.contractWait(contract))
    if contracts.giveUpWaiting(for: contract) { release(contract) }
  }

  private func release(_ contract: ContractID) {
    for item in heldEvents.removeValue(forKey: contract) ?? [] { tell(item) }
    if let entry = quotes.entry(of: contract) { tell(entry) }
    for account in accounts { completeRead(account) }
  }

  /// All tradable contracts in one request, so that a first sight hardly ever has to wait.
  func fetchCatalogue() {
    moments.clear(.catalogue)
    if !lane.add(.catalogue, .contractAvailable(live: false)) {
      moments.set(.catalogue, at: now + .seconds(60))
    }
  }

  func catalogueReceived(_ result: Result<ContractCatalogue, VenueError>) {
    switch result {
    case .success(let catalogue):
      isCatalogueHere = true
      catalogueFailures = 0
      if catalogue.skipped > 0 {
        logger.warning("\(catalogue.skipped) contracts of the venue's catalogue are unreadable")
      }
      for specification in catalogue.contracts { contractKnown(specification) }
      noteCatalogue(catalogue.contracts)
      moments.set(.catalogue, at: now + VenueMemory.refreshAge)
    case .failure(let error):
      logger.warning("the venue's catalogue of contracts cannot be read: \(error)")
      moments.set(.catalogue, at: now + retryDelay(after: catalogueFailures))
      catalogueFailures += 1
    }
  }
}

// Quotes.
extension GatewayRole {
  func quoteHeard(_ change: Quote, receivedAt: Instant, readAt: MonotonicInstant) {
    guard wishes.contains(change.contract) else {
      counts.foreignEvents += 1
      return
    }
    silence.heard(change.contract, at: now)
    if marketHub.hasEchoes(at: now), quotes.isOutdated(change) {
      counts.echoes += 1
      return
    }
    guard let entry = quotes.merge(change, receivedAt: receivedAt, readAt: readAt) else { return }
    counts.quotes += 1
    if tellContract(change.contract) { tell(entry) }
  }

  func tell(_ entry: QuoteBook.Entry) {
    guard hasReader else { return }
    counts.messagesSent += 1
    ports.feed.send(
      .event(.quote(entry.quote), receivedAt: entry.receivedAt, readAt: entry.readAt),
      .coalescing(entry.quote.contract))
  }

  /// Quotes of everything that is held, has working orders, or is on the evaluator's list.
  func updateQuoteWishes() {
    let needed = desks.values.reduce(into: watchList) { $0.formUnion($1.book.contracts) }
    let (added, dropped) = wishes.update(needed: needed, at: now)
    for contract in added {
      marketHub.want(.subscribeQuotes(contract))
      _ = tellContract(contract)
    }
    for contract in dropped {
      quotes.forget(contract)
      silence.forget(contract)
      unsubscribe(contract)
    }
  }

  /// Quotes of what an account holds or has working orders in. What nobody needs any more is found
  /// with the regular look at all accounts.
  func needQuotes(of account: AccountID) {
    guard let contracts = desks[account]?.book.contracts else { return }
    if !wishes.need(contracts, at: now) { updateQuoteWishes() }
  }

  func unsubscribe(_ contract: ContractID) {
    for generation in marketHub.forget(.subscribeQuotes(contract)) {
      invoke(.unsubscribeQuotes(contract), on: .market, generation: generation)
    }
  }
}
