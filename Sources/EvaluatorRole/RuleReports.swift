import RiskModel
import RiskRules
import TraderFeed

/// Every rule of an account in plain words, with its distances.
struct RuleReports {
  let view: AccountView
  let distances: [Distance]
  let configuration: RiskConfiguration

  var all: [RuleReport] {
    let enabled = Set(configuration.enabledRules)
    return RuleID.allCases.filter { $0 != .failClosed }.map { rule in
      var report = RuleReport(
        rule: rule, isEnabled: enabled.contains(rule), setting: setting(of: rule) ?? "off")
      report.unknown = report.isEnabled ? unknown(rule) : nil
      // Half of a sum is not the sum.
      let isPartial = report.unknown != nil && report.unknown == missingOpen
      let known = distances.filter { $0.rule == rule }
      report.distances = isPartial && isCombined(rule) ? [] : known.map(DistanceReport.init)
      return report
    }
  }

  private func isCombined(_ rule: RuleID) -> Bool {
    switch rule {
    case .dailyRealizedLoss: configuration.dailyRealizedLoss?.combined ?? false
    case .dailyRealizedProfit: configuration.dailyRealizedProfit?.combined ?? false
    default: false
    }
  }

  /// Why the distance of a rule is not known, or not in full.
  private func unknown(_ rule: RuleID) -> String? {
    switch rule {
    case .dailyRealizedLoss, .dailyRealizedProfit:
      if view.state.account == nil { return "the account was not read yet" }
      return isCombined(rule) ? missingOpen : nil
    case .dailyUnrealizedLoss, .maxUnrealizedProfit, .cooldownAfterLoss:
      return missingOpen
    default:
      return view.state.account == nil && rule != .sessionBlockOutside
        ? "the account was not read yet" : nil
    }
  }

  private var missingOpen: String? {
    let missing = view.state.openPositions.filter { view.openProfit(of: $0) == nil }
    guard !missing.isEmpty else { return nil }
    return "no price of " + missing.map { "\($0.position.contract)" }.joined(separator: ", ")
  }

