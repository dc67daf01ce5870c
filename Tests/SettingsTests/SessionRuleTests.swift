import RiskModel
import RiskRules
import Testing

@testable import Settings

/// What the hours of risk_config.yaml and the dates of holidays.yaml become.
struct SessionRuleTests {
  private static let hours = "allowed_hours: {start: \"08:30\", end: \"15:00\"}"
  private static let dates = """
    timezone: America/New_York
    holidays: [2026-12-25, "2026-01-01"]
    early_close:
      - {date: 2026-11-27, close_time: "13:15"}

    """

  private func root(_ keys: String, holidays: String? = dates) throws -> ConfigurationRoot {
    let root = try ConfigurationRoot()
    try root.replace(
      "session_block_outside: {enabled: false}",
      with: "session_block_outside: {enabled: true, \(keys)}", in: "config/risk_config.yaml")
    if let holidays { try root.write(holidays, to: "config/holidays.yaml") }
    return root
  }

  private func parameters(_ keys: String) throws -> (SessionBlockOutside.Parameters, String) {
    let (settings, _, notices) = try root(keys).accepted()
    return (try #require(settings.accounts.first?.rules.sessionBlockOutside), notices)
  }

  private let calendar = HolidayCalendar(
    zone: TimeZoneRule.named("America/New_York") ?? .chicago,
    closed: [CivilDate(year: 2026, month: 1, day: 1), CivilDate(year: 2026, month: 12, day: 25)],
    earlyCloses: [
      .init(
        date: CivilDate(year: 2026, month: 11, day: 27), time: TimeOfDay(hour: 13, minute: 15))
    ])

  private func day(_ zone: TimeZoneRule = .chicago) -> SessionHours {
    SessionHours(
      start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 15, minute: 0), zone: zone)
  }

  @Test func hoursOfTheAccount() throws {
    let (parameters, notices) = try parameters(Self.hours)
    #expect(parameters == .init(plan: SessionPlan(hours: day(), holidays: calendar)))
    #expect(notices.contains("config/holidays.yaml: knows no holiday after 2026-12-25\n"))
  }

