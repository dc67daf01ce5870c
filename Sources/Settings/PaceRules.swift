import RiskModel
import RiskRules

/// The blocks of the rules that order a break.
extension Section {
  static let trades: ClosedRange<Int64> = 1...100_000
  /// A break may last a day.
  static let pause: ClosedRange<Int64> = 1...86_400

  func tradeFrequencyLimit() -> TradeFrequencyLimit.Parameters? {
    let enabled = required("enabled", .boolean)
    var windows = fixedWindows()
    let isWanted = enabled.value == true && windows.isEmpty
    let most = required(
      "max_trades", .integer(Section.trades, unit: "trades"),
      if: isWanted || entry("time_window_minutes") != nil)
    let minutes = required(
      "time_window_minutes", .integer(1...1_440, unit: "minutes"),
      if: isWanted || entry("max_trades") != nil)
    let cooldown = optional("cooldown_seconds", .seconds(Section.pause))
    let countBy = value("count_by", .oneOf(TradeFrequencyLimit.CountBy.self), default: .execution)
    refused("reset_time", "write system.dailyReset.time in config.yaml")
    refused("timezone", "write system.dailyReset.timezone in config.yaml")
    if let limit = most.value, let span = minutes.value {
      windows.insert(
        .init(limit: limit, span: .seconds(span * 60), cooldown: cooldown.value), at: 0)
    } else if cooldown.isPresent, !most.isPresent {
      findings.notice(cooldown.place, "has no effect without max_trades")
    }
    guard enabled.value == true, !windows.isEmpty else { return nil }
    return TradeFrequencyLimit.Parameters(windows: windows, countBy: countBy.value)
  }

  /// `limits` with their breaks in `cooldown_on_breach`.
  private func fixedWindows() -> [TradeFrequencyLimit.Window] {
    let breaks = section("cooldown_on_breach") { part in
      part.fixed("enabled", true, because: "a limit without a break would do nothing")
      return [("per_minute_breach", 60), ("per_hour_breach", 1_800), ("per_session_breach", 3_600)]
        .map { key, standard in
          part.value(key, .seconds(Section.pause), default: .seconds(standard)).value
        }
    }
    let spans: [(key: String, span: TimeSpan?)] = [
      ("per_minute", .seconds(60)), ("per_hour", .seconds(3_600)), ("per_session", nil),
    ]
    return section("limits") { part in
      zip(spans, breaks).compactMap { window, cooldown in
        part.optional(window.key, .integer(Section.trades, unit: "trades")).value.map {
          TradeFrequencyLimit.Window(limit: $0, span: window.span, cooldown: cooldown)
        }
      }
    }
  }

  func cooldownAfterLoss() -> CooldownAfterLoss.Parameters? {
    let enabled = required("enabled", .boolean)
    var steps = lossSteps()
    let isWanted = enabled.value == true && steps.isEmpty
    let loss = required(
      "loss_threshold", .lossLimit, if: isWanted || entry("cooldown_seconds") != nil)
    let cooldown = required(
      "cooldown_seconds", .seconds(Section.pause), if: isWanted || entry("loss_threshold") != nil)
    let aggregates = value("aggregate_by_order", .boolean, default: false)
    fixed(
      "allow_trading_during_cooldown", false,
      because: "a break in which trading goes on is none")
    if let amount = loss.value, let span = cooldown.value {
      steps.append((loss.place, .init(loss: amount, cooldown: span)))
    }
    checkSteps(steps)
    guard enabled.value == true, !steps.isEmpty else { return nil }
    return CooldownAfterLoss.Parameters(
      steps: steps.map(\.step), aggregatesByOrder: aggregates.value)
  }

  private func lossSteps() -> [(place: Place, step: CooldownAfterLoss.Step)] {
    sections("loss_thresholds").compactMap { part in
      defer { part.finish() }
      let loss = part.required("loss_amount", .lossLimit)
      let cooldown = part.required("cooldown_duration", .seconds(Section.pause))
      guard let amount = loss.value, let span = cooldown.value else { return nil }
      return (loss.place, .init(loss: amount, cooldown: span))
    }
  }

  /// A larger loss must not lead to a shorter break, and one loss has one break.
  private func checkSteps(_ steps: [(place: Place, step: CooldownAfterLoss.Step)]) {
    let sorted = steps.sorted { $0.step.loss < $1.step.loss }
    for (smaller, larger) in zip(sorted, sorted.dropFirst()) {
      if smaller.step.loss == larger.step.loss {
        findings.problem(
          larger.place, "\(larger.step.loss) has a break already", "keep one of the two")
      } else if smaller.step.cooldown > larger.step.cooldown {
        findings.problem(
          larger.place,
          "a loss of \(larger.step.loss) leads to a shorter break than one of "
            + "\(smaller.step.loss)", "write a break that is at least as long")
      }
    }
  }
}
