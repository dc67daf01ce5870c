import ControlPlane
import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing
import Workers

extension ProcessTests {
  /// A worker dies at a system call of its own choosing between a breach and its proof: wherever
  /// that is, the breach ends flat, nothing is done twice, and no lockout is lost.
  @Suite struct KillPointTests {
    /// `RISKD_KILL_SEED` is another one.
    private static let seed: UInt64 = 20_261_122
    /// Points of each worker; `RISKD_KILL_POINTS` is another number, or `all` for every one of them.
    private static let sample = 10
    /// A way that is shorter than the one before ends before its point; so often another is drawn.
    private static let draws = 4
    private static let tick: UInt32 = 5_000

    private let account = RiskdStage.account
    private let lockedAccount = RiskdStage.foreignAccount
    private let pausedAccount = RiskdStage.otherAccount

    @Test(
      .enabled(if: ProcessTests.mayMount, "tracing the workers needs root"),
      arguments: WorkerName.critical)
    func `a worker killed at any of its system calls loses nothing`(worker: WorkerName) throws {
      var options = StageOptions()
      options.toleratesDeaths()
      options.ignoresRequestLimit()
      options.protectsThreeAccounts(pause: BreachPlay.pause)
      try RiskdStage.play(options) { stage in
        try stage.lockOut(lockedAccount)
        let lockouts = try stage.lockouts(lockedAccount)
        let seed = environment("RISKD_KILL_SEED").flatMap(UInt64.init) ?? Self.seed
        print("the \(worker.rawValue) is killed by seed \(seed)")
        var generator = RiskTestKit.SeededGenerator(seed: seed)
        var play = BreachPlay(
          account: account, lockedAccount: lockedAccount, pausedAccount: pausedAccount,
          leavesOrders: true)
        var lengths: [Int] = []
        for kind in play.kinds {
          guard
            case .counted(let calls) = try self.play(
              kind, of: &play, killing: worker, at: 0, on: stage, with: &generator)
          else { throw StageFailure("the tracer killed without a point") }
          lengths.append(calls)
        }
        // The points at which it was killed, and the shortest way seen, of each kind.
        var killed: [BreachPlay.Kind: Set<Int>] = [:]
        var shortest = Dictionary(uniqueKeysWithValues: zip(play.kinds, lengths))
        let points = points(play.kinds, lengths, &generator)
        for (kind, point) in points {
          var point = point
          for _ in 0..<Self.draws {
            let outcome = try self.play(
              kind, of: &play, killing: worker, at: point, on: stage, with: &generator)
            stage.check(
              try stage.lockouts(lockedAccount) == lockouts,
              "\(kind) at \(point), \(outcome): the lockout is not the one of before")
            if let end = play.pausedUntil {
              stage.check(
                try stage.isPaused(pausedAccount, until: end),
                "\(kind) at \(point), \(outcome): the pause until \(end) is lost")
            }
            switch outcome {
            case .killed(let number):
              stage.check(number == point, "killed at \(number), not at \(point)")
              killed[kind, default: []].insert(number)
            case .counted(let calls):
              shortest[kind] = min(calls, shortest[kind] ?? calls)
            }
            guard case .counted(let calls) = outcome, !isComplete else { break }
            let free = (1...max(1, calls)).filter { killed[kind]?.contains($0) != true }
            guard !free.isEmpty else { break }
            point = generator.pick(free)
          }
        }
        let journal = try stage.comeToRest([account, lockedAccount, pausedAccount])
        try stage.stopRiskd()
        stage.checkConduct()
        play.checkClosings(of: [account, lockedAccount, pausedAccount], on: stage)
        stage.check(
          stage.isFlat(account) && stage.isFlat(lockedAccount) && stage.isFlat(pausedAccount),
          "something is left at the venue")
        let distinct = killed.values.reduce(0) { $0 + $1.count }
        if isComplete {
          for (kind, shortest) in shortest {
            let missed = (1...max(1, shortest)).filter { killed[kind]?.contains($0) != true }
            stage.check(missed.isEmpty, "\(kind): not killed at \(missed) of \(shortest)")
          }
        } else {
          stage.check(
            distinct * 10 >= points.count * 9, "only \(distinct) of \(points.count) were killed")
        }
        let replay = JournalReplay.verify(root: stage.root.path, asJSON: false)
        stage.check(replay.code == .yes, "replay: \(replay.output)\(replay.complaint)")
        print(
          "kill points of the \(worker.rawValue), seed \(seed): \(distinct) of \(points.count) killed, "
            + "\(stage.findings.count) violations, \(journal.breaches.count) breaches, paths of "
            + "\(lengths) system calls, slowest settled in \(play.slowest.milliseconds) ms")
      }
    }

    /// Plays one breach to its proof while the worker is traced.
    private func play(
      _ kind: BreachPlay.Kind, of play: inout BreachPlay, killing worker: WorkerName,
      at point: Int, on stage: RiskdStage, with generator: inout RiskTestKit.SeededGenerator
    ) throws -> TracedWorker.Outcome {
      try stage.awaitProtection()
      try awaitProof(stage)
      guard let pid = stage.pid(of: worker) else {
        throw StageFailure("the \(worker.rawValue) has no process")
      }
      let traced = try TracedWorker(pid: pid, point: point, root: stage.root)
      try play.begin(kind, stage, &generator)
      while !play.isResting {
        try play.proceed(on: stage, with: &generator, mayBegin: false)
        usleep(Self.tick)
      }
      try awaitProof(stage)
      return try traced.end()
    }

    private func awaitProof(_ stage: RiskdStage) throws {
      try stage.wait(for: "nothing open but lockouts", atMost: .seconds(60)) {
        try stage.oneShotTargets(account).isEmpty && stage.oneShotTargets(lockedAccount).isEmpty
          && stage.oneShotTargets(pausedAccount).isEmpty
      }
    }

    private var isComplete: Bool { environment("RISKD_KILL_POINTS") == "all" }

    private func points(
      _ kinds: [BreachPlay.Kind], _ lengths: [Int],
      _ generator: inout RiskTestKit.SeededGenerator
    ) -> [(BreachPlay.Kind, Int)] {
      let paths = zip(kinds, lengths)
      let wanted = environment("RISKD_KILL_POINTS")
      if isComplete {
        return paths.flatMap { kind, length in (1...max(1, length)).map { (kind, $0) } }
      }
      // Each kind of breach in turn, no point twice.
      let ways = Array(paths)
      var drawn: [BreachPlay.Kind: Set<Int>] = [:]
      return (0..<(wanted.flatMap { Int($0) } ?? Self.sample)).compactMap { number in
        let (kind, length) = ways[number % ways.count]
        let free = (1...max(1, length)).filter { drawn[kind]?.contains($0) != true }
        guard !free.isEmpty else { return nil }
        let point = generator.pick(free)
        drawn[kind, default: []].insert(point)
        return (kind, point)
      }
    }

    private func environment(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }
    }
  }
}
