import RiskModel
import RiskTestKit

/// The faults that stand, and the decision whether one strikes.
struct FaultPlan {
  struct Entry {
    var number: Int
    var fault: Fault
    var seen = 0
    var struck = 0

    var isSpent: Bool { fault.count.map { struck >= $0 } ?? false }
  }

  private(set) var entries: [Entry] = []
  private(set) var struck = 0
  private var generator: SeededGenerator
  private var nextNumber = 1

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  var hasEventFaults: Bool {
    entries.contains {
      if case .hub(_, .event, _) = $0.fault.target { !$0.isSpent } else { false }
    }
  }

  @discardableResult
  mutating func add(_ fault: Fault) -> Int {
    defer { nextNumber += 1 }
    entries.removeAll(where: \.isSpent)
    entries.append(Entry(number: nextNumber, fault: fault))
    return nextNumber
  }

  mutating func clear() {
    entries = []
  }

  /// The effect on a request, from the oldest fault that strikes.
  mutating func strike(
    request operation: GatewayOperation, account: AccountID?, contract: ContractID?
  ) -> (number: Int, effect: RequestEffect)? {
    strike(account, contract) { target in
      guard case .request(let wanted, let effect) = target,
        wanted == nil || wanted == operation
      else { return nil }
      return effect
    }
  }

  /// The effect at a moment of a hub. An event fault without a kind strikes on every kind.
  mutating func strike(
    hub: VenueHub, _ moment: HubMoment, account: AccountID? = nil, contract: ContractID? = nil
  ) -> (number: Int, effect: HubEffect)? {
    strike(account, contract) { target in
      guard case .hub(hub, let wanted, let effect) = target else { return nil }
      if case .event = moment, wanted == .event(nil) { return effect }
      return wanted == moment ? effect : nil
    }
  }

  private mutating func strike<Effect>(
    _ account: AccountID?, _ contract: ContractID?, _ effect: (Fault.Target) -> Effect?
  ) -> (number: Int, effect: Effect)? {
    for index in entries.indices where !entries[index].isSpent {
      let fault = entries[index].fault
      guard let effect = effect(fault.target), fault.account == nil || fault.account == account,
        fault.contract == nil || fault.contract == contract
      else { continue }
      entries[index].seen += 1
      guard entries[index].seen > fault.skip else { continue }
      if fault.chance < Fault.certain {
        guard Int(generator.next() % UInt64(Fault.certain)) < fault.chance else { continue }
      }
      entries[index].struck += 1
      struck += 1
      return (entries[index].number, effect)
    }
    return nil
  }
}
