import RiskModel
import RiskRules
import RiskTestKit
import Testing

/// Each key of the rules changes what is decided, from the line of YAML to the target.
@Suite struct RuleEffectTests {
  static let effects = counting + money + pace + hours + guards + stops + everywhere

  @Test(arguments: effects)
  func `a key in two positions leads to two decisions`(_ effect: RuleEffect) throws {
    let one = try effect.decisions(effect.one)
    let other = try effect.decisions(effect.other)
    #expect(one != other, "\(effect.key): \(one)")
  }

  private static let counting: [RuleEffect] = {
    let six: @Sendable (inout EngineScene) -> Void = { $0.hold(Sample.mnq, 6) }
    let spread: @Sendable (inout EngineScene) -> Void = {
      $0.holdAtOnce([Sample.mnq: 4, Sample.mnqNext: -3])
    }
    let three: @Sendable (inout EngineScene) -> Void = { $0.hold(Sample.mnq, 3) }
    let russell: @Sendable (inout EngineScene) -> Void = { $0.holdAtOnce([Sample.rty: 1]) }
    let all = "max_contracts"
    let each = "max_contracts_per_instrument"
    let blocks = "symbol_blocks"
    return [
      RuleEffect(all, "enabled", "{enabled: true, limit: 5}", "{enabled: false}", play: six),
      RuleEffect(
        all, "limit", "{enabled: true, limit: 5}", "{enabled: true, limit: 6}", play: six),
      RuleEffect(
        all, "count_type", "{enabled: true, limit: 5, count_type: net}",
        "{enabled: true, limit: 5, count_type: gross}", play: spread),
      RuleEffect(
        all, "enforcement", "{enabled: true, limit: 5, enforcement: close_all}",
        "{enabled: true, limit: 5, enforcement: reduce_to_limit}", play: six),
      RuleEffect(
        all, "close_all", "{enabled: true, limit: 5, close_all: true}",
        "{enabled: true, limit: 5, close_all: false, reduce_to_limit: true}", play: six),
      RuleEffect(
        all, "reduce_to_limit", "{enabled: true, limit: 5, reduce_to_limit: true}",
        "{enabled: true, limit: 5, reduce_to_limit: false}", play: six),
      RuleEffect(
        each, "enabled", "{enabled: true, limits: {MNQ: 2}}", "{enabled: false}", play: three),
      RuleEffect(
        each, "limits", "{enabled: true, limits: {MNQ: 2}}",
        "{enabled: true, limits: {ES: 2}, unknown_symbol_action: allow_unlimited}", play: three),
      RuleEffect(
        each, "limits.MNQ", "{enabled: true, limits: {MNQ: 2}}",
        "{enabled: true, limits: {MNQ: 3}}", play: three),
      RuleEffect(
        each, "unknown_symbol_action",
        "{enabled: true, limits: {MNQ: 2}, unknown_symbol_action: block}",
        "{enabled: true, limits: {MNQ: 2}, unknown_symbol_action: \"allow_with_limit:1\"}",
        play: russell),
      RuleEffect(
        each, "enforcement", "{enabled: true, limits: {MNQ: 2}, enforcement: reduce_to_limit}",
        "{enabled: true, limits: {MNQ: 2}, enforcement: close_all}", play: three),
      RuleEffect(
        blocks, "enabled", "{enabled: true, blocked_symbols: [RTY]}", "{enabled: false}",
        play: russell),
      RuleEffect(
        blocks, "blocked_symbols", "{enabled: true, blocked_symbols: [RTY]}",
        "{enabled: true, blocked_symbols: [M2K]}", play: russell),
      RuleEffect(
        blocks, "close_existing", "{enabled: true, blocked_symbols: [RTY], close_existing: true}",
        "{enabled: true, blocked_symbols: [RTY], close_existing: false}", play: russell),
    ]
  }()

