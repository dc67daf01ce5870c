import RiskModel

/// When each contract's quotes were last heard, to tell a frozen stream from a quiet market.
///
/// A hub may stay connected, answer pings and say nothing (observed live, 90 s to 6 min). Doing
/// something about a contract that simply does not trade is useless, so every fruitless try
/// doubles the patience with it.
struct SilenceWatch {
  /// At most this many doublings.
  static let patienceLimit = 4

  private var heardAt: [ContractID: MonotonicInstant] = [:]
  private var fruitlessTries: [ContractID: Int] = [:]
  /// Since when a contract is held, or its subscription was renewed while it is.
  private var expectedSince: [ContractID: MonotonicInstant] = [:]
  private var openSince: [ContractID: MonotonicInstant] = [:]

  /// Quotes are expected of these contracts.
  mutating func expect(_ contracts: Set<ContractID>, at now: MonotonicInstant) {
    expectedSince = expectedSince.filter { contracts.contains($0.key) }
    for contract in contracts where expectedSince[contract] == nil { expectedSince[contract] = now }
  }

  mutating func heard(_ contract: ContractID, at now: MonotonicInstant) {
    heardAt[contract] = now
    fruitlessTries[contract] = nil
  }

  /// Something was done about the silence: it starts anew.
  mutating func tried(_ contract: ContractID, at now: MonotonicInstant) {
    expectedSince[contract] = now
    fruitlessTries[contract] = min(
      fruitlessTries[contract, default: 0] + 1, SilenceWatch.patienceLimit)
  }

  mutating func forget(_ contract: ContractID) {
    heardAt[contract] = nil
    fruitlessTries[contract] = nil
  }

  /// Silence counts from the opening of the market at the earliest.
  mutating func market(
    of contracts: Set<ContractID>, isOpen: (ContractID) -> Bool, at now: MonotonicInstant
  ) {
    let open = contracts.filter(isOpen)
    openSince = Dictionary(uniqueKeysWithValues: open.map { ($0, openSince[$0] ?? now) })
  }

  /// How long nothing was heard of an expected contract, at most since `start`; `nil` while the
  /// market is closed.
  func silence(
    of contract: ContractID, since start: MonotonicInstant, at now: MonotonicInstant
  ) -> TimeSpan? {
    guard let openSince = openSince[contract], let expectedSince = expectedSince[contract] else {
      return nil
    }
    return now - max(openSince, expectedSince, start, heardAt[contract] ?? start)
  }

  func patience(with contract: ContractID, threshold: TimeSpan) -> TimeSpan {
    threshold * (1 << Int64(fruitlessTries[contract, default: 0]))
  }

  /// Whether any of these contracts was heard within a time.
  func hasHeard(
    anyOf contracts: some Sequence<ContractID>, within span: TimeSpan, at now: MonotonicInstant
  ) -> Bool {
    contracts.contains { heardAt[$0].map { now - $0 < span } == true }
  }
}
