import RiskModel
import RiskRules

extension OperationReader {
  /// TimeoutStopSec of units/riskd.service.
  private static let serviceStop = TimeSpan.seconds(45)

  /// `system`.
  func system(_ section: Section) -> (SystemSettings, FailClosedAction) {
    let zone = section.value("timezone", .zone, default: .chicago)
    let tradingDay = section.section("dailyReset") { self.tradingDay($0) }
    let shutdown = section.section("shutdown") { part in
      let grace = part.value(
        "gracePeriod", .milliseconds(100...600_000), default: .seconds(10))
      let kill = part.value(
        "forceKillAfter", .milliseconds(200...900_000), default: .seconds(30))
      part.expect(grace, kill, <, "is not below forceKillAfter", "write a shorter time")
      if kill.isSound, kill.value >= OperationReader.serviceStop {
        part.findings.notice(
          kill.place, "is beyond the 45 s after which systemd kills the service (TimeoutStopSec)")
      }
      return (grace: grace.value, kill: kill.value)
    }
    let connect = section.section("startup") { part in
      part.ignored("retryOnFailure", .boolean, because: "riskd never gives up")
      part.ignored("maxStartupRetries", .integer(0...1_000), because: "riskd never gives up")
      return part.value(
        "connectTimeout", .milliseconds(1_000...900_000), default: .seconds(30)
      ).value
    }
    let failClosed = section.value(
      "failClosed", .oneOf(FailClosedAction.self), default: .noNewExposure)
    let settings = SystemSettings(
      zone: zone.value, tradingDay: tradingDay, shutdownGrace: shutdown.grace,
      forceKillAfter: shutdown.kill, connectTimeout: connect)
    return (settings, failClosed.value)
  }

  private func tradingDay(_ section: Section) -> TradingDayRule {
    let enabled = section.value("enabled", .boolean, default: true)
    if !enabled.value {
      section.findings.problem(
        enabled.place, "is false, and a lockout until the daily reset would never end",
        "write true")
    }
    let standard = TradingDayRule.standard
    return TradingDayRule(
      resetTime: section.value("time", .timeOfDay, default: standard.resetTime).value,
      zone: section.value("timezone", .zone, default: standard.zone).value)
  }
}
