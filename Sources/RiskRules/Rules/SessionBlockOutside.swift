import RiskModel

/// RULE-009 `session_block_outside`: no trading outside the hours.
///
/// Outside its session the account is flat and locked; a symbol with hours of its own follows those
/// instead of the account's. The lockout has no end of its own: it is computed at every look from the
/// clocks and the calendar. A session that is over by either clock is over, and one begins only when
/// both clocks have reached it. Shorter hours count at once. Longer ones count from the first session
/// of the old hours that begins after the trading day of the change, or that is under way at its end,
/// so that no edit ends or shortens a lockout; nor does one that switches the rule off.
package struct SessionBlockOutside: RiskRule {
  static let id = RuleID.sessionBlockOutside
  var parameters: Parameters

  struct Memory: Equatable, Sendable, StartsEmpty {
    /// Parameters that were replaced or switched off, and the trading day of the change.
    var replaced: [Replaced] = []
    /// Whether the account's session was under way at the last look.
    var isOpen: Bool?
    /// The symbols with hours of their own whose session was under way.
    var openRoots: [SymbolRoot] = []
    /// Orders whose cancellation was asked for.
    var cancelled: [OrderID] = []
    var staying = Staying()
  }

  /// What was held when its session ended and may stay.
  struct Staying: Equatable, Sendable, StartsEmpty {
    /// Whether what is held outside the account's hours has been looked at.
    var isNoted = false
    /// The same of symbols with hours of their own.
    var notedRoots: [SymbolRoot] = []
    /// The largest sizes that are still allowed; 0 where something was held.
    var sizes: [ContractID: Int64] = [:]
  }

  struct Replaced: Equatable, Sendable, Codable {
    var parameters: Parameters
    var through: CivilDate
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    switch trigger {
    case .mark, .trade, .ownClose: return []
    case .position, .order, .account, .snapshot, .orderReading, .tick, .configuration: break
    }
    memory.forgetWhatCountsNoMore(view)
    let isOpen = isOpen(view, memory)
    let openRoots = ownRoots(memory).filter { self.isOpen($0, view, memory) }
    memory.isOpen = isOpen
    memory.openRoots = openRoots
    let working = view.state.orders
    memory.cancelled.removeAll { working[$0] == nil }
    noteStaying(view, after: trigger, &memory)
    switch parameters.action {
    case .closeAllAndLockout:
      return isOpen || !openRoots.isEmpty
        ? closedContracts(view, memory)
        : [Verdict(reason(nil, view, memory), .flatAccount, until: .sessionStart)]
    case .noNewExposure:
      guard !isOpen, openRoots.isEmpty else { return closedContracts(view, memory) }
      return [
        Verdict(reason(nil, view, memory), .noNewExposure(view.baselines), until: .sessionStart)
      ]
    case .cancelOrder:
      return cancellations(view, &memory)
    }
  }

  func releases(_ target: Target, _ view: AccountView, _ memory: Memory) -> Bool {
    switch target.goal {
    case .flatAccount, .noNewExposure:
      isOpen(view, memory) || ownRoots(memory).contains { isOpen($0, view, memory) }
    case .flat(let contract), .atMost(let contract, _):
      isOpen(contract.root, view, memory)
    case .cancelled, .protected: false
    }
  }

  func isDue(_ view: AccountView, _ memory: Memory) -> Bool {
    isOpen(view, memory) != memory.isOpen
      || ownRoots(memory).filter { isOpen($0, view, memory) } != memory.openRoots
  }

  func distances(_ view: AccountView, _ memory: Memory) -> [Distance] {
    guard memory.isOpen == true, let session = parameters.plan.session(at: view.now) else {
      return []
    }
    let amount = Distance.Amount.time(
      value: view.now - session.lowerBound, limit: session.upperBound - session.lowerBound)
    return [Distance(Self.id, .account, amount)]
  }

  /// The symbols with hours of their own, also by hours that were replaced and still count.
  private func ownRoots(_ memory: Memory) -> [SymbolRoot] {
    let all = [parameters] + memory.replaced.map(\.parameters)
    return Set(all.flatMap(\.plansByRoot.keys)).sorted()
  }

  private func isOpen(_ view: AccountView, _ memory: Memory) -> Bool {
    isOpen(view, memory, wasOpen: memory.isOpen) { $0.plan }
  }

  private func isOpen(_ root: SymbolRoot, _ view: AccountView, _ memory: Memory) -> Bool {
    let isOwn = ownRoots(memory).contains(root)
    let wasOpen = isOwn ? memory.openRoots.contains(root) : memory.isOpen
    return isOpen(view, memory, wasOpen: memory.isOpen == nil ? nil : wasOpen) { $0.plan(of: root) }
  }

  private func isOpen(
    _ view: AccountView, _ memory: Memory, wasOpen: Bool?, _ plan: (Parameters) -> SessionPlan
  ) -> Bool {
    let plans = plans(at: view.agreedNow, view, memory, plan)
    guard plans.allSatisfy({ $0.isOpen(at: view.now) }) else { return false }
    guard let venueNow = view.venueNow else { return wasOpen ?? true }
    return plans.allSatisfy { $0.isOpen(at: venueNow) }
  }

  /// Whoever trades does so inside all of these.
  private func plans(
    at moment: Instant, _ view: AccountView, _ memory: Memory, _ plan: (Parameters) -> SessionPlan
  ) -> [SessionPlan] {
    [plan(parameters)] + memory.plans(at: moment, view.state.tradingDay, plan)
  }

  private func closedContracts(_ view: AccountView, _ memory: Memory) -> [Verdict] {
    var contracts = Set(view.state.positions.keys)
    contracts.formUnion(view.state.orders.values.map(\.contract))
    return contracts.sorted().compactMap { contract in
      let root = contract.root
      guard !isOpen(root, view, memory) else { return nil }
      let own = parameters.plansByRoot[root] == nil ? nil : root
      guard parameters.action == .noNewExposure else {
        return Verdict(reason(own, view, memory), .flat(contract), until: .sessionStart)
      }
      let isNoted =
        ownRoots(memory).contains(root)
        ? memory.staying.notedRoots.contains(root) : memory.staying.isNoted
      let held = view.state.boundingSize(of: contract, at: view.now)
      let size = isNoted ? memory.staying.sizes[contract] ?? 0 : held
      let goal = size == 0 ? Goal.flat(contract) : .atMost(contract, size: abs(size))
      return Verdict(reason(own, view, memory), goal, until: .sessionStart)
    }
  }

  /// Looks once at what is open when its session is over, and follows it down from there. What was
  /// opened within the session and is only found later, after a time without events, may stay too.
  private func noteStaying(_ view: AccountView, after trigger: Trigger, _ memory: inout Memory) {
    guard parameters.action == .noNewExposure, view.state.account != nil,
      !view.state.reading.isUnknown
    else { return }
    let own = Set(ownRoots(memory))
    let openRoots = Set(memory.openRoots)
    let isAccountOpen = memory.isOpen == true
    func isOpen(_ root: SymbolRoot) -> Bool {
      own.contains(root) ? openRoots.contains(root) : isAccountOpen
    }
    func isNoted(_ root: SymbolRoot) -> Bool {
      own.contains(root) ? memory.staying.notedRoots.contains(root) : memory.staying.isNoted
    }
    memory.staying.sizes = memory.staying.sizes.filter { !isOpen($0.key.root) }
    for baseline in view.baselines {
      let contract = baseline.contract
      guard !isOpen(contract.root) else { continue }
      let openedAt = view.state.positions[contract]?.position.openedAt
      let wasOpenedInTime = openedAt.map { parameters.plan(of: contract.root).isOpen(at: $0) }
      let isFound =
        trigger == .snapshot && memory.staying.sizes[contract] == nil && wasOpenedInTime == true
      guard !isNoted(contract.root) || isFound else { continue }
      memory.staying.sizes[contract] = baseline.signedSize
    }
    memory.staying.isNoted = !isAccountOpen
    memory.staying.notedRoots = own.subtracting(openRoots).sorted()
    for (contract, allowed) in memory.staying.sizes {
      let held = view.state.boundingSize(of: contract, at: view.now)
      let bound = Baseline(contract: contract, signedSize: allowed).tightened(to: held).signedSize
      memory.staying.sizes[contract] = bound
    }
  }

  private func cancellations(_ view: AccountView, _ memory: inout Memory) -> [Verdict] {
    let orders = view.state.orders.values.sorted { $0.id < $1.id }.filter { order in
      // It waits for its entry, which is cancelled, and protects what a fill on the way would open.
      guard order.status != .suspended else { return false }
      let held = view.state.positions[order.contract]?.position
      return !memory.cancelled.contains(order.id) && held?.exitSide != order.side
        && !isOpen(order.contract.root, view, memory)
    }
    memory.cancelled += orders.map(\.id)
    return orders.map { order in
      let root = order.contract.root
      let own = parameters.plansByRoot[root] == nil ? nil : root
      return Verdict(reason(own, view, memory), .cancelled(order.id), until: .episode)
    }
  }

  private func reason(_ root: SymbolRoot?, _ view: AccountView, _ memory: Memory) -> BreachReason {
    .outsideSession(root: root, opens: opening(root, view, memory))
  }

  /// When the next session begins by all hours that count then.
  private func opening(
    _ root: SymbolRoot?, _ view: AccountView, _ memory: Memory
  ) -> Instant? {
    func plan(_ parameters: Parameters) -> SessionPlan {
      root.map { parameters.plan(of: $0) } ?? parameters.plan
    }
    func closed(at moment: Instant) -> SessionPlan? {
      plans(at: moment, view, memory, plan).first { !$0.isOpen(at: moment) }
    }
    let first = closed(at: view.agreedNow) ?? plan(parameters)
    var moment = first.nextStart(after: view.agreedNow)
    // Each set of hours may put the opening off once a day.
    for _ in 0..<SessionPlan.workdays.count * 2 {
      guard let start = moment, let plan = closed(at: start) else { return moment }
      moment = plan.nextStart(after: start)
    }
    return nil
  }
}

