import RiskModel

// What the answers of the venue change.
extension EnforcementController {
  mutating func answer(
    _ request: RequestInFlight, _ outcome: RequestOutcome, sentAt: Instant
  ) {
    if request.request.changesTheVenue {
      answerChange(request, EnforcementController.result(of: outcome), sentAt: sentAt)
    } else {
      answerRead(request, outcome, sentAt: sentAt)
    }
  }

  /// A request that nobody answered in time is one whose outcome is unknown.
  mutating func giveUpOverdueRequests() {
    let overdue = inFlight.values.filter { now >= $0.deadline + limits.deadlineGrace }
    for request in overdue {
      inFlight[request.id] = nil
      let civilTime = Instant(nanosSinceEpoch: .max)
      let outcome: RequestOutcome =
        request.request.changesTheVenue ? .unknown("no answer") : .failed("no answer")
      answer(request, outcome, sentAt: civilTime)
    }
  }

  private static func result(of outcome: RequestOutcome) -> EnforcedStep.Result {
    switch outcome {
    case .accepted: .accepted
    case .gone: .gone
    case .refused(let refusal): .refused(refusal)
    case .pending: .unknown("pending")
    case .unknown(let reason): .unknown(reason)
    case .workingOrders, .positions, .accounts: .unknown("an answer of another kind")
    case .failed(let reason): .unknown(reason)
    }
  }

  private mutating func answerChange(
    _ request: RequestInFlight, _ result: EnforcedStep.Result, sentAt: Instant
  ) {
    guard let id = request.request.account, let contract = request.contract,
      let target = request.target
    else { preconditionFailure("Invariant: \(request.request) has an account and a target") }
    _ = accounts.update(id) { account in
      account.needsPlan = true
      account.changesInFlight -= 1
      account.changedAt = ordinal
      account.reading.venueMayHaveChanged(at: now)
      if case .unknown = result {
        let fresh = account.freshControl
        account.contracts[contract, default: fresh].unsettle(at: ordinal)
      }
    }
    count(result)
    actions.append(
      .report(
        .step(
          EnforcedStep(
            id: request.id, target: target, request: request.request, contract: contract,
            heldSize: request.heldSize, result: result, causeReadAt: request.causeReadAt))))
    judge(guardAnswered(request, result, sentAt: sentAt, contract: contract), of: id)
    if case .refused(let refusal) = result { tell(refusal, of: id, contract: contract) }
    guard result == .gone else { return }
    learnGone(request, contract: contract, sentAt: sentAt)
  }

  private mutating func guardAnswered(
    _ request: RequestInFlight, _ result: EnforcedStep.Result, sentAt: Instant,
    contract: ContractID
  ) -> GuardVerdict {
    guard let id = request.request.account else { return .nothing }
    let verdict = accounts.update(id) { account -> GuardVerdict in
      switch request.request {
      case .close, .partialClose:
        let working = account.orders.sights(in: contract).map(\.order)
        return account.control(contract) {
          $0.exit.answered(
            result, askedAt: sentAt, working: working, ordinal: ordinal, at: now, limits: limits)
        }
      case .modifySize:
        return account.control(contract) {
          $0.shrink.answered(result, ordinal: ordinal, at: now, limits: limits)
        }
      case .placeStop, .modifyStop:
        return account.control(contract) {
          $0.stop.answered(result, ordinal: ordinal, at: now, limits: limits)
        }
      case .cancel(_, let order):
        return account.cancels.update(order) {
          $0.answered(result, ordinal: ordinal, at: now, limits: limits)
        } ?? .nothing
      case .readWorkingOrders, .readPositions, .readAccounts:
        return .nothing
      }
    }
    return verdict ?? .nothing
  }

  private mutating func learnGone(
    _ request: RequestInFlight, contract: ContractID, sentAt: Instant
  ) {
    guard let id = request.request.account else { return }
    let evidence = Evidence(
      origin: .reply(askedAt: sentAt), ordinal: request.sentAs, moment: request.sentAt,
      learned: ordinal)
    switch request.request {
    case .close, .partialClose:
      let learned = accounts.update(id) { $0.positions.learnFlat(contract, evidence: evidence) }
      let change = PositionChange(
        contract: contract, before: request.heldSize, row: .flat, evidence: evidence)
      positionChanged((learned ?? nil) ?? change, of: id)
    case .cancel(_, let order), .modifySize(_, let order, _), .modifyStop(_, let order, _):
      _ = accounts.update(id) { $0.orders.learnGone(order, evidence: evidence) }
    case .placeStop, .readWorkingOrders, .readPositions, .readAccounts:
      break
    }
  }

  private mutating func count(_ result: EnforcedStep.Result) {
    switch result {
    case .accepted, .gone: break
    case .refused: figures.refusals += 1
    case .unknown: figures.unknownOutcomes += 1
    }
  }

  private mutating func tell(_ refusal: Refusal, of id: AccountID, contract: ContractID) {
    let alert = accounts.update(id) { account -> EnforcementAlert? in
      if refusal.concernsTheAccount, !account.toldRefused {
        account.toldRefused = true
        return .accountRefuses(id, refusal)
      }
      if refusal.waitsForTheMarket, account.toldMarketClosed.insert(contract).inserted {
        return .marketClosed(id, contract)
      }
      return nil
    }
    if let alert = alert ?? nil { actions.append(.alert(alert)) }
  }

  /// Counts a failure against the targets that the request was sent for.
  mutating func judge(_ verdict: GuardVerdict, of id: AccountID) {
    guard case .failed(let stamps, let problem) = verdict else { return }
    for stamp in stamps {
      guard let passes = targets.update(stamp.target, { $0.failed(stamp) }) ?? nil,
        let target = targets[stamp.target]?.target,
        passes >= limits.failedPassesBeforeAlert
      else { continue }
      if passes == limits.failedPassesBeforeAlert {
        actions.append(.alert(.failing(target, passes: passes, problem: problem)))
      }
      actions.append(.report(.failing(target, passes: passes, problem: problem)))
    }
  }
}