  private static let money: [RuleEffect] = {
    let lose: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.trade("-499", fees: "2")
      scene.trade("-1", fees: "2")
    }
    let loseMost: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.trade("-499", fees: "2")
      scene.mark(Sample.mnq, last: "19990")
    }
    let win: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.trade("501", fees: "2")
    }
    let winMost: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.trade("499", fees: "0")
      scene.mark(Sample.mnq, last: "20010")
    }
    let fall: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.hold(Sample.es, 1, at: "5800")
      scene.mark(Sample.es, last: "5800")
      for price in ["19975", "19950", "19925", "19900", "19875", "19850"] {
        scene.mark(Sample.mnq, last: price)
      }
    }
    let rise: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.hold(Sample.es, 1, at: "5800")
      scene.mark(Sample.es, last: "5800")
      for price in ["20000.5", "20050", "20025", "20000", "19999.75"] {
        scene.mark(Sample.mnq, last: price)
      }
    }
    let loss = "daily_realized_loss"
    let profit = "daily_realized_profit"
    let open = "daily_unrealized_loss"
    let target = "max_unrealized_profit"
    return [
      RuleEffect(
        loss, "enabled", "{enabled: true, loss_limit: 500}", "{enabled: false}", play: lose),
      RuleEffect(
        loss, "loss_limit", "{enabled: true, loss_limit: 500}",
        "{enabled: true, loss_limit: 500.01}", play: lose),
      RuleEffect(
        loss, "action", "{enabled: true, loss_limit: 500, action: CLOSE_ALL_AND_LOCKOUT}",
        "{enabled: true, loss_limit: 500, action: CLOSE_ALL_POSITIONS}", play: lose),
      RuleEffect(
        loss, "lockout_until", "{enabled: true, loss_limit: 500, lockout_until: daily_reset}",
        "{enabled: true, loss_limit: 500, lockout_until: permanent}", play: lose),
      RuleEffect(
        loss, "combined", "{enabled: true, loss_limit: 500, combined: true}",
        "{enabled: true, loss_limit: 500, combined: false}", play: loseMost),
      RuleEffect(
        loss, "include_fees", "{enabled: true, loss_limit: 503, include_fees: true}",
        "{enabled: true, loss_limit: 503, include_fees: false}", play: lose),
      RuleEffect(profit, "enabled", "{enabled: true, target: 500}", "{enabled: false}", play: win),
      RuleEffect(
        profit, "target", "{enabled: true, target: 500}", "{enabled: true, target: 502}",
        play: win),
      RuleEffect(
        profit, "lockout_until", "{enabled: true, target: 500, lockout_until: daily_reset}",
        "{enabled: true, target: 500, lockout_until: permanent}", play: win),
      RuleEffect(
        profit, "combined", "{enabled: true, target: 500, combined: true}",
        "{enabled: true, target: 500, combined: false}", play: winMost),
      RuleEffect(
        profit, "include_fees", "{enabled: true, target: 500, include_fees: true}",
        "{enabled: true, target: 500, include_fees: false}", play: win),
      RuleEffect(
        open, "enabled", "{enabled: true, loss_limit: 100}", "{enabled: false}", play: fall),
      RuleEffect(
        open, "loss_limit", "{enabled: true, loss_limit: 100}", "{enabled: true, loss_limit: 400}",
        play: fall),
      RuleEffect(
        open, "scope", "{enabled: true, loss_limit: 100, scope: per_position}",
        "{enabled: true, loss_limit: 100, scope: total}", play: fall),
      RuleEffect(
        open, "action",
        "{enabled: true, loss_limit: 100, scope: total, action: CLOSE_ALL_AND_LOCKOUT}",
        "{enabled: true, loss_limit: 100, scope: total, action: CLOSE_POSITION}", play: fall),
      RuleEffect(
        open, "lockout_until",
        "{enabled: true, loss_limit: 100, scope: total, lockout_until: daily_reset}",
        "{enabled: true, loss_limit: 100, scope: total, lockout_until: permanent}", play: fall),
      RuleEffect(
        target, "enabled", "{enabled: true, profit_target: 100}", "{enabled: false}", play: rise),
      RuleEffect(
        target, "profit_target", "{enabled: true, profit_target: 100}",
        "{enabled: true, profit_target: 101}", play: rise),
      RuleEffect(
        target, "mode", "{enabled: true, profit_target: 100}", "{enabled: true, mode: breakeven}"
      ) { scene in
        scene.hold(Sample.mnq, 1)
        for price in ["20000.5", "20050"] { scene.mark(Sample.mnq, last: price) }
      },
      RuleEffect(
        target, "scope", "{enabled: true, profit_target: 100, scope: per_position}",
        "{enabled: true, profit_target: 100, scope: total}", play: rise),
      RuleEffect(
        target, "arm_after_ticks", "{enabled: true, mode: breakeven, arm_after_ticks: 200}",
        "{enabled: true, mode: breakeven, arm_after_ticks: 201}", play: rise),
    ]
  }()

  private static let pace: [RuleEffect] = {
    /// Three orders, of which the last is executed in two parts, in as many minutes.
    let trade: @Sendable (inout EngineScene) -> Void = { scene in
      for order in Int64(1)...3 {
        scene.trade(order == 2 ? "5" : nil, order: order)
        scene.wait(.seconds(20))
      }
      scene.trade(nil, order: 3)
      for _ in 0..<120 { scene.wait(.seconds(60)) }
    }
    let lose: @Sendable (inout EngineScene) -> Void = { scene in
      scene.trade("-60", order: 9)
      scene.trade("-60", order: 9)
      for _ in 0..<20 { scene.wait(.seconds(60)) }
    }
    let often = "trade_frequency_limit"
    let loss = "cooldown_after_loss"
    let two = "{enabled: true, max_trades: 2, time_window_minutes: 60}"
    var effects = [
      RuleEffect(often, "enabled", two, "{enabled: false}", play: trade),
      RuleEffect(
        often, "max_trades", two, "{enabled: true, max_trades: 3, time_window_minutes: 60}",
        play: trade),
      RuleEffect(
        often, "time_window_minutes", two,
        "{enabled: true, max_trades: 2, time_window_minutes: 90}", play: trade),
      RuleEffect(
        often, "cooldown_seconds", two,
        "{enabled: true, max_trades: 2, time_window_minutes: 60, cooldown_seconds: 600}",
        play: trade),
      RuleEffect(
        often, "count_by",
        "{enabled: true, max_trades: 3, time_window_minutes: 60, count_by: execution}",
        "{enabled: true, max_trades: 3, time_window_minutes: 60, count_by: order}", play: trade),
      RuleEffect(
        loss, "enabled", "{enabled: true, loss_threshold: 50, cooldown_seconds: 300}",
        "{enabled: false}", play: lose),
      RuleEffect(
        loss, "loss_threshold", "{enabled: true, loss_threshold: 60, cooldown_seconds: 300}",
        "{enabled: true, loss_threshold: 60.01, cooldown_seconds: 300}", play: lose),
      RuleEffect(
        loss, "cooldown_seconds", "{enabled: true, loss_threshold: 60, cooldown_seconds: 300}",
        "{enabled: true, loss_threshold: 60, cooldown_seconds: 301}", play: lose),
      RuleEffect(
        loss, "aggregate_by_order",
        "{enabled: true, loss_threshold: 100, cooldown_seconds: 300, aggregate_by_order: true}",
        "{enabled: true, loss_threshold: 100, cooldown_seconds: 300, aggregate_by_order: false}",
        play: lose),
      RuleEffect(
        loss, "loss_thresholds[].loss_amount",
        "{enabled: true, loss_thresholds: [{loss_amount: 60, cooldown_duration: 60}]}",
        "{enabled: true, loss_thresholds: [{loss_amount: 61, cooldown_duration: 60}]}", play: lose),
      RuleEffect(
        loss, "loss_thresholds[].cooldown_duration",
        "{enabled: true, loss_thresholds: [{loss_amount: 60, cooldown_duration: 60}]}",
        "{enabled: true, loss_thresholds: [{loss_amount: 60, cooldown_duration: 90}]}", play: lose),
    ]
    for (window, pause) in [
      ("per_minute", "per_minute_breach"), ("per_hour", "per_hour_breach"),
      ("per_session", "per_session_breach"),
    ] {
      effects += [
        RuleEffect(
          often, "limits.\(window)", "{enabled: true, limits: {\(window): 2}}",
          "{enabled: true, limits: {\(window): 9}}", play: trade),
        RuleEffect(
          often, "cooldown_on_breach.\(pause)",
          "{enabled: true, limits: {\(window): 2}, cooldown_on_breach: {\(pause): 70}}",
          "{enabled: true, limits: {\(window): 2}, cooldown_on_breach: {\(pause): 80}}",
          play: trade),
      ]
    }
    return effects
  }()

  private static let hours: [RuleEffect] = {
    /// Wednesday from ten in the morning on, then the night and the next day, with a position.
    let day: @Sendable (inout EngineScene) -> Void = { scene in
      scene.holdAtOnce([Sample.mnq: 1, Sample.es: 1])
      for _ in 0..<120 {
        scene.wait(.seconds(1_800))
        scene.mark(Sample.mnq, last: "20000")
      }
    }
    let rule = "session_block_outside"
    func block(
      _ start: String = "08:30", _ end: String = "15:00", more: String = "",
      holidays: Bool = false
    ) -> String {
      "{enabled: true, allowed_hours: {start: \"\(start)\", end: \"\(end)\"}, "
        + "respect_holidays: \(holidays)\(more.isEmpty ? "" : ", " + more)}"
    }
    let christmas = "holidays: [2026-11-19]\n"
    return [
      RuleEffect(rule, "enabled", block(), "{enabled: false}", play: day),
      RuleEffect(rule, "allowed_hours.start", block(), block("09:00"), play: day),
      RuleEffect(rule, "allowed_hours.end", block(), block("08:30", "14:00"), play: day),
      RuleEffect(
        rule, "timezone", block(), block(more: "timezone: America/New_York"), play: day),
      RuleEffect(rule, "allowed_days", block(), block(more: "allowed_days: [2]"), play: day),
      RuleEffect(
        rule, "action", block(), block(more: "action: CANCEL_ORDER"), play: day),
      RuleEffect(
        rule, "close_positions_at_session_end", block(),
        block(more: "close_positions_at_session_end: false"), play: day),
      RuleEffect(
        rule, "per_instrument_sessions.enabled",
        block(
          more: "per_instrument_sessions: {enabled: true, sessions: "
            + "{MNQ: {start: \"08:30\", end: \"11:00\"}}}"),
        block(
          more: "per_instrument_sessions: {enabled: false, sessions: "
            + "{MNQ: {start: \"08:30\", end: \"11:00\"}}}"), play: day),
      RuleEffect(
        "rules.session_block_outside.respect_holidays", rule,
        .init(block: block(holidays: true), holidays: christmas),
        .init(block: block(), holidays: christmas), play: day),
      RuleEffect(
        "holidays", rule, .init(block: block(holidays: true), holidays: christmas),
        .init(block: block(holidays: true), holidays: "holidays: [2026-12-25]\n"), play: day),
      RuleEffect(
        "early_close[].date", rule,
        .init(
          block: block(holidays: true),
          holidays: "early_close: [{date: 2026-11-18, close_time: \"12:15\"}]\n"),
        .init(
          block: block(holidays: true),
          holidays: "early_close: [{date: 2026-11-19, close_time: \"12:15\"}]\n"), play: day),
      RuleEffect(
        "early_close[].close_time", rule,
        .init(
          block: block(holidays: true),
          holidays: "early_close: [{date: 2026-11-18, close_time: \"12:15\"}]\n"),
        .init(
          block: block(holidays: true),
          holidays: "early_close: [{date: 2026-11-18, close_time: \"13:15\"}]\n"), play: day),
      RuleEffect(
        "timezone", rule,
        .init(
          block: block(holidays: true),
          holidays: "timezone: America/Chicago\n"
            + "early_close: [{date: 2026-11-18, close_time: \"12:15\"}]\n"),
        .init(
          block: block(holidays: true),
          holidays: "timezone: America/New_York\n"
            + "early_close: [{date: 2026-11-18, close_time: \"12:15\"}]\n"), play: day),
      RuleEffect(
        "system.dailyReset.time", rule, .init(block: "{enabled: false}"),
        .init(block: "{enabled: false}", main: "\nsystem: {dailyReset: {time: \"16:00\"}}\n"),
        play: reset),
      RuleEffect(
        "system.dailyReset.timezone", rule, .init(block: "{enabled: false}"),
        .init(
          block: "{enabled: false}",
          main: "\nsystem: {dailyReset: {timezone: America/New_York}}\n"), play: reset),
    ]
  }()

  /// Half past five in the afternoon of Chicago is behind each of the resets but one.
  private static let reset: @Sendable (inout EngineScene) -> Void = { scene in
    for _ in 0..<13 { scene.wait(.seconds(1_800)) }
  }

  private static let guards: [RuleEffect] = {
    let bare: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 2)
      scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900", size: 1))
      scene.hold(Sample.es, 1)
      for _ in 0..<20 { scene.wait(.seconds(1)) }
      scene.hold(Sample.es, 0)
      for _ in 0..<20 { scene.wait(.seconds(1)) }
    }
    let withdrawn: @Sendable (inout EngineScene) -> Void = { scene in
      scene.account(canTrade: false)
      scene.account(canTrade: true)
    }
    let grace = "no_stop_loss_grace"
    let login = "auth_loss_guard"
    return [
      RuleEffect(
        grace, "enabled", "{enabled: true, grace_period_seconds: 15}", "{enabled: false}",
        play: bare),
      RuleEffect(
        grace, "grace_period_seconds", "{enabled: true, grace_period_seconds: 15}",
        "{enabled: true, grace_period_seconds: 25}", play: bare),
      RuleEffect(
        grace, "require_full_coverage",
        "{enabled: true, grace_period_seconds: 25, require_full_coverage: true}",
        "{enabled: true, grace_period_seconds: 25, require_full_coverage: false}", play: bare),
      RuleEffect(login, "enabled", "{enabled: true}", "{enabled: false}", play: withdrawn),
      RuleEffect(
        login, "auto_unlock_on_restore", "{enabled: true, auto_unlock_on_restore: true}",
        "{enabled: true, auto_unlock_on_restore: false}", play: withdrawn),
    ]
  }()

  private static let stops: [RuleEffect] = {
    let bare: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 2)
      scene.mark(Sample.mnq, last: "20000")
      scene.wait(.seconds(2))
    }
    /// With a stop of the trader's, the price rises step by step in three seconds.
    let winning: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 2)
      scene.mark(Sample.mnq, last: "20000")
      scene.send(scene.working(Sample.mnq, .sell, .stop, at: "19900", size: 2))
      for price in ["20002.5", "20005", "20010", "20015", "20020", "20025"] {
        scene.wait(.milliseconds(1_000))
        scene.mark(Sample.mnq, last: price)
      }
      scene.wait(.seconds(9))
    }
    let rule = "trade_management"
    func auto(_ on: Bool, _ ticks: Int = 10) -> String {
      "{enabled: true, auto_stop_loss: \(on), stop_loss_ticks: \(ticks)}"
    }
    func even(_ on: Bool = true, _ trigger: Int = 10, _ offset: Int = 1) -> String {
      "{enabled: true, auto_breakeven: {enabled: \(on), profit_trigger_ticks: \(trigger), "
        + "offset_ticks: \(offset)}}"
    }
    func trail(
      _ on: Bool = true, _ activation: Int = 20, _ distance: Int = 10, _ seconds: Int = 1
    ) -> String {
      "{enabled: true, trailing_stop: {enabled: \(on), activation_ticks: \(activation), "
        + "trail_distance_ticks: \(distance), update_frequency: \(seconds)}}"
    }
    return [
      RuleEffect(rule, "enabled", auto(true), "{enabled: false, auto_stop_loss: true}", play: bare),
      RuleEffect(rule, "auto_stop_loss", auto(true), auto(false), play: bare),
      RuleEffect(rule, "stop_loss_ticks", auto(true), auto(true, 12), play: bare),
      RuleEffect(rule, "auto_breakeven.enabled", even(), even(false), play: winning),
      RuleEffect(
        rule, "auto_breakeven.profit_trigger_ticks", even(), even(true, 101), play: winning),
      RuleEffect(rule, "auto_breakeven.offset_ticks", even(), even(true, 10, 2), play: winning),
      RuleEffect(rule, "trailing_stop.enabled", trail(), trail(false), play: winning),
      RuleEffect(rule, "trailing_stop.activation_ticks", trail(), trail(true, 101), play: winning),
      RuleEffect(
        rule, "trailing_stop.trail_distance_ticks", trail(), trail(true, 20, 12), play: winning),
      RuleEffect(
        rule, "trailing_stop.update_frequency", trail(), trail(true, 20, 10, 3), play: winning),
    ]
  }()

  /// Keys outside of the rules' blocks that change what the rules decide.
  private static let everywhere: [RuleEffect] = {
    let open = "daily_unrealized_loss"
    let limit = "{enabled: true, loss_limit: 100}"
    func global(_ text: String) -> RuleEffect.Written { .init(block: limit, global: text) }
    let blocked = RuleEffect.Written(block: "{enabled: true, blocked_symbols: [RTY]}")
    var strict = blocked
    strict.global = "{strict_mode: true}"
    /// A bid that is well below the last price, which alone would be no loss.
    let quoted: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.quote(
        Quote(contract: Sample.mnq, last: .at("20000"), bid: .at("19949"), ask: .at("20050")))
    }
    let far: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      scene.mark(Sample.mnq, last: "20000")
      scene.mark(Sample.mnq, last: "19930")
      scene.wait(.milliseconds(600))
    }
    let silent: @Sendable (inout EngineScene) -> Void = { scene in
      scene.hold(Sample.mnq, 1)
      for _ in 0..<4 { scene.wait(.seconds(60)) }
    }
    let unread: @Sendable (inout EngineScene) -> Void = { scene in
      scene.holdAtOnce([Sample.mnq: 2])
      scene.send(.unknown(Sample.account, reason: "the queries fail"))
    }
    func hours(_ open: String, _ close: String) -> RuleEffect.Written {
      .init(
        block: limit, holidays: "market_hours: {open: \"\(open)\", close: \"\(close)\"}\n")
    }
    func ownHours(_ open: String, _ close: String) -> RuleEffect.Written {
      .init(
        block: limit,
        holidays: "market_hours: {instruments: {MNQ: {open: \"\(open)\", close: \"\(close)\"}}}\n")
    }
    return [
      RuleEffect("global.strict_mode", "symbol_blocks", blocked, strict) {
        $0.hold(Sample.rty, 1)
      },
      RuleEffect(
        "global.mark_price", open, global("{mark_price: last}"),
        global("{mark_price: conservative}"), play: quoted),
      RuleEffect(
        "global.absurd_print.ticks", open,
        global("{absurd_print: {ticks: 20, per_mille: 1, wait: 5000}}"),
        global("{absurd_print: {ticks: 1000, per_mille: 1, wait: 5000}}"), play: far),
      RuleEffect(
        "global.absurd_print.per_mille", open,
        global("{absurd_print: {ticks: 1, per_mille: 1, wait: 5000}}"),
        global("{absurd_print: {ticks: 1, per_mille: 100, wait: 5000}}"), play: far),
      RuleEffect(
        "global.absurd_print.wait", open,
        global("{absurd_print: {ticks: 1, per_mille: 1, wait: 5000}}"),
        global("{absurd_print: {ticks: 1, per_mille: 1, wait: 500}}"), play: far),
      RuleEffect(
        "signalr.health.staleThreshold", open, .init(block: limit),
        .init(
          block: limit,
          streams: "  health: {pingInterval: 20000, staleThreshold: 900000}\n"), play: silent),
      RuleEffect(
        "system.failClosed", open, .init(block: limit),
        .init(block: limit, main: "\nsystem: {failClosed: flatten}\n"), play: unread),
      RuleEffect(
        "market_hours.open", open, hours("17:00", "16:00"), hours("11:00", "16:00"), play: silent),
      RuleEffect(
        "market_hours.close", open, hours("08:00", "16:00"), hours("08:00", "09:00"), play: silent),
      RuleEffect(
        "market_hours.instruments.ZC.open", open, ownHours("08:00", "16:00"),
        ownHours("11:00", "16:00"), play: silent),
      RuleEffect(
        "market_hours.instruments.ZC.close", open, ownHours("08:00", "16:00"),
        ownHours("08:00", "09:00"), play: silent),
    ]
  }()
}
