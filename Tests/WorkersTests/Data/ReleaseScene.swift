import EvaluatorRole
import Logging
import PeerProtocol
import RiskModel
import RiskRules
import RiskTestKit
import Store

@testable import Workers

/// The evaluator of one release: an engine and the journal that it writes, batch by batch.
final class ReleaseScene {
  let store: Store
  private let journal: StoreJournal
  private(set) var engine: RiskEngine
  private(set) var disagreements: [TargetDisagreement] = []
  var now: Instant
  /// How many effects this release has before the decisions of an input, compared with the present one.
  var shift = 0
  /// What else this release decides otherwise.
  var alter: ([Effect]) -> [Effect] = { $0 }

  init(
    _ store: Store, _ scene: DatabaseScene, engine: RiskEngine = RiskEngine(),
    owed: CommitBatch? = nil, at now: Instant = Sample.morning
  ) {
    self.store = store
    self.engine = engine
    self.now = now
    journal = StoreJournal(
      store, ballast: DiskBallast(path: scene.path + ".ballast", size: 4_096),
      logger: scene.logger, owed: owed)
    journal.disagreed = { [unowned self] in disagreements += $0 }
  }

  @discardableResult
  func send(_ input: EngineInput) throws -> [Effect] {
    let effects = alter(engine.apply(inward(input), at: now).map(outward))
    var batch = JournalBatch()
    batch.entries = [
      JournalEntry(ordinal: engine.state.ordinal, at: now, input: input, effects: effects)
    ]
    if engine.state.ordinal == 1 { batch.checkpoint = engine.state }
    try journal.commit(batch)
    return effects
  }

  private func moved(_ id: TargetID, by count: Int) -> TargetID {
    TargetID(inputOrdinal: id.inputOrdinal, index: id.index + count)
  }

  private func inward(_ input: EngineInput) -> EngineInput {
    switch input {
    case .proven(let id): .proven(moved(id, by: -shift))
    case .administrator(.endLockout(let id, let who)):
      .administrator(.endLockout(moved(id, by: -shift), by: who))
    default: input
    }
  }

  private func outward(_ effect: Effect) -> Effect {
    switch effect {
    case .adopt(var target):
      target.id = moved(target.id, by: shift)
      return .adopt(target)
    case .amend(var target):
      target.id = moved(target.id, by: shift)
      return .amend(target)
    case .end(let id, let ending): return .end(moved(id, by: shift), ending)
    case .breach(var breach):
      breach.target = moved(breach.target, by: shift)
      return .breach(breach)
    default: return effect
    }
  }

  func begin(_ rules: RiskConfiguration) throws {
    try send(.configuration([Sample.account: rules]))
    try send(.tick(venueTime: now))
    for contract in Sample.contracts { try send(.event(.contract(contract))) }
  }

  @discardableResult
  func lose(_ amount: String, id: Int64 = 1) throws -> [Effect] {
    let trade = Trade(
      id: TradeID(id), account: Sample.account, contract: Sample.mnq, executedAt: now,
      price: .at("20000"), profit: .of(amount), fees: .zero, side: .sell, size: 1,
      order: OrderID(id))
    return try send(.event(.trade(trade)))
  }

  @discardableResult
  func hold(_ contract: ContractID, _ size: Int64, id: Int64 = 1) throws -> [Effect] {
    try send(
      .event(
        .position(
          Position(
            id: id, account: Sample.account, contract: contract, openedAt: Sample.morning,
            signedSize: size, averagePrice: .at("20000")))))
  }

  /// The next trading day by both clocks.
  @discardableResult
  func beginNextDay() throws -> [Effect] {
    now = now + .seconds(8 * 3_600)
    return try send(.tick(venueTime: now))
  }

  var standing: [TargetID] { engine.state.targets.keys.sorted() }
  var targets: [Target] { standing.compactMap { engine.state.targets[$0]?.target } }
  var recorded: [Target] { get throws { try store.openTargets() } }
}

extension Effect {
  var isAboutTargets: Bool {
    switch self {
    case .adopt, .amend, .end, .breach: true
    default: false
    }
  }
}

extension [Effect] {
  var endings: [TargetEnding] {
    compactMap { if case .end(_, let ending) = $0 { ending } else { nil } }
  }
}
