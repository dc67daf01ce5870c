import NIOCore
import RiskModel

/// A scenario that is under way.
final class ScenarioRun: StartableRun {
  /// How often it looks whether the client that it waits for is there.
  private static let patience = TimeSpan.milliseconds(10)

  private let scenario: Scenario
  private unowned let floor: VenueFloor
  private let desk: CommandDesk
  private var timer: Scheduled<Void>?
  private var startedAt = VenueClock.monotonicNow()
  private var nextStep = 0

  init(_ scenario: Scenario, floor: VenueFloor) {
    self.scenario = scenario
    self.floor = floor
    desk = CommandDesk(floor: floor, clock: scenario.clock)
  }

  func start() {
    scenario.settings.apply(to: &floor.behaviour)
    for account in scenario.accounts { note(desk.execute(.account(account))) }
    for price in scenario.prices { note(desk.execute(.price(price.contract, price.change))) }
    awaitBeginning()
  }

  func stop() {
    timer?.cancel()
  }

  private func awaitBeginning() {
    guard hasBegun else {
      timer = floor.schedule(after: ScenarioRun.patience) { [self] _ in awaitBeginning() }
      return
    }
    floor.tell(.scenario("\(scenario.title) begins"))
    startedAt = VenueClock.monotonicNow()
    proceed()
  }

  private var hasBegun: Bool {
    switch scenario.beginning {
    case .atOnce: true
    case .userHub: floor.hubs.hasSubscriber(of: .user)
    case .marketHub: floor.hubs.hasSubscriber(of: .market)
    }
  }

  private func proceed() {
    let elapsed = VenueClock.monotonicNow() - startedAt
    while nextStep < scenario.steps.count {
      let step = scenario.steps[nextStep]
      let due = scenario.clock.realSpan(step.time)
      guard due <= elapsed else {
        timer = floor.schedule(after: due - elapsed) { [self] _ in proceed() }
        return
      }
      nextStep += 1
      note(desk.execute(step.command))
    }
    floor.tell(.scenario("\(scenario.title) has ended"))
    floor.ended(self)
  }

  private func note(_ outcome: CommandOutcome) {
    if case .refused(let reason) = outcome { floor.tell(.scenario("refused: \(reason)")) }
  }
}
