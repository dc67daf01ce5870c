@testable import Supervision
import RiskModel
import Testing

/// The limits of crash loops and the waits of restarts are settings.
@Suite struct ThresholdTests {
  private func world(_ change: (inout SupervisionSettings) -> Void) -> SupervisedWorld {
    var settings = SupervisionSettings()
    settings.backoff = [.zero]
    change(&settings)
    var world = SupervisedWorld(settings)
    world.startReady()
    return world
  }

  /// After how many deaths, so many milliseconds apart, there is a crash loop.
  private func deaths(
    of workers: [WorkerName], every pause: Int64 = 10, _ change: (inout SupervisionSettings) -> Void
  ) -> Int? {
    var world = world(change)
    for count in 1...20 {
      world.die(workers[count % workers.count], .code(1))
      if world.plan.overallState == .safeMode { return count }
      world.pass(pause)
    }
    return nil
  }

  @Test(arguments: [1, 4, 9])
  func `one worker may die so often`(limit: Int) {
    #expect(
      deaths(of: [.evaluator]) {
        $0.crashDeaths = limit
        $0.crashDeathsAll = 100
      } == limit + 1)
  }

  @Test(arguments: [2, 5, 8])
  func `all of them together may die so often`(limit: Int) {
    #expect(
      deaths(of: WorkerName.critical) {
        $0.crashDeaths = 100
        $0.crashDeathsAll = limit
      } == limit + 1)
  }

  @Test func `deaths farther apart than the window are none together`() {
    for (seconds, expected) in [(Int64(60), Optional(3)), (19, nil)] {
      #expect(
        deaths(of: [.evaluator], every: 10_000) {
          $0.crashDeaths = 2
          $0.crashDeathsAll = 100
          $0.crashWindow = .seconds(seconds)
        } == expected, "\(seconds) s")
    }
  }

  @Test func `the pauses before restarts are those of the settings`() {
    var world = world {
      $0.crashDeaths = 100
      $0.crashDeathsAll = 100
      $0.backoff = [.milliseconds(300), .milliseconds(700)]
    }
    _ = world.take()
    for pause in [300, 700, 700] as [Int64] {
      world.die(.gateway)
      world.pass(pause - 1)
      #expect(world.take() == [], "before \(pause) ms")
      world.pass(1)
      #expect(world.take().first == "spawn gateway \(world.lives[.gateway] ?? 0)", "\(pause)")
    }
  }
}
