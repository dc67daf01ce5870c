import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// A worker of this build is greeted by one that speaks other protocol versions. What it reads is
  /// the greeting of the same build, changed on its way; two builds are not needed for it.
  @Suite struct PeerVersionTests {
    private static let attempts = 8
    private static let quick = TimeSpan.milliseconds(1_200)

    private let account = RiskdStage.account

    @Test(
      .enabled(if: ProcessTests.mayMount, "opening a worker's pipes needs root"),
      arguments: [(2, 9, false), (0, 0, false), (1, 9, true)])
    func `a peer of other versions is refused, and of overlapping ones understood`(
      least: Int, greatest: Int, isUnderstood: Bool
    ) throws {
      try RiskdStage.play { stage in
        let before = stage.pids
        var broken = 0
        var attempt = 0
        repeat {
          attempt += 1
          guard attempt <= Self.attempts else {
            throw StageFailure("no greeting could be changed in \(Self.attempts) attempts")
          }
          try stage.awaitProtection()
          broken = refusals(stage)
        } while try !greet(stage, least, greatest)
        if isUnderstood {
          try stage.awaitProtection()
          stage.check(refusals(stage) == broken, "the link was refused")
        } else {
          try stage.wait(for: "the refusal") { refusals(stage) > broken }
          try stage.awaitProtection()
        }
        stage.check(stage.pids == before, "a worker died of it: \(stage.pids)")
        try stage.buy(account, Sample.rty, 1)
        try stage.wait(for: "no RTY") { stage.isFlat(account) }
        stage.check(stage.audit(account).closed(Sample.rty) == 1, "not closed once")
        stage.checkConduct()
      }
    }

    private func refusals(_ stage: RiskdStage) -> Int {
      stage.logLines("no common protocol version").count { $0.contains("evaluator: Link broken") }
    }

    /// Lets the link of gateway and evaluator be made anew while the evaluator stands still, and
    /// changes the gateway's greeting before the evaluator reads it.
    private func greet(_ stage: RiskdStage, _ least: Int, _ greatest: Int) throws -> Bool {
      guard let gateway = stage.pid(of: .gateway), let evaluator = stage.pid(of: .evaluator),
        let back = try LinkPipe.joining(evaluator, to: gateway)
      else { return false }
      let known = Set(try LinkPipe.all(.write, of: gateway).map(\.name))
      kill(evaluator, SIGSTOP)
      defer { kill(evaluator, SIGCONT) }
      guard back.write(Array("this is no frame of any link".utf8)) else { return false }
      var fresh: LinkPipe?
      let isThere = try StageClock.poll(atMost: Self.quick) {
        fresh = try LinkPipe.all(.write, of: gateway).first {
          !known.contains($0.name) && $0.waiting > 0
        }
        return fresh != nil
      }
      guard isThere, let fresh else { return false }
      let taken = fresh.take()
      var frames = LinkFrames(taken)
      let versions = "\"versions\":{\"max\":\(greatest),\"min\":\(least)}"
      let greeting = frames?.texts.first ?? ""
      let changed = greeting.replacing(/"versions":\{[^}]*\}/, with: versions)
      if changed != greeting { frames?.texts[0] = changed }
      return fresh.write(frames?.bytes ?? taken) && changed.contains(versions)
    }
  }
}
