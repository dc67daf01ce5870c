import PeerProtocol
import RiskModel
import SimulatedVenue

// What the enforcer says is proven.
extension Auditor {
  /// What the enforcer says is proven was so when it read the account, whatever the trader does
  /// meanwhile, and is so unless the trader has acted since.
  func reported(_ report: VerdictReport) {
    world.note("reported \(String("\(report)".prefix(150)))")
    guard case .proven(let id, _, _) = report else { return }
    count("proofs")
    if let target = requests.targets[id] { checkReads(target) }
    guard let target = record.targets[id]?.target, isUndisturbed(target.account),
      !isMet(target, byAll: target.isLockout)
    else { return }
    object("\(id) \(target.goal) is said to be proven")
  }

  /// A proof is what the latest answers of the venue show. What was opened after a one-shot target
  /// was adopted is none of its business.
  private func checkReads(_ target: Target) {
    guard let positions = requests.shownPositions[target.account],
      let orders = requests.shownOrders[target.account]
    else { return object("\(target.id) is said to be proven and nothing was read") }
    count("proofs held against their reads")
    let named = (target.episodes ?? []).filter { !$0.isOver }
    let concerned = positions.filter { position in
      target.isLockout
        || named.contains {
          $0.position == position.id && ($0.side == .buy) == (position.signedSize > 0)
        }
    }
    let isShown =
      switch target.goal {
      case .flatAccount: concerned.isEmpty && (orders.isEmpty || !target.isLockout)
      case .flat(let contract):
        !concerned.contains { $0.contract == contract }
          && !(target.isLockout && orders.contains { $0.contract == contract })
      case .atMost(let contract, let size):
        concerned.allSatisfy { $0.contract != contract || $0.size <= size }
      case .cancelled(let order): !orders.contains { $0.id == order }
      case .noNewExposure(let baselines):
        concerned.allSatisfy { position in
          let allowed = baselines.first { $0.contract == position.contract }?.signedSize ?? 0
          return allowed * position.signedSize > 0 && position.size <= abs(allowed)
        }
      case .protected: true
      }
    if !isShown { object("\(target.id) \(target.goal) is said to be proven against its reads") }
  }
}
