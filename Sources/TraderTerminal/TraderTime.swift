import ProcessControl
import RiskModel
import TraderFeed

/// The time of a screen: the machine's, or that of the test clock by which riskd goes.
enum TraderTime {
  static func now(_ clock: any Clock, _ feed: TraderFeed?) -> Instant {
    let now = clock.now()
    guard let test = feed?.service.testClock, test.ratePerMille > 0 else { return now }
    return ClockPace(anchor: test.anchor, offset: test.offset, rate: test.ratePerMille)
      .civil(at: now)
  }
}
