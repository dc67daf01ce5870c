import Dispatch
import EvaluatorRole
import PeerProtocol
import ProcessControl
import RiskModel
import Synchronization
import Telemetry
import TraderFeed

/// Tells the monitor what traders may see: soon after a change, a few times a second at most, and once
/// a second when only time has passed.
///
/// The loop only puts the report together; its text is made on another thread, one at a time, and
/// nothing waits for it.
final class TraderPublisher {
  static let topic = "accounts"
  private static let pause = TimeSpan.milliseconds(250)
  private static let silence = TimeSpan.milliseconds(900)
  /// A report takes the longer the more accounts there are. The pause is this many times as long, so
  /// that the loop has most of its time for what is decided.
  private static let pauseOfReport: Int64 = 19

  private let outlet: TelemetryOutlet
  private let reactor: Reactor
  private let writer = DispatchQueue(label: "trader-feed")
  private let isWriting = WritingFlag()
  private var isScheduled = false
  private var nextAt: MonotonicInstant?
  private var toldAt: MonotonicInstant?
  private var told: EvaluatorReport?

  init(outlet: TelemetryOutlet, reactor: Reactor) {
    self.outlet = outlet
    self.reactor = reactor
  }

  /// Something may be different now.
  func changed(_ role: EvaluatorRole) {
    guard !isScheduled else { return }
    isScheduled = true
    let now = reactor.clock.monotonicNow()
    let wait = nextAt.map { max(.zero, $0 - now) } ?? .zero
    reactor.schedule(after: wait) { [weak self, weak role] in
      guard let self else { return }
      self.isScheduled = false
      guard let role else { return }
      self.publish(role)
    }
  }

  private func publish(_ role: EvaluatorRole) {
    let now = reactor.clock.monotonicNow()
    let report = role.report()
    let taken = reactor.clock.monotonicNow() - now
    nextAt = now + max(Self.pause, taken * Self.pauseOfReport)
    // What nobody would see the difference of is most of the work of a quiet day.
    if let told, let toldAt, now - toldAt < Self.silence, report.isSame(as: told) { return }
    // A text that is still being made is followed by the next tick's.
    guard isWriting.begin() else { return }
    told = report
    toldAt = now
    writer.async { [outlet, isWriting] in
      let line = TraderLine.line(report)
      outlet.emit(
        .news(topic: Self.topic, body: String(decoding: line.dropLast(), as: UTF8.self)))
      isWriting.end()
    }
  }
}

/// Whether a text is being made, for two threads.
private final class WritingFlag: Sendable {
  private let flag = Atomic(false)

  func begin() -> Bool {
    flag.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
  }

  func end() { flag.store(false, ordering: .releasing) }
}
