import RiskModel

/// The contracts whose data is known, and which of them the evaluator was told.
struct ContractDirectory {
  enum Standing: Equatable {
    /// The evaluator has the data.
    case told
    /// The data is here and has to be told first.
    case known(ContractSpecification)
    /// Asked for; what needs it waits.
    case awaited
    /// Nobody has asked for it yet.
    case unknown
    /// It could not be had in time; what needs it goes on without it.
    case unavailable
  }

  private enum Fetch {
    /// Can transition to: overdue.
    case awaited
    case overdue
  }

  private var specifications: [ContractID: ContractSpecification] = [:]
  private var told: Set<ContractID> = []
  private var fetches: [ContractID: Fetch] = [:]
  private var failures: [ContractID: Int] = [:]

  func standing(of contract: ContractID) -> Standing {
    if told.contains(contract) { return .told }
    if let specification = specifications[contract] { return .known(specification) }
    switch fetches[contract] {
    case .awaited: return .awaited
    case .overdue: return .unavailable
    case nil: return .unknown
    }
  }

  mutating func fetchBegan(_ contract: ContractID) {
    if fetches[contract] == nil { fetches[contract] = .awaited }
  }

  /// What waited for the contract does not wait any longer. False when nothing did.
  mutating func giveUpWaiting(for contract: ContractID) -> Bool {
    guard case .awaited = fetches[contract] else { return false }
    fetches[contract] = .overdue
    return true
  }

  /// How many attempts in a row had failed before this one.
  mutating func fetchFailed(_ contract: ContractID) -> Int {
    let count = failures[contract, default: 0]
    failures[contract] = count + 1
    return count
  }

  /// Whether somebody waits for this contract or went on without it.
  func isMissed(_ contract: ContractID) -> Bool { fetches[contract] != nil }

  mutating func received(_ specification: ContractSpecification) {
    if specifications[specification.id] != specification { told.remove(specification.id) }
    specifications[specification.id] = specification
    fetches[specification.id] = nil
    failures[specification.id] = nil
  }

  func specification(of contract: ContractID) -> ContractSpecification? {
    specifications[contract]
  }

  mutating func markTold(_ contract: ContractID) {
    told.insert(contract)
  }

  /// A new evaluator was told nothing.
  mutating func forgetTold() {
    told = []
  }
}
