import PeerProtocol
import RiskModel
import RiskRules

extension EvaluatorRole {
  /// Turns a decision into what leaves once it is recorded.
  func carryOut(_ effect: Effect, revision: Int64, readAt: MonotonicInstant?) {
    switch effect {
    case .adopt(let target):
      outbox.verdicts.append(.adopt(revision: revision, target, readAt: readAt))
      if target.isLockout { outbox.needsDurability = true }
      outbox.records.append(.adopted(target))
    case .amend(let target):
      outbox.verdicts.append(.adopt(revision: revision, target, readAt: readAt))
    case .end(let id, let ending):
      outbox.verdicts.append(.end(revision: revision, id, ending))
      outbox.records.append(.ended(id, ending))
    case .breach(let breach):
      figures.breaches += 1
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