extension SessionBlockOutside.Memory {
  typealias Parameters = SessionBlockOutside.Parameters

  /// Other hours took the place of these, or none did.
  mutating func replaced(_ parameters: Parameters, on date: CivilDate) {
    replaced.removeAll { $0.parameters == parameters }
    replaced.append(SessionBlockOutside.Replaced(parameters: parameters, through: date))
  }

  /// The plans of replaced hours that count at a moment beside those that are configured.
  func plans(
    at moment: Instant, _ tradingDay: TradingDayRule, _ plan: (Parameters) -> SessionPlan
  ) -> [SessionPlan] {
    replaced.compactMap { replaced in
      let plan = plan(replaced.parameters)
      return moment < replaced.end(of: plan, tradingDay) ? plan : nil
    }
  }

  /// Whether what a lockout forbids is inside the hours again, for which nothing is configured now.
  func admits(
    _ target: Target, at now: Instant, venueNow: Instant, _ tradingDay: TradingDayRule
  ) -> Bool {
    let plans = plans(at: min(now, venueNow), tradingDay) { parameters in
      switch target.goal {
      case .flat(let contract), .atMost(let contract, _): parameters.plan(of: contract.root)
      case .flatAccount, .noNewExposure, .cancelled, .protected: parameters.plan
      }
    }
    return plans.allSatisfy { $0.isOpen(at: now) && $0.isOpen(at: venueNow) }
  }

  mutating func forgetWhatCountsNoMore(_ view: AccountView) {
    replaced.removeAll { item in
      let all = [item.parameters.plan] + item.parameters.plansByRoot.values
      return all.allSatisfy { view.agreedNow >= item.end(of: $0, view.state.tradingDay) }
    }
  }
}

extension SessionBlockOutside.Replaced {
  /// The next session that begins after the trading day of the change. Where one is under way then,
  /// or none comes, that is the end of the day.
  func end(of plan: SessionPlan, _ tradingDay: TradingDayRule) -> Instant {
    let dayEnd = tradingDay.end(of: through)
    return plan.isOpen(at: dayEnd) ? dayEnd : plan.nextStart(after: dayEnd) ?? dayEnd
  }
}
