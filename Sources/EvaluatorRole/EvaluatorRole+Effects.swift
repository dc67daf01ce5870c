import PeerProtocol
import RiskModel
import RiskRules

extension EvaluatorRole {
  /// Turns a decision into what leaves once it is recorded.
  func carryOut(_ effect: Effect, revision: Int64, readAt: MonotonicInstant?) {
    switch effect {
    case .adopt(let target):
      outbox.verdicts.append(.adopt(revision: revision, target, readAt: readAt))
      if target.isLockout {
        outbox.needsDurability = true
        // What bars because something cannot be seen is no lockout by a rule.
        if target.cause.rule != .failClosed { figures.lockouts += 1 }
      }
      outbox.records.append(.adopted(target))
    case .amend(let target):
      outbox.verdicts.append(.adopt(revision: revision, target, readAt: readAt))
    case .end(let id, let ending):
      outbox.verdicts.append(.end(revision: revision, id, ending))
      outbox.records.append(.ended(id, ending))
    case .breach(let breach):
      figures.breaches += 1
      figures.breachesByRule[breach.rule.rawValue, default: 0] += 1
      outbox.records.append(.breach(breach))
    case .reentry(let account, let target, let contract, let count):
      figures.reentries += 1
      outbox.records.append(.reentry(account, target, contract, count))
    case .query(let id, let query):
      outbox.requests.append(.query(id, query))
    case .watch(let contracts):
      outbox.requests.append(.watch(contracts))
      markFromMemory(contracts)
    case .dailyReset(let account, let ended, let realized):
      outbox.records.append(.dailyReset(account, ended, realized))
    case .notice(let notice):
      if case .approaching = notice { figures.limitWarnings += 1 }
      outbox.records.append(.notice(notice))
    }
  }

  /// A contract that is held from now on gets the prices that were seen before.
  private func markFromMemory(_ contracts: [ContractID]) {
    for contract in contracts {
      let now = clock.now()
      guard engine.state.books[contract] == nil, let recent = quotes[contract],
        now - recent.at <= RecentQuote.lifetime
      else { continue }
      for mark in engine.marks(in: recent.quote, at: now) { arrive(.input(.mark(mark))) }
    }
  }

  func take(_ report: VerdictReport) {
    switch report {
    case .adopted(let revision):
      figures.adoptedRevision = revision
    case .step(let step):
      record(step)
      if let close = step.ownClose { apply(.ownClose(close)) }
      outbox.records.append(.step(step))
    case .proven(let target, let summary, let at):
      figures.proofs += 1
      record(Proof(target: target, summary: summary, at: at))
      outbox.records.append(.proven(target, summary))
      guard let account = engine.state.targets[target]?.target.account else { return }
      apply(.proven(target))
      if engine.state.accounts[account]?.provenFlat.isEmpty == false {
        outbox.requests.append(.refresh(account))
      }
    case .failing(let target, let passes, let problem, _):
      outbox.records.append(.failing(target, passes: passes, problem: problem))
    case .surprised(let account, _):
      outbox.requests.append(.refresh(account))
    case .canary(_, let sentAt, let enforcerAt):
      figures.canaryTrip = enforcerAt - sentAt
    }
  }
}

extension EnforcementStep {
  /// The close that the venue may have carried out because of the request.
  var ownClose: OwnClose? {
    func close(_ contract: ContractID, _ size: Int64?) -> OwnClose {
      OwnClose(
        account: account, contract: contract, size: size, sentAt: sentAt,
        repliedAt: sentAt + duration)
    }
    switch (action, outcome) {
    case (_, .refused): return nil
    case (.close(let contract), _): return close(contract, nil)
    case (.reduce(let contract, let size), _): return close(contract, size)
    case (.cancel, _), (.shrinkOrder, _), (.placeStop, _), (.moveStop, _): return nil
    }
  }
}
