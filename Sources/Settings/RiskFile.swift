import RiskModel
import RiskRules

/// What risk_config.yaml says.
struct RiskFile {
  static let name = "config/risk_config.yaml"

  var rulesLevel: LoggingSettings.Level
  var breachResponse: BreachResponse
  var markPrice: MarkPrice
  var absurdPrint: AbsurdPrintFilter
  /// `nil` when the file has no `rules`.
  var blocks: RuleBlocks?

  init(_ top: Section) {
    var level = LoggingSettings.Level.info
    var isStrict = false
    var mark = MarkPrice.last
    var filter = AbsurdPrintFilter.standard
    top.section("global") { global in
      let strict = global.value("strict_mode", .boolean, default: false)
      isStrict = strict.value
      if isStrict {
        global.findings.notice(
          strict.place,
          "is true: every breach of any rule closes everything and locks the account "
            + "until an administrator ends it")
      }
      level =
        global.value("logging_level", .oneOf(LoggingSettings.Level.self), default: level).value
      mark = global.value("mark_price", .oneOf(MarkPrice.self), default: mark).value
      filter = global.section("absurd_print") { $0.absurdPrint(default: filter) }
    }
    let rules = top.required("rules")
    blocks = rules.map(RuleBlocks.init)
    if let rules { blocks?.reportMissing(below: rules.place) }
    top.finish()
    rulesLevel = level
    breachResponse = isStrict ? .lockForGood : .own
    markPrice = mark
    absurdPrint = filter
  }

  /// The configuration of an account whose blocks are these. Without a file of holidays every
  /// weekday is one of trading.
  func configuration(
    _ rules: LoadedRules, main: MainFile, holidays: HolidaysFile?
  ) -> RiskConfiguration {
    RiskConfiguration(
      maxContracts: rules.maxContracts,
      maxContractsPerInstrument: rules.maxContractsPerInstrument,
      dailyRealizedLoss: rules.dailyRealizedLoss,
      dailyUnrealizedLoss: rules.dailyUnrealizedLoss,
      maxUnrealizedProfit: rules.maxUnrealizedProfit,
      tradeFrequencyLimit: rules.tradeFrequencyLimit,
      cooldownAfterLoss: rules.cooldownAfterLoss,
      noStopLossGrace: rules.noStopLossGrace,
      sessionBlockOutside: rules.sessionBlockOutside,
      authLossGuard: rules.authLossGuard,
      symbolBlocks: rules.symbolBlocks,
      tradeManagement: rules.tradeManagement,
      dailyRealizedProfit: rules.dailyRealizedProfit,
      breachResponse: breachResponse,
      markPrice: markPrice,
      tradingDay: main.system.tradingDay,
      staleThreshold: main.venue.health.staleThreshold,
      marketHours: holidays?.marketHours ?? .standard,
      failClosed: main.failClosed,
      absurdPrint: absurdPrint)
  }
}

extension Section {
  /// A nested mapping that must be there.
  func required(_ key: String) -> Section? {
    let section = nestedSection(key)
    if section == nil, entry(key) == nil {
      findings.problem(place.child(key), "is missing", "add the block")
    }
    return section
  }

  fileprivate func absurdPrint(default standard: AbsurdPrintFilter) -> AbsurdPrintFilter {
    AbsurdPrintFilter(
      ticks: value("ticks", .integer(1...100_000, unit: "ticks"), default: standard.ticks).value,
      perMille: value(
        "per_mille", .integer(1...1_000, unit: "thousandths of the price"),
        default: standard.perMille
      ).value,
      wait: value("wait", .milliseconds(0...5_000), default: standard.wait).value)
  }
}
