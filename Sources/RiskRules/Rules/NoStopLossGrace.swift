import RiskModel

/// RULE-008 `no_stop_loss_grace`: closes a position that has no stop when its grace is over.
///
/// Any working stop on the closing side counts that would be triggered by the market going against
/// the position, wherever the entry was; so does the stop of a bracket that was told before the fill of its entry, but not
/// while that entry rests unfilled. A limit order is no stop. The grace runs from the opening, is not begun again by adding, and begins
/// anew when the last stop goes while the position stays, and with a change of sign. Stops may exist
/// that no event told about, so the venue is asked once more before anything is closed: without an
/// answer the rule asks again and does not close.
package struct NoStopLossGrace: RiskRule {
  static let id = RuleID.noStopLossGrace
  var parameters: Parameters

  /// A position that was found instead of seen opening has at least this long.
  static let shortestGrace = TimeSpan.seconds(10)

  struct Memory: Equatable, Sendable, StartsEmpty {
    var watches: [ContractID: Watch] = [:]
  }

  struct Watch: Equatable, Sendable, Codable {
    var episode: Int64
    /// When the position began to be without a stop.
    var since: Instant
    var isProtected: Bool
    /// Ordinal of the input at which the grace was seen to be over.
    var overAt: Int64?
    /// When the rule last looked.
    var seenAt: Instant
  }

  init(_ parameters: Parameters) {
    self.parameters = parameters
  }

  func evaluate(
    _ view: AccountView, after trigger: Trigger, memory: inout Memory
  ) -> [Verdict] {
    let positions = view.state.positions
    memory.watches = memory.watches.filter { positions[$0.key]?.episode == $0.value.episode }
    return view.openPositions.compactMap { held in
      let contract = held.position.contract
      var watch = memory.watches[contract] ?? begin(held, view, after: trigger)
      look(at: held, view, &watch)
      memory.watches[contract] = watch
      guard let overAt = watch.overAt, view.state.traces.orderReading.answeredFor >= overAt else {
        return nil
      }
      let seconds = (view.now - watch.since).nanos / Instant.nanosPerSecond
      return Verdict(
        .noStopLoss(contract: contract, seconds: seconds), .flat(contract), until: .episode)
    }
  }

  private func begin(
    _ held: PositionState, _ view: AccountView, after trigger: Trigger
  ) -> Watch {
    var since = view.now
    if trigger == .snapshot {
      let rest = min(parameters.grace, Self.shortestGrace)
      since = min(view.now, max(held.position.openedAt, view.now - parameters.grace + rest))
    }
    return Watch(episode: held.episode, since: since, isProtected: false, seenAt: view.now)
  }

  private func look(at held: PositionState, _ view: AccountView, _ watch: inout Watch) {
    let isProtected = isProtected(held.position, view)
    // A stop that went begins the grace anew; a clock that was set back cannot make it longer.
    if !isProtected, watch.isProtected || view.now < watch.since { watch.since = view.now }
    watch.isProtected = isProtected
    watch.seenAt = view.now
    let isOver = !isProtected && view.now - watch.since >= parameters.grace
    watch.overAt = isOver ? watch.overAt ?? view.ordinal : nil
  }

  private func isProtected(_ position: Position, _ view: AccountView) -> Bool {
    let stops = view.stopsOfWhatIsHeld(position)
    guard parameters.requiresFullCoverage else { return !stops.isEmpty }
    return stops.reduce(0) { $0 + $1.remainingSize } >= position.size
  }

  func questions(_ view: AccountView, _ memory: Memory) -> [Query] {
    let reading = view.state.traces.orderReading
    let waits = memory.watches.values.contains {
      $0.overAt.map { $0 > reading.answeredFor } ?? false
    }
    guard waits, reading.retryAt.map({ view.now >= $0 }) ?? true else { return [] }
    return [.workingOrders(view.state.id)]
  }

  func deadline(_ view: AccountView, _ memory: Memory) -> Instant? {
    let reading = view.state.traces.orderReading
    let moments = memory.watches.values.flatMap { watch -> [Instant] in
      guard !watch.isProtected else { return [] }
      if let overAt = watch.overAt {
        return overAt > reading.answeredFor ? [reading.retryAt].compactMap { $0 } : []
      }
      // Also the moments at which people are warned.
      return [7, 9, 10].map { watch.since + TimeSpan(nanos: parameters.grace.nanos / 10 * $0) }
        .filter { $0 > watch.seenAt }
    }
    return moments.min()
  }

  func distances(_ view: AccountView, _ memory: Memory) -> [Distance] {
    memory.watches.keys.sorted().compactMap { contract in
      guard let watch = memory.watches[contract], !watch.isProtected else { return nil }
      return Distance(
        Self.id, .contract(contract),
        .time(value: view.now - watch.since, limit: parameters.grace))
    }
  }
}
