import ControlPlane
import Glibc
import RiskModel
import RiskTestKit
import SimulatedVenue
import Store
import Supervision
import Testing
import Workers

extension ProcessTests {
  /// Two hundred workers die under load, and nothing is lost or done twice.
  @Suite struct KillTests {
    private static let kills = 200
    /// A slow machine kills as often in the time of fewer breaches.
    private static let breaches = 10
    private static let ordersPerSecond = 6
    private static let quotesPerSecond = 170
    private static let tick: UInt32 = 10_000
    private static let seed: UInt64 = 20_261_122

    private let account = RiskdStage.account
    private let busyAccount = RiskdStage.otherAccount
    private let lockedAccount = RiskdStage.foreignAccount

    @Test func `two hundred kills lose nothing and do nothing twice`() throws {
      let seed = getenv("RISKD_KILL_SEED").flatMap { UInt64(String(cString: $0)) } ?? Self.seed
      let options = options()
      print("kills: seed \(seed); thresholds:\n\(options.mainLines)")
      try RiskdStage.play(options) { stage in
        try stage.realizeLoss(of: 150, lockedAccount)
        try stage.wait(for: "the lockout") { try !stage.lockouts(lockedAccount).isEmpty }
        let lockouts = try stage.lockouts(lockedAccount)
        stage.venue.startTraffic(
          TrafficPlan(
            account: busyAccount, contract: Sample.mes, ordersPerSecond: Self.ordersPerSecond,
            quotesPerSecond: Self.quotesPerSecond))
        let began = StageClock.now()
        var records = DeathRecords()
        let (play, dead) = try kill(on: stage, seed: seed, &records)
        stage.venue.stopTraffic()
        let duration = StageClock.now() - began
        try stage.awaitProtection()
        let journal = try stage.comeToRest([account, busyAccount, lockedAccount])
        stage.check(
          stage.status()?.deathsInWindow == Self.kills,
          "\(stage.status()?.deathsInWindow ?? -1) deaths were counted")
        try check(&records, of: dead, on: stage)
        try stage.stopRiskd()
        try audit(stage, play, journal)
        stage.check(
          try stage.lockouts(lockedAccount) == lockouts, "the lockout is not the one of before")
        print(
          "kills: seed \(seed), \(dead.mapValues(\.count)), \(records.entries.count) records, \(duration.milliseconds) ms; breaches \(play.counts), "
            + "slowest settled in \(play.slowest.milliseconds) ms; journal \(journal.rows) inputs, "
            + "\(journal.breaches.count) breaches, \(journal.trades.count) executions; venue "
            + "\(stage.venue.counters)")
      }
    }

    private func options() -> StageOptions {
      var options = StageOptions()
      options.toleratesDeaths()
      options.ignoresRequestLimit()
      options.protectsThreeAccounts()
      return options
    }

    /// Kills workers at random moments while the trader goes beyond limits.
    private func kill(
      on stage: RiskdStage, seed: UInt64, _ records: inout DeathRecords
    ) throws -> (BreachPlay, [WorkerName: Set<Int32>]) {
      var generator = RiskTestKit.SeededGenerator(seed: seed)
      var play = BreachPlay(account: account, lockedAccount: lockedAccount)
      var killed: [WorkerName: Set<Int32>] = [:]
      var dead: Set<Int32> = []
      var due = StageClock.now()
      while isGoingOn(dead.count, play) || !play.isResting {
        try play.proceed(on: stage, with: &generator, mayBegin: isGoingOn(dead.count, play))
        if dead.count < Self.kills, StageClock.now() >= due {
          let worker = generator.pick(WorkerName.critical)
          if let pid = stage.pid(of: worker), !dead.contains(pid), Glibc.kill(pid, SIGKILL) == 0 {
            dead.insert(pid)
            killed[worker, default: []].insert(pid)
            // The history keeps no more than what some hundred deaths say.
            if dead.count % 20 == 0, stage.status() != nil { try records.gather(stage) }
          }
          // Now and then two die at the same time.
          let pause = generator.chance(10) ? 0 : 350 + generator.below(1_000)
          due = StageClock.now() + .milliseconds(Int64(pause))
        }
        usleep(Self.tick)
      }
      return (play, killed)
    }

    /// Each of the dead has one record in the history and one in the log, with what it died of, and
    /// nobody else has.
    private func check(
      _ records: inout DeathRecords, of dead: [WorkerName: Set<Int32>], on stage: RiskdStage
    ) throws {
      try records.gather(stage)
      for problem in records.problems { stage.check(false, problem) }
      stage.check(!records.mayLack, "the history forgot deaths that nobody had read")
      let deaths = records.entries
      stage.check(deaths.count == Self.kills, "\(deaths.count) deaths are in the history")
      for (worker, pids) in dead {
        let recorded = Set(deaths.filter { $0.worker == worker }.compactMap(\.pid))
        stage.check(
          recorded == pids, "\(worker.rawValue): recorded \(recorded), killed \(pids)")
      }
      let causes = Dictionary(grouping: deaths, by: { $0.cause ?? "" }).mapValues(\.count)
      let signal = "signal 9 (SIGKILL)"
      stage.check(causes == [signal: Self.kills], "causes: \(causes)")
      let logged = stage.logLines("event=death").count { $0.contains("counted=true") }
      stage.check(logged == Self.kills, "\(logged) deaths are in the log")
      print("kills: causes \(causes), \(logged) in the log")
    }

    private func isGoingOn(_ dead: Int, _ play: BreachPlay) -> Bool {
      dead < Self.kills || play.total < Self.breaches
    }

    private func audit(
      _ stage: RiskdStage, _ play: BreachPlay, _ journal: JournalAudit
    ) throws {
      stage.checkConduct()
      play.checkClosings(of: [account, busyAccount, lockedAccount], on: stage)
      stage.check(stage.isFlat(account) && stage.isFlat(lockedAccount), "a breach is not settled")
      stage.check(play.total >= Self.breaches, "only \(play.counts) breaches")
      let breaches = journal.breaches.count { $0.account == account }
      // A blocked symbol is locked out the first time; after that it comes back.
      let wanted = (play.counts[.tooManyOfOne] ?? 0) + (play.counts[.tooManyInAll] ?? 0)
      stage.check(breaches >= wanted, "\(breaches) of \(wanted) breaches are in the journal")
      let replay = JournalReplay.verify(root: stage.root.path, asJSON: false)
      stage.check(
        replay.code == .yes && !replay.output.contains("could not be recorded"),
        "replay: \(replay.output)\(replay.complaint)")
    }
  }
}
