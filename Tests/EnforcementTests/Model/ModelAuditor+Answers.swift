import RiskModel

@testable import Enforcement

extension ModelAuditor {
  // What the venue does with it.

  mutating func applied(
    _ request: EnforcementRequest, venue: ModelVenue, movesAtSending: Int?, targets: [Target]
  ) {
    switch request {
    case .close(let account, let contract):
      let subject = Subject(account: account, contract: contract)
      // After a start a close goes out after one read of the position, also when the orders cannot be
      // read. It may then meet a closing order from before the start, which the venue answers with
      // "pending" and nothing else; one of the same life it must never meet.
      let isKnown = ordersRead.contains(account) && venue.closingByEnforcer(subject) > 0
      if isKnown || venue.isClosingInThisLife(subject) {
        object("closing orders of \(subject) overlap at the venue")
      }
    case .partialClose(let account, let contract, let size):
      let subject = Subject(account: account, contract: contract)
      if venue.closingByEnforcer(subject) > 0 {
        object("closing orders of \(subject) overlap at the venue")
      }
      let left = abs(venue.held(subject)) - size
      let isUndisturbed = movesAtSending == venue.traderMoves[subject, default: 0]
      if isUndisturbed, let ceiling = ceiling(subject, targets: targets), left < ceiling {
        object("\(subject) is reduced to \(left), below \(ceiling)")
      }
    default:
      break
    }
  }

  private func ceiling(_ subject: Subject, targets: [Target]) -> Int64? {
    targets.filter { $0.account == subject.account }.compactMap { target in
      switch target.goal {
      case .flatAccount: 0
      case .flat(let contract): contract == subject.contract ? 0 : nil
      case .atMost(let contract, let size): contract == subject.contract ? size : nil
      case .noNewExposure: 0
      case .cancelled, .protected: nil
      }
    }.min()
  }

  func informedMoves(of subject: Subject) -> Int? { informedMoves[subject] }

  // What the enforcer is answered.

  mutating func answered(
    _ request: EnforcementRequest, _ outcome: RequestOutcome, movesRead: [Subject: Int],
    subject: Subject?, askedAs: Int, sentAt: MonotonicInstant, at now: MonotonicInstant
  ) {
    sequence += 1
    if case .placeStop(let account, let contract, _, _, _, _) = request {
      placements[Subject(account: account, contract: contract)]?.answeredAt = now
    }
    switch (request, outcome) {
    case (.readWorkingOrders(let account), .workingOrders(let orders)):
      answeredOrdersReads[account] = sentAt
      ordersRead.insert(account)
      for subject in placements.keys where subject.account == account {
        placements[subject]?.read(at: sentAt)
      }
      toldOrders(orders, of: account, at: sentAt)
    case (.readPositions(let account), .positions(let positions)):
      answeredPositionsReads[account] = sentAt
      for (subject, moves) in movesRead {
        let size = positions.first { $0.contract == subject.contract }?.signedSize ?? 0
        if informedAt[subject].map({ $0 <= askedAs }) ?? true {
          informedSize[subject] = size
          informedMoves[subject] = moves
        }
        sizesRead[subject, default: []].append((size, sentAt))
      }
    case (.cancel(_, let order), .unknown), (.cancel(_, let order), .pending):
      unknownOrders[order] = now
      if let subject { forgetReads(of: subject) }
    case (_, .unknown), (_, .pending):
      guard let subject else { return }
      closings[subject]?.isAnswered = true
      unknownContracts[subject] = now
      forgetReads(of: subject)
    default:
      guard let subject else { return }
      if case .close = request { close(subject, outcome, at: now) }
      if case .partialClose = request { close(subject, outcome, at: now) }
    }
  }

  private mutating func close(
    _ subject: Subject, _ outcome: RequestOutcome, at now: MonotonicInstant
  ) {
    closings[subject]?.isAnswered = true
    closings[subject]?.isAccepted = outcome == .accepted
    closings[subject]?.answeredAt = now
  }

  private mutating func forgetReads(of subject: Subject) {
    sizesRead[subject] = []
    unsettled.insert(subject)
  }
}
