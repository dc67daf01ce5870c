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
        let (play, killed) = try kill(on: stage, seed: seed)
        stage.venue.stopTraffic()
        let duration = StageClock.now() - began
        try stage.awaitProtection()
        let journal = try comeToRest(stage)
        stage.check(
          stage.status()?.deathsInWindow == Self.kills,
          "\(stage.status()?.deathsInWindow ?? -1) deaths were counted")
        try stage.stopRiskd()
        try audit(stage, play, journal)
        stage.check(
          try stage.lockouts(lockedAccount) == lockouts, "the lockout is not the one of before")
        print(
          "kills: seed \(seed), \(killed), \(duration.milliseconds) ms; breaches \(play.counts), "
            + "slowest settled in \(play.slowest.milliseconds) ms; journal \(journal.rows) inputs, "
            + "\(journal.breaches.count) breaches, \(journal.trades.count) executions; venue "
            + "\(stage.venue.counters)")
      }
    }

    private func options() -> StageOptions {
      var options = StageOptions()
      options.toleratesDeaths()
      options.ignoresRequestLimit()
      options.accounts = """
        accounts:
          - account_id: 1001
            name: "SIM-50K-1001"
            rules:
              daily_realized_loss:
                loss_limit: 100000.00
          - account_id: 1002
            name: "SIM-50K-1002"
            rules:
              daily_realized_loss:
                loss_limit: 100000.00
          - account_id: 1003
            name: "SIM-50K-1003"

        """
      return options
    }

    /// Kills workers at random moments while the trader goes beyond limits.
    private func kill(
      on stage: RiskdStage, seed: UInt64
    ) throws -> (BreachPlay, [WorkerName: Int]) {
      var generator = RiskTestKit.SeededGenerator(seed: seed)
      var play = BreachPlay(account: account, lockedAccount: lockedAccount)
      var killed: [WorkerName: Int] = [:]
      var dead: Set<Int32> = []
      var due = StageClock.now()
      while dead.count < Self.kills || !play.isResting {
        try play.proceed(on: stage, with: &generator, mayBegin: dead.count < Self.kills)
        if dead.count < Self.kills, StageClock.now() >= due {
          let worker = generator.pick(WorkerName.allCases)
          if let pid = stage.pid(of: worker), !dead.contains(pid), Glibc.kill(pid, SIGKILL) == 0 {
            dead.insert(pid)
            killed[worker, default: 0] += 1
          }
          // Now and then two die at the same time.
          let pause = generator.chance(10) ? 0 : 350 + generator.below(1_000)
          due = StageClock.now() + .milliseconds(Int64(pause))
        }
        usleep(Self.tick)
      }
      return (play, killed)
    }

    /// Waits until the journal holds what the venue holds.
    private func comeToRest(_ stage: RiskdStage) throws -> JournalAudit {
      var journal = JournalAudit()
      let store = try Store.open(
        path: stage.root.database, readOnly: true, inspection: .none, now: StageClock.now())
      defer { try? store.close() }
      var differences: [String] = []
      let isAtRest = try StageClock.poll(atMost: .seconds(60)) {
        try journal.advance(store)
        differences = self.differences(stage, journal)
        let targets = try stage.oneShotTargets(account)
        if !targets.isEmpty { differences.append("open targets: \(targets.map(\.id))") }
        return differences.isEmpty
      }
      stage.check(isAtRest, "journal and venue differ: \(differences)")
      return journal
    }

    private func differences(_ stage: RiskdStage, _ journal: JournalAudit) -> [String] {
      [account, busyAccount, lockedAccount].flatMap { account -> [String] in
        var found: [String] = []
        let missing = stage.venue.trades(account).count { !journal.trades.contains($0.id) }
        if missing > 0 { found.append("\(account): \(missing) executions are missing") }
        let positions = Dictionary(
          uniqueKeysWithValues: stage.venue.positions(account).map {
            ($0.contract, $0.signedSize)
          })
        if journal.positions(account) != positions {
          found.append("\(account): holds \(positions), not \(journal.positions(account))")
        }
        let orders = Set(stage.venue.workingOrders(account).map(\.id))
        if journal.workingOrders(account) != orders {
          found.append("\(account): orders \(orders), not \(journal.workingOrders(account))")
        }
        let balance = stage.venue.account(account)?.account.balance
        if journal.balance(account) != balance {
          found.append(
            "\(account): balance \(balance.map { "\($0)" } ?? "-"), not "
              + "\(journal.balance(account).map { "\($0)" } ?? "-")")
        }
        return found
      }
    }

    private func audit(
      _ stage: RiskdStage, _ play: BreachPlay, _ journal: JournalAudit
    ) throws {
      stage.checkConduct()
      for problem in play.problems { stage.check(false, problem) }
      for account in [account, busyAccount, lockedAccount] {
        let closings = Dictionary(
          grouping: stage.audit(account).closings, by: \.contract
        ).mapValues { $0.reduce(0) { $0 + $1.size } }
        stage.check(
          closings == play.needed[account] ?? [:],
          "\(account): closed \(closings), needed \(play.needed[account] ?? [:])")
      }
      stage.check(stage.isFlat(account) && stage.isFlat(lockedAccount), "a breach is not settled")
      stage.check(play.total >= 10, "only \(play.counts) breaches")
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

extension RiskdStage {
  func oneShotTargets(_ account: AccountID) throws -> [Target] {
    try openTargets(account).filter { !$0.isLockout }
  }

  func lockouts(_ account: AccountID) throws -> [Target] {
    try openTargets(account).filter { $0.isLockout && $0.goal == .flatAccount }
  }
}
