import RiskModel
import RiskRules

@testable import Enforcement

// Engine and controller, and the way between them.
extension SmallWorld {
  var standing: [Target] {
    engine.state.targets.values.map(\.target).sorted { $0.id < $1.id }
  }

  mutating func connect() {
    act(controller.evaluatorLink(isUp: true, civilTime: civil, at: now))
    act(controller.protect([account], at: now))
    act(controller.snapshot(known, at: now))
    act(
      controller.setTargets(
        standing.filter { durable.contains($0.id) },
        revision: engine.state.ordinal * 1_000, at: now))
  }

  /// What the evaluator knows of the account; it says so before it says what stands.
  private var known: AccountSnapshot {
    let state = engine.state.accounts[account]
    return AccountSnapshot(
      account: Account(id: account, name: "SMALL", balance: .zero, canTrade: true),
      positions: state?.openPositions.map(\.position) ?? [],
      workingOrders: state?.orders.values.sorted { $0.id < $1.id } ?? [], trades: [],
      startedAt: engine.state.now)
  }

  mutating func restart() {
    life += 1
    controller = SmallWorld.controller(without: setting.missing, civilTime: civil, now)
    wakeAt = nil
    // A target that was not durable is lost with the enforcer that had heard of it.
    connect()
  }

  mutating func hear(_ event: VenueEvent) {
    // The event goes on to the enforcer before anything is decided on it.
    if case .position(let position) = event, position.isFlat {
      for target in standing { flatTold[target.id, default: []].insert(position.contract) }
    }
    act(controller.venueEvent(event, at: now))
    decide(.event(event))
  }

  /// The gateway reads the account as it is now, and the evaluator passes that on.
  mutating func read() {
    let snapshot = AccountSnapshot(
      account: Account(id: account, name: "SMALL", balance: .zero, canTrade: true),
      positions: venue.open, workingOrders: venue.working, trades: [], startedAt: civil)
    act(controller.snapshot(snapshot, at: now))
    decide(.snapshot(snapshot))
  }

  /// The engine decides; what it decides is recorded and then let out.
  mutating func decide(_ input: EngineInput) {
    for (index, effect) in engine.apply(input, at: civil).enumerated() {
      let revision = engine.state.ordinal * 1_000 + Int64(index)
      switch effect {
      case .adopt(let target), .amend(let target):
        if setting.missing != .lockFirst { durable.insert(target.id) }
        act(controller.adopt(target, revision: revision, causeReadAt: nil, at: now))
        durable.insert(target.id)
      case .end(let id, _):
        act(controller.end(id, revision: revision, at: now))
      default:
        continue
      }
    }
  }

  mutating func act(_ actions: [EnforcementAction]) {
    for action in actions {
      switch action {
      case .send(let request, let id, let deadline): send(request, id, deadline)
      case .schedule(let moment): wakeAt = moment
      case .report(.proven(let target, _, _, _)): prove(target)
      case .report: continue
      case .alert: alarms += 1
      }
    }
  }

  private mutating func send(
    _ request: EnforcementRequest, _ id: RequestID, _ deadline: MonotonicInstant
  ) {
    lastSent += 1
    path.append("\(lastSent) is \(request)")
    audit(sent: request)
    travelling[lastSent] = Sent(
      life: life, id: id, request: request, deadline: deadline, sentAt: civil)
  }

  mutating func prove(_ target: Target) {
    proofs += 1
    audit(proven: target)
    if engine.state.targets[target.id] != nil { decide(.proven(target.id)) }
  }
}
