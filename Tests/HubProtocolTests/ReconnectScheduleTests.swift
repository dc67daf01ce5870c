import HubProtocol
import RiskModel
import Testing

@Suite struct ReconnectScheduleTests {
  private let plain = ReconnectSchedule.Settings(jitterPermille: 0)

  @Test func theDelaysOfTheSpecification() {
    var schedule = ReconnectSchedule(plain)
    let steps = (1...12).map { _ in schedule.lost(at: seconds(0), random: 7) }
    #expect(
      steps.map(\.delay.milliseconds) == [
        0, 2_000, 10_000, 30_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000,
      ])
    #expect(steps.map(\.attempt) == Array(1...12))
  }

  @Test func itNeverGivesUpAndTellsPeopleOnceAMinute() {
    var schedule = ReconnectSchedule(plain)
    var now = seconds(0)
    var noticed: [Int] = []
    for _ in 0..<500 {
      let step = schedule.lost(at: now, random: 0)
      if step.isCritical { noticed.append(step.attempt) }
      now = now + step.delay
    }
    #expect(noticed == Array(11...500))
  }

  @Test func noticesAreAMinuteApart() {
    var schedule = ReconnectSchedule(
      ReconnectSchedule.Settings(delays: [.seconds(1)], jitterPermille: 0, maxAttempts: 2))
    let critical = (0..<130).filter {
      schedule.lost(at: seconds(Int64($0)), random: 0).isCritical
    }
    #expect(critical == [2, 62, 122])
  }

  @Test func aConnectionThatFlapsDoesNotStartOver() {
    var schedule = ReconnectSchedule(plain)
    _ = schedule.lost(at: seconds(0), random: 0)
    schedule.connected(at: seconds(1))
    #expect(schedule.lost(at: seconds(30), random: 0).delay == .seconds(2))
    schedule.connected(at: seconds(40))
    #expect(
      schedule.lost(at: seconds(70), random: 0)
        == ReconnectSchedule.Step(attempt: 1, delay: .zero, isCritical: false))
    #expect(schedule.lost(at: seconds(200), random: 0).delay == .seconds(2))
  }

  @Test func aConnectionThatLastedEndsTheNotices() {
    var schedule = ReconnectSchedule(
      ReconnectSchedule.Settings(delays: [.seconds(1)], jitterPermille: 0, maxAttempts: 1))
    _ = schedule.lost(at: seconds(0), random: 0)
    #expect(schedule.lost(at: seconds(1), random: 0).isCritical)
    schedule.connected(at: seconds(2))
    #expect(!schedule.lost(at: seconds(40), random: 0).isCritical)
    #expect(schedule.lost(at: seconds(41), random: 0).isCritical)
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func jitterAddsAtMostItsShare(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var schedule = ReconnectSchedule()
    for least in [0, 2, 10, 30, 60, 60].map({ TimeSpan.seconds($0) }) {
      let delay = schedule.lost(at: seconds(0), random: random.next()).delay
      #expect(delay >= least && delay <= TimeSpan(nanos: least.nanos / 10 * 11), "seed \(seed)")
    }
  }

  @Test func jitterSpreadsTheAttempts() {
    var random = SeededRandom(seed: 1)
    let delays = (0..<20).map { _ in
      var schedule = ReconnectSchedule(ReconnectSchedule.Settings(delays: [.seconds(60)]))
      return schedule.lost(at: seconds(0), random: random.next()).delay
    }
    #expect(Set(delays).count == 20)
  }
}
