package import RiskModel

/// Where a whole set of targets comes from.
package enum TargetSource: Sendable {
  case evaluator
  /// Read from the database because the evaluator does not answer; gives way to its first set.
  case database
}

// Adopting and ending targets. Only the evaluator ends a target.
extension EnforcementController {
  /// All targets that stand. Nothing is done before the first of these.
  package mutating func setTargets(
    _ list: [Target], revision newRevision: Int64, from source: TargetSource = .evaluator,
    at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      if source == .evaluator {
        controller.evaluatorSpoke()
        controller.isReminded = false
      }
      controller.replaceTargets(list, revision: newRevision, source: source)
    }
  }

  /// One more target. `causeReadAt` is when the gateway read the event that caused it.
  package mutating func adopt(
    _ target: Target, revision newRevision: Int64, causeReadAt: MonotonicInstant?,
    at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      controller.evaluatorSpoke()
      guard let known = controller.revision, !controller.isProvisional else {
        controller.actions.append(.alert(.targetsMissing(target.id)))
        return
      }
      if newRevision >= known {
        controller.revision = newRevision
        if !controller.isRememberedAsEnded(target.id) {
          controller.open(target, causeReadAt: causeReadAt)
        }
      }
      controller.reportAdopted()
    }
  }

  /// Targets that the evaluator may have told in a message that never came: those that are not known
  /// are adopted, nothing is ended.
  package mutating func learn(
    _ list: [Target], at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      for target in list
      where !controller.targets.contains(target.id) && !controller.isRememberedAsEnded(target.id) {
        controller.open(target, causeReadAt: nil)
      }
    }
  }

  package mutating func end(
    _ target: TargetID, revision newRevision: Int64, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      controller.evaluatorSpoke()
      guard let known = controller.revision, !controller.isProvisional else { return }
      if newRevision >= known {
        controller.revision = newRevision
        controller.close(target)
      }
      controller.reportAdopted()
    }
  }

  /// The accounts to act on, all of them.
  package mutating func protect(
    _ list: [AccountID], from source: TargetSource = .evaluator, at moment: MonotonicInstant
  ) -> [EnforcementAction] {
    handle(at: moment) { controller in
      if source == .evaluator {
        controller.evaluatorSpoke()
        controller.isReminded = true
      }
      controller.protected = Set(list).sorted()
      for account in list { controller.keepAccount(account) }
      controller.accounts.updateAll { _, account in
        account.needsPlan = true
        account.toldNotOurs = false
      }
    }
  }

  private mutating func replaceTargets(
    _ list: [Target], revision newRevision: Int64, source: TargetSource
  ) {
    if source == .database, revision != nil { return }
    // The whole set counts whatever its revision: the link keeps the order, and an evaluator that
    // lost what it could not record comes back with smaller numbers and reused names.
    revision = newRevision
    isProvisional = source == .database
    let named = Set(list.map(\.id))
    for id in targets.keys where !named.contains(id) && !id.isSafetyTarget { close(id) }
    ended = RecentMap(limit: limits.endedTargets)
    for target in list {
      let isKnown = targets.contains(target.id)
      open(target, causeReadAt: nil)
      if source == .evaluator, !isKnown { narrowEpisode(of: target) }
    }
    if source == .evaluator { reportAdopted() }
    if accountList.accounts == nil, accountList.readAt == nil { accountList.readAt = now }
  }

  /// The evaluator says what it knows of the accounts before it says what stands. Where it cannot
  /// evaluate, what it knows is no measure.
  private mutating func narrowEpisode(of target: Target) {
    guard let account = accounts[target.account], account.positions.wasToldAll,
      target.cause.rule != .failClosed
    else { return }
    let working = account.orders.working.values.map(\.order)
    _ = targets.update(target.id) {
      $0.episode?.narrow(at: ordinal, venueTime: account.venueTime, working: working)
    }
  }

  private mutating func reportAdopted() {
    if let revision { actions.append(.report(.adopted(revision: revision))) }
  }

  /// A target that stands already keeps how far it has come; another one of the same name does not.
  mutating func open(_ target: Target, causeReadAt: MonotonicInstant?) {
    var target = target
    if !safeguards.contains(.episodesHandedOver) { target.episodes = nil }
    if let known = targets[target.id], known.isTending || !known.target.isSame(as: target) {
      targets[target.id] = nil
    }
    let venueTime = accounts[target.account]?.venueTime ?? PositionRow.flat.openedAt
    let isAmended: Bool? = targets.update(target.id) { open in
      open.amend(to: target, at: now)
      if !safeguards.contains(.episodeEnd) { open.episode = nil }
      open.episode?.learn(target.episodes ?? [], at: ordinal, venueTime: venueTime)
      return true
    }
    if isAmended == true {
      askAgain(target.id)
      _ = accounts.update(target.account) { $0.needsPlan = true }
      return
    }
    makeRoomForTarget()
    var open = OpenTarget(target, adoptedAs: ordinal, causeReadAt: causeReadAt, at: now)
    if !safeguards.contains(.episodeEnd) { open.episode = nil }
    keepAccount(target.account)
    for (contract, sight) in accounts[target.account]?.positions.sights ?? SortedMap() {
      open.episode?.anchor(sight.row, in: contract)
    }
    targets[target.id] = open
    _ = accounts.update(target.account) { account in
      // Of these a read also says that they are flat.
      for contract in target.contracts {
        account.contracts[contract] = account.contracts[contract] ?? account.freshControl
      }
      account.needsPlan = true
      account.reading.wantsLook = true
      account.reading.venueMayHaveChanged(at: now)
    }
  }

  /// A one-shot target that is still in the set although it was proven: the evaluator may not know.
  func needsProofAgain(_ open: OpenTarget) -> Bool { open.isProven && !open.target.isLockout }

  mutating func askAgain(_ id: TargetID) {
    guard let open = targets[id], needsProofAgain(open) else { return }
    _ = targets.update(id) { $0.isProven = false }
    _ = accounts.update(open.target.account) { account in
      account.needsPlan = true
      account.reading.passDue(by: now)
    }
  }

  mutating func close(_ id: TargetID) {
    guard let open = targets[id] else { return }
    targets[id] = nil
    if !id.isSafetyTarget { ended.insert(id, now) }
    _ = accounts.update(open.target.account) { $0.needsPlan = true }
  }

  private func isRememberedAsEnded(_ id: TargetID) -> Bool {
    ended[id].map { now - $0 < limits.endedMemory } ?? false
  }

  private mutating func makeRoomForTarget() {
    guard targets.count >= limits.targets,
      let weakest = targets.values.max(by: {
        ($0.weakness, $0.target.id) < ($1.weakness, $1.target.id)
      })
    else { return }
    targets[weakest.target.id] = nil
    actions.append(.alert(.limitReached("targets", limit: limits.targets)))
  }

  mutating func keepAccount(_ account: AccountID) {
    if !accounts.contains(account) {
      accounts[account] = AccountControl(limits: limits, at: now)
    }
  }

  /// The targets of an account, the strongest first.
  func targets(of account: AccountID) -> [OpenTarget] {
    targets.values(of: account).sorted {
      ($0.weakness, $0.target.id) < ($1.weakness, $1.target.id)
    }
  }
}

extension Target {
  /// Whether this is an amended form of `other`. Moments may lose digits in the database.
  func isSame(as other: Target) -> Bool {
    let distance = adoptedAt - other.adoptedAt
    return account == other.account && distance < .seconds(1) && distance > .seconds(-1)
  }

  /// The contracts that the target names.
  var contracts: [ContractID] {
    switch goal {
    case .flat(let contract), .atMost(let contract, _), .protected(let contract, _): [contract]
    case .flatAccount: (episodes ?? []).map(\.contract)
    case .noNewExposure, .cancelled: []
    }
  }
}
