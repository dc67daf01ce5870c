import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// A frame that is as it has to be, and a body in it that cannot be read, twice.
  @Suite struct QuarantineTests {
    /// Workers stand still while their pipes are changed, for less than what counts as a hang; on a
    /// machine that is busy it may take too long.
    private static let attempts = 8
    private static let quick = TimeSpan.milliseconds(1_200)

    private let account = RiskdStage.account

    @Test(.enabled(if: ProcessTests.mayMount, "opening a worker's pipes needs root"))
    func `a message that breaks its link twice is one record of the history`() throws {
      var options = StageOptions()
      options.toleratesDeaths()
      try RiskdStage.play(options) { stage in
        var attempt = 0
        var damaged: Int64?
        repeat {
          attempt += 1
          guard attempt <= Self.attempts else {
            throw StageFailure("no message could be damaged twice in \(Self.attempts) attempts")
          }
          try stage.awaitProtection()
          damaged = try damageTwice(on: stage)
        } while damaged == nil
        try stage.wait(for: "the quarantine in the history") {
          try stage.history().contains { $0.event == .messageQuarantined }
        }
        try stage.wait(for: "the gap in the history") {
          try stage.history().contains { $0.event == .messageSkipped }
        }
        for (event, worker) in [
          (HistoryEntry.Event.messageQuarantined, WorkerName.gateway),
          (.messageSkipped, .evaluator),
        ] {
          let entries = try stage.history().filter { $0.event == event }
          stage.check(entries.count == 1, "\(event): \(entries.map(\.text))")
          stage.check(entries.first?.worker == worker, "\(event): \(entries)")
          stage.check(!(entries.first?.cause ?? "").isEmpty, "\(event) without a cause")
          stage.check(
            entries.first?.text.contains("\(damaged ?? 0)") == true,
            "\(event) does not name message \(damaged ?? 0): \(entries.map(\.text))")
        }
        try stage.awaitProtection()
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        // What the message would have told is read from the venue.
        _ = try stage.comeToRest([account])
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
        print("quarantine: message \(damaged ?? 0), attempt \(attempt)")
      }
    }

    /// Damages the next message of the gateway on its way, and again when it is sent once more.
    ///
    /// - Returns: Its sequence, or `nil` when the workers were too quick or too slow for that.
    private func damageTwice(on stage: RiskdStage) throws -> Int64? {
      guard let gateway = stage.pid(of: .gateway), let evaluator = stage.pid(of: .evaluator),
        let pipe = try LinkPipe.joining(gateway, to: evaluator)
      else { return nil }
      defer { for pid in [gateway, evaluator] { Standstill.end(of: pid) } }
      let readable = Set(try LinkPipe.all(.read, of: evaluator))

      guard Standstill.begin(of: evaluator) else { return nil }
      try stage.buy(account, Sample.mes, 1)
      try stage.sell(account, Sample.mes, 1)
      guard let sequence = try damage(in: pipe, from: gateway, nil) else { return nil }
      // It must not send the message again before the evaluator stands still once more.
      guard Standstill.begin(of: gateway) else { return nil }
      Standstill.end(of: evaluator)
      var fresh: LinkPipe?
      let isFresh = try StageClock.poll(atMost: Self.quick) {
        fresh = try LinkPipe.all(.read, of: evaluator).first { !readable.contains($0) }
        return fresh != nil
      }
      guard isFresh, let fresh else { return nil }
      // Its greeting has left when it is in the pipe that the gateway does not read yet.
      let hasGreeted = try StageClock.poll(atMost: Self.quick) {
        try LinkPipe.all(.write, of: evaluator).contains { $0.waiting > 0 }
      }
      guard hasGreeted else { return nil }
      guard Standstill.begin(of: evaluator) else { return nil }
      Standstill.end(of: gateway)
      return try damage(in: fresh, from: gateway, sequence)
    }

    /// Damages the first message that waits in the pipe, or the one with that sequence.
    private func damage(
      in pipe: LinkPipe, from gateway: Int32, _ wanted: Int64?
    ) throws -> Int64? {
      var found: Int64?
      _ = try pipe.change(from: gateway, atMost: Self.quick) { frames in
        let place = frames.messages.first { wanted == nil || frames.sequence(at: $0) == wanted }
        guard let place else { return false }
        found = frames.sequence(at: place)
        frames.damageBody(at: place)
        return true
      }
      return found
    }
  }
}
