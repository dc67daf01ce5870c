package import RiskModel

/// Which time the simulated venue shows.
package enum VenueTime {
  /// Longer than the demonstration takes.
  private static let margin = TimeSpan.seconds(180)

  /// How far the venue's time is from the machine's: behind it shortly before a daily reset, which
  /// would otherwise end the lockout in the middle of the day. riskd unlocks when both have reached
  /// the reset.
  package static func offset(at now: Instant) -> TimeSpan {
    let left = TradingDayRule.standard.nextReset(after: now) - now
    return left < margin ? .zero - margin : .zero
  }
}
