import Glibc
import ProcessControl
import RiskModel
import SimulatedVenue
import Supervision

// What the venue saw, what riskd logs, and the kill in between.
extension Demonstration {
  func lookAtVenue() {
    let happenings = venue.happenings(after: lastHappening)
    guard let last = happenings.last else { return killIfDue() }
    lastHappening = last.number
    let records = newRecords(happenings)
    for happening in happenings {
      var record: RequestRecord?
      if case .request(let sequence) = happening.matter { record = records[sequence] }
      if record?.path == GatewayOperation.closeContract.path {
        evaluator.closeCame(at: happening.monotonic)
      }
      let lines = narrator.tell(happening, record: record)
      // How the venue is prepared is no part of the story.
      if case .starting = state { continue }
      for line in lines { timeline.add(line) }
    }
    killIfDue()
  }

  private func newRecords(_ happenings: [Happening]) -> [Int: RequestRecord] {
    let hasRequests = happenings.contains {
      if case .request = $0.matter { true } else { false }
    }
    guard hasRequests else { return [:] }
    let new = venue.requests().filter { $0.sequence > lastRequest }
    lastRequest = new.last?.sequence ?? lastRequest
    return Dictionary(uniqueKeysWithValues: new.map { ($0.sequence, $0) })
  }

  func heard(_ line: [UInt8]) {
    let now = reactor.clock.monotonicNow()
    guard let news = LogNews(line: line) else {
      if !line.isEmpty { tell(.riskd, "says: \(String(decoding: line, as: UTF8.self))") }
      return
    }
    if case .workerReady("evaluator", let pid) = news { evaluator.ready(pid: pid) }
    guard isWorthTelling(news) else { return }
    let lines = narrator.tell(news, at: now) { [self] decision in
      decision.goal.isReached(state(of: decision.account))
    }
    for line in lines { timeline.add(line) }
  }

  /// Coming up and going down are told in one line each.
  private func isWorthTelling(_ news: LogNews) -> Bool {
    switch (state, news) {
    case (.starting, .hub), (.starting, .workerReady), (.settling, .hub), (.ending, .hub),
      (.ending, .workerStopped):
      false
    default: true
    }
  }

  /// Kills the evaluator while its closes are on their way.
  private func killIfDue() {
    let ruleIsTold = !narrator.book.incidents(of: day.acts[act].chapter).isEmpty
    guard evaluator.isDue(at: reactor.clock.monotonicNow(), ruleIsTold: ruleIsTold) else { return }
    let pid = riskd.status()?.workers.first { $0.name == .evaluator }?.pid
    if let pid, Glibc.kill(pid, SIGKILL) == 0 {
      let isOpen = venue.configuration.accounts.contains {
        !venue.positions($0.account.id).isEmpty
      }
      evaluator.killed(pid: pid, isOpen ? .inTheMiddle : .tooLate)
      let now = reactor.clock.monotonicNow()
      timeline.add(
        StoryLine(
          now, .fault, "kills the evaluator (kill -9 \(pid)) while the closes are on their way",
          place: now + Narrator.causeFirst))
    } else {
      evaluator.killed(pid: nil, .missed)
      tell(.fault, "the evaluator could not be found to be killed")
    }
  }
}
