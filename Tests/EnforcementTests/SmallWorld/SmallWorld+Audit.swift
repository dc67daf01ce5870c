import RiskModel
import RiskRules

@testable import Enforcement

// What must hold in every state and of every step.
extension SmallWorld {
  private mutating func object(_ text: String) { violations.append(text) }

  /// Lock before request, and no close of what a one-shot target was told is over.
  mutating func audit(sent request: EnforcementRequest) {
    guard request.changesTheVenue, begunAt.nanos > 0 else { return }
    let asking = standing.filter { asks($0, for: request) }
    if !asking.contains(where: { durable.contains($0.id) }) {
      object("\(request) is sent before what asks for it is recorded")
    }
    guard case .close(_, let contract) = request else { return }
    let mayClose = asking.contains { target in
      target.isLockout || flatTold[target.id]?.contains(contract) != true
    }
    if !mayClose { object("\(contract) is closed although it was told to be flat since") }
    if isPermitted(contract), !asking.contains(where: \.isLockout) {
      object("the close of a permitted position is sent")
    }
  }

  /// Whether the trader has opened what the rules allow, behind a flat account.
  private func isPermitted(_ contract: ContractID) -> Bool {
    guard setting.waitsToMove, moves.count < setting.moves.count,
      setting.moves.first?.contract == contract
    else { return false }
    return venue.held(contract) != 0
  }

  private func asks(_ target: Target, for request: EnforcementRequest) -> Bool {
    switch (request, target.goal) {
    case (.close(_, let contract), .flat(let named)): contract == named
    case (.close, .flatAccount), (.close, .noNewExposure): true
    case (.partialClose(_, let contract, _), .atMost(let named, _)): contract == named
    case (.partialClose, .noNewExposure): true
    case (.cancel, _), (.modifySize, _): true
    default: false
    }
  }

  /// A reducing order of the trader's stays while there is exposure, unless a close is on its way.
  mutating func audit(arrived sent: Sent) {
    guard case .cancel(_, let id) = sent.request, let order = venue.orders[id],
      order.status.isWorking
    else { return }
    let held = venue.held(order.contract)
    guard order.side.sign * held < 0, !venue.isClosing(order.contract) else { return }
    let isClosing = travelling.values.contains { $0.request == .close(account, order.contract) }
    if !isClosing { object("the exit \(id) of \(held) is cancelled without a close") }
  }

  /// Nothing of ours enlarges or turns a position, and nothing goes below what the rule leaves.
  mutating func audit(filled order: Order, from before: Int64, to after: Int64) {
    guard abs(after) < abs(before) || !venue.ours.contains(order.id), before * after >= 0 else {
      object("order \(order.id) takes \(order.contract) from \(before) to \(after)")
      return
    }
    guard venue.ours.contains(order.id), let left = setting.leaves[order.contract] else { return }
    if abs(after) < left {
      object("\(order.contract) is reduced to \(after), below \(left)")
    }
  }

  /// What is said to be proven is so.
  mutating func audit(proven target: Target) {
    guard begunAt.nanos > 0 else { return }
    let isTrue =
      switch target.goal {
      case .flatAccount: venue.isFlat && venue.working.isEmpty
      case .flat(let contract):
        venue.held(contract) == 0 && !venue.working.contains { $0.contract == contract }
      case .atMost(let contract, let size): abs(venue.held(contract)) <= size
      default: true
      }
    // The trader may have acted since the venue was asked.
    if !isTrue, moves.count == setting.moves.count, !hasTriggered {
      object("\(target.goal) is said to be proven")
    }
  }

  private var hasTriggered: Bool {
    venue.orders.values.contains { $0.type == .stop && $0.status == .filled }
  }

  /// Flat, or an alarm, within the bound; and nothing of the trader's is touched that is permitted,
  /// unless by a close that was on its way to the venue before he opened it: it carries no size and
  /// no position, and nothing calls it back.
  mutating func auditEnd() {
    for target in standing where target.isLockout && target.goal == .flatAccount {
      if !venue.isFlat || !venue.working.isEmpty {
        object("locked, and \(venue.open.map(\.signedSize)) with \(venue.working.count) orders")
      }
    }
    for (contract, left) in setting.leaves.sorted(by: { $0.key < $1.key })
    where abs(venue.held(contract)) != left {
      object("\(contract) is \(venue.held(contract)) in the end and not \(left)")
    }
    if case .buy(let contract, let size)? = setting.moves.first, setting.waitsToMove,
      !standing.contains(where: \.isLockout), venue.held(contract) != size,
      !(wasClosingAtOpening && venue.held(contract) == 0)
    {
      object("the permitted position of \(size) became \(venue.held(contract))")
    }
  }

  mutating func auditTime() {
    if now - begunAt > SmallWorld.horizon, alarms == 0, !isAtRest {
      object("neither at rest nor an alarm")
    }
  }
}
