import ProcessControl
import RiskModel
import SimulatedVenue

// The trading day, chapter by chapter.
extension Demonstration {
  /// Time to read what a chapter told.
  private static let pause = TimeSpan.seconds(2)

  func begin(act number: Int) {
    act = number
    actDeadline = nil
    let present = day.acts[number]
    narrator.begin(present.chapter)
    if present.chapter.killsEvaluator { evaluator.arm() }
    timeline.add(StoryLine(reactor.clock.monotonicNow(), .heading(present.heading)))
    stepsLeft = present.steps.count
    for step in present.steps {
      reactor.schedule(after: options.clock.realSpan(step.time)) { [weak self] in
        guard let self, case .playing = self.state else { return }
        self.perform(step.command, in: present.chapter)
        self.stepsLeft -= 1
      }
    }
  }

  /// Goes on to the next chapter when the present one has come to its end.
  func proceed() {
    guard stepsLeft == 0 else { return }
    let now = reactor.clock.monotonicNow()
    guard let deadline = actDeadline else {
      actDeadline = now + options.chapterLimit
      return
    }
    let chapter = day.acts[act].chapter
    let isSettled =
      narrator.book.isSettled(chapter) && (!chapter.killsEvaluator || evaluator.isBack)
      && !isMoving
    guard isSettled || now >= deadline else { return }
    stepsLeft = -1
    reactor.schedule(after: options.clock.realSpan(Self.pause)) { [weak self] in
      guard let self, case .playing = self.state else { return }
      if self.act + 1 < self.day.acts.count {
        self.begin(act: self.act + 1)
      } else {
        self.conclude()
      }
    }
  }

  /// Whether prices are on their way.
  private var isMoving: Bool { venue.isBusy }

  private func perform(_ command: VenueCommand, in chapter: Chapter) {
    switch command {
    case .note(let text):
      timeline.add(StoryLine(reactor.clock.monotonicNow(), .remark(text)))
      return
    case .fault(let fault):
      tell(.fault, DemoText.fault(fault))
    case .place where chapter == .reentryInGap && venue.liveConnections(.user) > 0:
      troubles.append("chapter \(chapter.rawValue): the user hub was not away when it had to be")
    default:
      break
    }
    switch venue.execute(inRealTime(command)) {
    case .placed(let order): traderOrders.insert(order)
    case .refused(let reason): troubles.append("the venue refused a step of the day: \(reason)")
    case .done: break
    }
  }

  private func inRealTime(_ command: VenueCommand) -> VenueCommand {
    guard case .move(var move) = command else { return command }
    move.duration = options.clock.realSpan(move.duration)
    move.interval = options.clock.realSpan(move.interval)
    return .move(move)
  }

  /// What the venue shows now.
  func evidence() -> VenueEvidence {
    let accounts = venue.configuration.accounts.map(\.account.id)
    let requests = venue.requests()
    let operations = requests.compactMap { GatewayOperation(path: $0.path) }
    return VenueEvidence(
      states: accounts.map(state(of:)),
      trades: accounts.flatMap { venue.trades($0) }.sorted { $0.id < $1.id },
      traderOrders: traderOrders, ordersPlaced: operations.count { $0 == .placeOrder },
      requests: requests.count, changes: operations.count(where: \.changesSomething))
  }

  func state(of account: AccountID) -> VenueState {
    VenueState(
      account: account, positions: venue.positions(account),
      workingOrders: venue.workingOrders(account))
  }
}

extension GatewayOperation {
  var changesSomething: Bool {
    switch self {
    case .closeContract, .partialCloseContract, .cancelOrder, .modifyOrder, .placeOrder: true
    default: false
    }
  }
}
