import Enforcement
import Logging
import PeerProtocol
import RiskModel

@testable import EnforcerRole

let account = AccountID(101)
let mnq = ContractID("CON.F.US.MNQ.Z25")

final class FakeClock: Clock, @unchecked Sendable {
  var monotonic = MonotonicInstant(nanos: 5_000_000_000)
  var civil = Instant(secondsSinceEpoch: 1_760_000_000)

  func now() -> Instant { civil }
  func monotonicNow() -> MonotonicInstant { monotonic }

  func advance(_ span: TimeSpan) {
    monotonic = monotonic + span
    civil = civil + span
  }
}

final class FakeVenue: EnforcementVenue {
  struct Sent: Equatable {
    var request: EnforcementRequest
    var id: RequestID
    var deadline: MonotonicInstant
  }

  var sent: [Sent] = []
  /// Called while `send` is still running.
  var onSend: ((Sent) -> Void)?

  func send(_ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant) {
    let new = Sent(request: request, id: id, deadline: deadline)
    sent.append(new)
    onSend?(new)
  }
}

final class FakeLink: VerdictLink {
  var reports: [VerdictReport] = []

  func send(_ report: VerdictReport) { reports.append(report) }
}

final class FakeTimer: EnforcerTimer {
  var wakeAt: MonotonicInstant?

  func wake(at moment: MonotonicInstant) { wakeAt = moment }
}

final class FakeReader: OpenTargetsReader {
  struct Failure: Error {}

  var result: OpenTargets?
  var calls = 0

  func openTargets() throws -> OpenTargets {
    calls += 1
    guard let result else { throw Failure() }
    return result
  }
}

struct Record: Equatable {
  var level: Logger.Level
  var message: String
  var metadata: [String: String]
}

final class RecordBox: @unchecked Sendable {
  var records: [Record] = []
}

struct RecordingHandler: LogHandler {
  let box: RecordBox
  var logLevel = Logger.Level.trace
  var metadata = Logger.Metadata()

  init(box: RecordBox) {
    self.box = box
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    box.records.append(
      Record(
        level: event.level, message: event.message.description,
        metadata: (event.metadata ?? [:]).mapValues { "\($0)" }))
  }
}

/// The role with everything around it replaced.
final class RoleBench {
  let venue = FakeVenue()
  let link = FakeLink()
  let timer = FakeTimer()
  let clock = FakeClock()
  let reader: FakeReader?
  let log = RecordBox()
  let role: EnforcerRole

  init(settings: EnforcerSettings = EnforcerSettings(), reader: FakeReader? = nil) {
    self.reader = reader
    let log = log
    role = EnforcerRole(
      venue: venue, link: link, timer: timer, clock: clock,
      logger: Logger(label: "enforcer") { _ in RecordingHandler(box: log) }, fallback: reader,
      settings: settings)
  }

  func target(_ goal: Goal, end: TargetEnd = .permanent, id: Int64 = 184) -> Target {
    Target(
      id: TargetID(inputOrdinal: id, index: 0), account: account, goal: goal,
      cause: Cause(
        rule: .dailyRealizedLoss,
        reason: .dailyLossReached(
          realized: Money(dollars: -510), open: nil, limit: Money(dollars: 500))),
      end: end, adoptedAt: clock.civil)
  }

  func position(_ signedSize: Int64) -> Position {
    Position(
      id: 1, account: account, contract: mnq, openedAt: Instant(secondsSinceEpoch: 1_759_990_000),
      signedSize: signedSize, averagePrice: Price(points: 20_000))
  }

  /// Link up, targets and accounts known, the start's reads answered.
  func begin(_ targets: [Target] = [], holding size: Int64 = 0) {
    role.start()
    role.linkChanged(isUp: true)
    role.received(.targets(revision: 1, targets))
    role.received(.accounts([account]))
    for _ in 0..<50 {
      answerReads(holding: size)
      elapse(.milliseconds(100))
    }
    role.received(.venue(.position(position(size))))
  }

  func elapse(_ span: TimeSpan) {
    let end = clock.monotonic + span
    while let next = timer.wakeAt, next <= end {
      clock.advance(next - clock.monotonic)
      timer.wakeAt = nil
      role.timerFired()
    }
    clock.advance(end - clock.monotonic)
  }

  func take(_ request: EnforcementRequest) -> FakeVenue.Sent? {
    guard let place = venue.sent.firstIndex(where: { $0.request == request }) else { return nil }
    return venue.sent.remove(at: place)
  }

  func answer(
    _ sent: FakeVenue.Sent, _ outcome: RequestOutcome, after span: TimeSpan = .milliseconds(150),
    bytesHandedAt: MonotonicInstant? = nil
  ) {
    let sentAt = clock.civil
    let handedAt = bytesHandedAt ?? clock.monotonic
    clock.advance(span)
    role.answered(
      VenueAnswer(
        id: sent.id, outcome: outcome, sentAt: sentAt, duration: span, bytesHandedAt: handedAt))
  }

  func answer(_ request: EnforcementRequest, _ outcome: RequestOutcome) {
    if let sent = take(request) { answer(sent, outcome) }
  }

  func answerReads(holding size: Int64 = 0, orders: [Order] = []) {
    while let sent = venue.sent.first(where: { !$0.request.changesTheVenue }) {
      venue.sent.removeAll { $0 == sent }
      switch sent.request {
      case .readWorkingOrders: answer(sent, .workingOrders(orders), after: .zero)
      case .readPositions: answer(sent, .positions(size == 0 ? [] : [position(size)]), after: .zero)
      default: answer(sent, .accounts([account]), after: .zero)
      }
    }
  }

  var changes: [EnforcementRequest] { venue.sent.map(\.request).filter(\.changesTheVenue) }

  var steps: [EnforcementStep] {
    link.reports.compactMap { if case .step(let step) = $0 { step } else { nil } }
  }

  var stepRecords: [Record] { log.records.filter { $0.message.hasPrefix("Enforcement") } }
}
