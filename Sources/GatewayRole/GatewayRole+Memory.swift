import RiskModel
import VenueAPI

// What an earlier gateway learned spares this one requests, and above all their place in the
// window: events of a remembered account come before anything was asked.
extension GatewayRole {
  func remember() {
    guard let kept = ports.memory.load() else { return }
    memory = kept
    let wallTime = ports.clock.now()
    if let readAt = kept.contractsAt, VenueMemory.isFresh(readAt, at: wallTime) {
      for specification in kept.contracts { contracts.received(specification) }
      isCatalogueHere = true
      let left = readAt + VenueMemory.refreshAge - wallTime
      moments.set(.catalogue, at: now + max(left, .seconds(60)))
    }
    for account in accounts {
      guard let desk = desks[account], desk.standing == .unverified,
        kept.vouches(for: desk.configured, at: wallTime)
      else { continue }
      watch(account)
    }
  }

  /// The venue lists the account as it is configured.
  func noteVerified(_ account: AccountID) {
    guard let desk = desks[account],
      memory.verified(desk.configured, at: ports.clock.now())
    else { return }
    isMemoryChanged = true
  }

  /// Once for all that a turn has changed.
  func keepMemory() {
    guard isMemoryChanged else { return }
    isMemoryChanged = false
    ports.memory.save(memory)
  }

  func noteCatalogue(_ contracts: [ContractSpecification]) {
    memory.contracts = contracts
    memory.contractsAt = ports.clock.now()
    isMemoryChanged = true
  }
}