  @Test func everyKey() throws {
    let (parameters, notices) = try parameters(
      Self.hours + ", timezone: America/Denver, allowed_days: [4, 0, 0], respect_holidays: false, "
        + "action: close_all_and_lockout, lockout_outside_session: true, "
        + "close_positions_at_session_end: true, per_instrument_sessions: {enabled: true, sessions: "
        + "{es: {start: \"18:00\", end: \"17:00\", timezone: America/New_York}, "
        + "MNQ: {start: \"09:00\", end: \"10:00\"}}}")
    let denver = try #require(TimeZoneRule.named("America/Denver"))
    let newYork = try #require(TimeZoneRule.named("America/New_York"))
    let night = SessionHours(
      start: TimeOfDay(hour: 18, minute: 0), end: TimeOfDay(hour: 17, minute: 0), zone: newYork)
    let short = SessionHours(
      start: TimeOfDay(hour: 9, minute: 0), end: TimeOfDay(hour: 10, minute: 0), zone: denver)
    #expect(
      parameters
        == .init(
          plan: SessionPlan(hours: day(denver), days: [0, 4]),
          plansByRoot: [
            SymbolRoot("EP"): SessionPlan(hours: night, days: [0, 4]),
            SymbolRoot("MNQ"): SessionPlan(hours: short, days: [0, 4]),
          ]))
    #expect(notices.contains("sessions.es: es is EP at the venue"))
    #expect(!notices.contains("holidays.yaml"))
  }

  @Test(
    arguments: [
      ("", .closeAllAndLockout), (", action: CANCEL_ORDER", .cancelOrder),
      (", action: CANCEL_ORDER, lockout_outside_session: false", .cancelOrder),
      (", close_positions_at_session_end: false", .noNewExposure),
    ] as [(String, SessionBlockOutside.Action)])
  func actions(_ keys: String, action: SessionBlockOutside.Action) throws {
    #expect(try parameters(Self.hours + keys).0.action == action)
  }

  @Test func ownHoursThatAreOff() throws {
    let (parameters, notices) = try parameters(
      Self.hours + ", per_instrument_sessions: {enabled: false, sessions: "
        + "{MNQ: {start: \"09:00\", end: \"10:00\"}}}")
    #expect(parameters.plansByRoot.isEmpty)
    #expect(notices.contains("the sessions below have no effect"))
  }

  @Test(arguments: [
    ("timezone: America/Chicago", "allowed_hours.start: is missing"),
    ("allowed_hours: {start: \"15:00\", end: \"08:30\"}", "allowed_hours.end: is not after start"),
    ("allowed_hours: {start: \"08:30\", end: \"08:30\"}", "allowed_hours.end: is not after start"),
    (hours + ", allowed_days: []", "allowed_days: names no day"),
    (hours + ", allowed_days: [7]", "allowed_days[0]: is \"7\"; write a whole number"),
    (hours + ", timezone: Mars", "timezone: is \"Mars\""),
    (hours + ", lockout_outside_session: false", "the action CLOSE_ALL_AND_LOCKOUT locks"),
    (
      hours + ", action: CANCEL_ORDER, close_positions_at_session_end: true",
      "the action CANCEL_ORDER only cancels orders"
    ),
    (
      hours + ", per_instrument_sessions: {sessions: {NQ: {start: \"09:00\", end: \"09:00\"}}}",
      "sessions.NQ.end: is the start as well"
    ),
    (
      hours + ", per_instrument_sessions: {sessions: {NQ: {start: \"09:00\", end: \"10:00\"}, "
        + "ENQ: {start: \"09:00\", end: \"10:00\"}}}",
      "ENQ is there already by its other name"
    ),
    (hours + ", global_session: {}", "global_session: is not a key of riskd"),
  ])
  func wrongHours(_ keys: String, report: String) throws {
    let problems = try root(keys).problems()
    #expect(problems.contains("config/risk_config.yaml:11: rules.session_block_outside."))
    #expect(problems.contains(report))
  }

  @Test(arguments: [
    (
      "holidays: [2026-02-30]\n",
      "1: holidays[0]: is \"2026-02-30\"; write a date such as 2026-12-25"
    ),
    ("holidays: [26-1-1]\n", "1: holidays[0]: is \"26-1-1\"; write a date such as 2026-12-25"),
    (
      "holidays: [2026-12-25, 2026-12-25]\n",
      "1: holidays: names a date twice; keep one of the two"
    ),
    (
      "early_close: [{date: 2026-12-24}]\n",
      "1: early_close[0].close_time: is missing; write a time of day such as \"17:00\""
    ),
    (
      "holidays: [2026-12-24]\nearly_close: [{date: 2026-12-24, close_time: \"12:15\"}]\n",
      "2: early_close[0].date: 2026-12-24 is in holidays as well; keep one of the two"
    ),
    (
      "early_close: [{date: 2026-12-24, close_time: \"12:15\"}, "
        + "{date: 2026-12-24, close_time: \"12:15\"}]\n",
      "1: early_close[1].date: 2026-12-24 is there already; keep one of the two"
    ),
    ("holiday: []\n", "1: holiday: is not a known key; did you mean holidays?"),
  ])
  func wrongDates(_ text: String, report: String) throws {
    #expect(try root(Self.hours, holidays: text).problems() == "config/holidays.yaml:\(report)\n")
  }

  @Test func datesThatAreMissing() throws {
    #expect(
      try root(Self.hours, holidays: nil).problems()
        == "config/holidays.yaml: is missing; install the file of the same name that comes with "
        + "riskd, or write respect_holidays: false\n")
    #expect(try root(Self.hours + ", respect_holidays: false", holidays: nil).problems().isEmpty)
    let (_, _, notices) = try root(Self.hours, holidays: "").accepted()
    #expect(notices.contains("config/holidays.yaml: names no holiday\n"))
  }
}
