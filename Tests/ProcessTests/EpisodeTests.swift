import RiskModel
import RiskTestKit
import SimulatedVenue
import Supervision
import Testing

extension ProcessTests {
  /// An unfinished close and the position that comes behind it.
  @Suite struct EpisodeTests {
    private let account = RiskdStage.account

    @Test(arguments: [[WorkerName.enforcer], [.evaluator], [.enforcer, .evaluator]])
    func `a restart between them leaves a permitted position alone`(dying: [WorkerName]) throws {
      var options = StageOptions()
      options.toleratesDeaths()
      try RiskdStage.play(options) { stage in
        try stage.venue.run(scenarioFile: PeerScenario.path("../entry-while-closing"))
        try stage.wait(for: "all but MNQ is closed") {
          stage.audit(account).closed(Sample.mes) == 3
            && stage.audit(account).closed(Sample.es) == 1
        }
        try stage.wait(for: "MES is entered again, and riskd knows it") {
          stage.venue.workingOrders(account).count == 1
            && stage.logLines("position \(Sample.mes) 1").count == 1
        }
        stage.check(stage.venue.signedSize(account, Sample.mnq) == 2, "MNQ is closed already")
        let dead = try dying.map { try stage.kill($0) }
        try stage.wait(for: "others in their place") {
          zip(dying, dead).allSatisfy { stage.pid(of: $0).map { $0 } != $1 } && stage.isProtecting
        }
        try stage.wait(for: "MNQ is closed as soon as it can be", atMost: .seconds(60)) {
          stage.venue.signedSize(account, Sample.mnq) == 0
        }
        try stage.wait(for: "the proof") { try stage.openTargets(account).isEmpty }
        try stage.stays("MES and its stop", during: .seconds(3)) {
          stage.venue.signedSize(account, Sample.mes) == 1
            && stage.venue.workingOrders(account).count == 1
        }
        stage.check(stage.audit(account).closed(Sample.mes) == 3, "MES was closed again")
        stage.checkConduct()
      }
    }
  }
}