  private func setting(of rule: RuleID) -> String? {
    switch rule {
    case .maxContracts:
      configuration.maxContracts.map { "at most \($0.limit) contracts, \($0.counting.rawValue)" }
    case .maxContractsPerInstrument:
      configuration.maxContractsPerInstrument.map { rule in
        rule.limits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
          .joined(separator: ", ")
      }
    case .dailyRealizedLoss:
      configuration.dailyRealizedLoss.map { "a loss of \($0.lossLimit) a day\(open($0.combined))" }
    case .dailyUnrealizedLoss:
      configuration.dailyUnrealizedLoss.map { rule in
        "an open loss of \(rule.lossLimit)\(rule.scope == .total ? "" : " a position")"
      }
    case .maxUnrealizedProfit:
      configuration.maxUnrealizedProfit.map { rule in
        switch rule.mode {
        case .profitTarget(let target):
          "an open profit of \(target)\(rule.scope == .total ? "" : " a position")"
        case .breakeven(let ticks): "back at zero after \(ticks) ticks of profit"
        }
      }
    case .tradeFrequencyLimit:
      configuration.tradeFrequencyLimit.map { rule in
        rule.windows.map { window in
          let span = window.span.map { "within \($0.nanos / 60_000_000_000) min" } ?? "a day"
          return "\(window.limit) trades \(span)"
        }.joined(separator: ", ")
      }
    case .cooldownAfterLoss:
      configuration.cooldownAfterLoss.map { rule in
        rule.steps.map { "\(seconds($0.cooldown)) after a loss of \($0.loss)" }
          .joined(separator: ", ")
      }
    case .noStopLossGrace:
      configuration.noStopLossGrace.map { "a stop within \(seconds($0.grace))" }
    case .sessionBlockOutside:
      configuration.sessionBlockOutside.map { rule in
        let hours = rule.plan.hours
        return "\(hours.start) to \(hours.end) \(hours.zone.identifier)"
      }
    case .authLossGuard:
      configuration.authLossGuard.map { _ in "locks while the venue forbids trading" }
    case .symbolBlocks:
      configuration.symbolBlocks.map { rule in
        rule.blocked.map(\.text).joined(separator: ", ")
      }
    case .tradeManagement:
      configuration.tradeManagement.map { rule in
        let parts = [
          rule.autoStopTicks.map { "a stop at \($0) ticks" },
          rule.breakeven.map { "break-even after \($0.triggerTicks) ticks" },
          rule.trailing.map { "a stop that follows by \($0.distanceTicks) ticks" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
      }
    case .dailyRealizedProfit:
      configuration.dailyRealizedProfit.map { "a profit of \($0.target) a day\(open($0.combined))" }
    case .failClosed: nil
    }
  }

  private func open(_ isCombined: Bool) -> String { isCombined ? ", open result included" : "" }
  private func seconds(_ span: TimeSpan) -> String { "\(span.nanos / 1_000_000_000) s" }
}

extension DistanceReport {
  fileprivate init(_ distance: Distance) {
    let subject: String? =
      switch distance.subject {
      case .account: nil
      case .contract(let contract): contract.text
      case .root(let root): root.text
      }
    let (unit, used, limit): (Unit, Int64, Int64) =
      switch distance.amount {
      case .money(let value, let limit): (.money, value.micros, limit.micros)
      case .contracts(let value, let limit): (.contracts, value, limit)
      case .trades(let value, let limit): (.trades, value, limit)
      case .time(let value, let limit): (.time, value.nanos, limit.nanos)
      }
    self.init(
      subject: subject, unit: unit, used: used, limit: limit, left: distance.left,
      percent: distance.percent)
  }
}

/// When a lockout ends, as a moment where it has one and in plain words.
struct LockoutWords {
  let endsAt: Instant?
  let ends: String

  init(target: Target, view: AccountView) {
    switch target.end {
    case .at(let instant):
      endsAt = instant
      ends = "when its time is over"
    case .dailyReset(let date):
      endsAt = view.state.tradingDay.end(of: date)
      ends = "at the daily reset"
    case .permanent:
      endsAt = nil
      ends = "when an administrator ends it"
    case .configuration:
      endsAt = nil
      ends = "when the configuration does not ask for it any more, from the next session on"
    case .tradingRestored:
      endsAt = nil
      ends = "when the venue lets the account trade again"
    case .sessionStart:
      endsAt = target.sessionPlan(view.configuration)?.nextStart(after: view.now)
      ends = "when the session begins"
    case .evaluationRestored:
      endsAt = nil
      ends = "when the rules can be evaluated again"
    case .episode:
      endsAt = nil
      ends = "when it is proven"
    }
  }
}

extension Target {
  /// The sessions that the target waits for.
  fileprivate func sessionPlan(_ configuration: RiskConfiguration) -> SessionPlan? {
    guard let rule = configuration.sessionBlockOutside else { return nil }
    guard case .outsideSession(let root?, _) = cause.reason else { return rule.plan }
    return rule.plansByRoot[root] ?? rule.plan
  }
}

extension Goal {
  /// What it means for the trader.
  var meaning: String {
    switch self {
    case .flatAccount: "no positions and no orders"
    case .flat(let contract): "no position and no orders in \(contract)"
    case .atMost(let contract, let size): "at most \(size) \(contract)"
    case .noNewExposure(let baselines):
      baselines.isEmpty ? "nothing may be opened" : "nothing may be added to what is held"
    case .cancelled(let order): "order \(order) is cancelled"
    case .protected(let contract, let stop): "a stop of \(contract) at \(stop.price)"
    }
  }
}

extension TargetEnding {
  /// How it ended, in plain words.
  var sentence: String {
    switch self {
    case .proven: "proven at the venue"
    case .episodeOver: "the position is gone"
    case .expired: "its time was over"
    case .dailyReset: "daily reset"
    case .configuration: "the configuration does not ask for it any more"
    case .tradingRestored: "the venue lets the account trade again"
    case .evaluationRestored: "the rules are evaluated again"
    case .administrator: "ended by an administrator"
    case .superseded: "a stronger one took its place"
    }
  }
}
