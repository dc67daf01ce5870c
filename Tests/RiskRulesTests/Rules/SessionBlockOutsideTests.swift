import RiskModel
import RiskRules
import RiskTestKit
import Testing

@Suite struct SessionBlockOutsideTests {
  private static let chicago = TimeZoneRule.chicago
  private static let day = SessionHours(
    start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 15, minute: 0), zone: chicago)
  private static let night = SessionHours(
    start: TimeOfDay(hour: 17, minute: 0), end: TimeOfDay(hour: 16, minute: 0), zone: chicago)
  private static let plan = SessionPlan(hours: day)

  private static func hours(
    _ startHour: Int, _ startMinute: Int, _ endHour: Int, _ endMinute: Int
  ) -> SessionHours {
    SessionHours(
      start: TimeOfDay(hour: startHour, minute: startMinute),
      end: TimeOfDay(hour: endHour, minute: endMinute), zone: chicago)
  }

  private func configuration(
    _ action: SessionBlockOutside.Action = .closeAllAndLockout, plan: SessionPlan = plan,
    own: [SymbolRoot: SessionPlan] = [:]
  ) -> RiskConfiguration {
    RiskConfiguration(
      sessionBlockOutside: .init(plan: plan, plansByRoot: own, action: action),
      staleThreshold: .seconds(864_000))
  }

  private func time(_ hour: Int, _ minute: Int, on date: CivilDate = wednesday) -> Instant {
    Self.chicago.instant(of: TimeOfDay(hour: hour, minute: minute), on: date)
  }

  private static let wednesday = CivilDate(year: 2026, month: 11, day: 18)
  private static let thursday = wednesday.adding(days: 1)
  private static let monday = wednesday.adding(days: 5)

  @Test func `T18, T19: the session ends at 15:00 and not before`() {
    var scene = EngineScene(configuration())
    scene.now = time(15, 0) - TimeSpan(nanos: 1)
    #expect(scene.hold(Sample.mnq, 1).goals.isEmpty)
    #expect(!scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    #expect(scene.engine.isTickDue(at: time(15, 0), venueTime: scene.now))
    scene.now = time(15, 0)
    let effects = scene.hold(Sample.mnq, 2)
    #expect(effects.goals == [.flatAccount])
    #expect(effects.adopted.map(\.end) == [.sessionStart])
    #expect(effects.reasons == [.outsideSession(root: nil, opens: time(8, 30, on: Self.thursday))])
  }

  @Test func `the lock ends with the next session by both clocks`() {
    var scene = EngineScene(configuration(), at: time(20, 0))
    #expect(scene.standing == [.flatAccount])
    scene.now = time(8, 30, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now - .seconds(1))).endings.isEmpty)
    #expect(scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    #expect(!scene.engine.isTickDue(at: scene.now + .seconds(1), venueTime: scene.now))
  }

  @Test(arguments: [(0, true), (1, true), (2, false), (3, false), (4, true)])
  func `weekends are outside`(daysAfterThursday: Int, isOpen: Bool) {
    let noon = time(12, 0, on: Self.thursday.adding(days: daysAfterThursday))
    #expect(EngineScene(configuration(), at: noon).standing.isEmpty == isOpen)
  }

  @Test func `after Friday comes Monday, and after a holiday the day after it`() {
    var scene = EngineScene(
      configuration(
        plan: SessionPlan(
          hours: Self.day, holidays: HolidayCalendar(closed: [Self.monday]))),
      at: time(15, 0, on: Self.wednesday.adding(days: 2)))
    #expect(
      scene.history.reasons
        == [.outsideSession(root: nil, opens: time(8, 30, on: Self.monday.adding(days: 1)))])
    scene.now = time(12, 0, on: Self.monday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
  }

  @Test func `an early close ends the session`() {
    let holidays = HolidayCalendar(
      earlyCloses: [.init(date: Self.wednesday, time: TimeOfDay(hour: 12, minute: 15))])
    var scene = EngineScene(
      configuration(plan: SessionPlan(hours: Self.day, holidays: holidays)))
    scene.now = time(12, 14)
    #expect(scene.send(.tick(venueTime: scene.now)).goals.isEmpty)
    scene.now = time(12, 15)
    #expect(scene.send(.tick(venueTime: scene.now)).goals == [.flatAccount])
  }

  @Test func `the daily reset does not unlock`() {
    var scene = EngineScene(configuration(), at: time(16, 0))
    scene.now = time(17, 0)
    let effects = scene.send(.tick(venueTime: scene.now))
    #expect(effects.contains { if case .dailyReset = $0 { true } else { false } })
    #expect(effects.endings.isEmpty)
  }

  @Test func `S16: a clock that is set forward closes, and alone opens nothing`() {
    var scene = EngineScene(configuration())
    scene.now = time(8, 30, on: Self.thursday) + .seconds(12 * 3_600)
    #expect(scene.send(.tick(venueTime: time(10, 0))).goals == [.flatAccount])
    scene.now = time(9, 0, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: nil)).endings == [.expired])
    // A venue whose session is over ends it as well.
    #expect(scene.send(.tick(venueTime: time(15, 0))).goals == [.flatAccount])
  }

  @Test func `longer hours end no lockout, and count from the next session`() {
    var scene = EngineScene(configuration(), at: time(15, 30))
    let edited = configuration(plan: SessionPlan(hours: Self.hours(8, 30, 23, 0)))
    #expect(scene.send(.configuration([Sample.account: edited])).endings.isEmpty)
    for moment in [time(17, 0), time(20, 0), time(8, 29, on: Self.thursday)] {
      scene.now = moment
      #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
    }
    scene.now = time(8, 30, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    scene.now = time(22, 59, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).goals.isEmpty)
    // Shorter hours count at once.
    let tightened = configuration(plan: SessionPlan(hours: Self.hours(8, 30, 22, 0)))
    #expect(scene.send(.configuration([Sample.account: tightened])).goals == [.flatAccount])
  }

  @Test func `hours that begin earlier end no lockout of the night before`() {
    var scene = EngineScene(configuration(), at: time(7, 0))
    let earlier = configuration(plan: SessionPlan(hours: Self.hours(6, 0, 15, 0)))
    #expect(scene.send(.configuration([Sample.account: earlier])).endings.isEmpty)
    scene.now = time(8, 30)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    scene.now = time(15, 0)
    #expect(
      scene.send(.tick(venueTime: scene.now)).reasons
        == [.outsideSession(root: nil, opens: time(8, 30, on: Self.thursday))])
    let friday = Self.thursday.adding(days: 1)
    for (moment, isOpen) in [
      (time(8, 30, on: Self.thursday), true), (time(15, 0, on: Self.thursday), false),
      (time(5, 59, on: friday), false), (time(6, 0, on: friday), true),
    ] {
      scene.now = moment
      scene.send(.tick(venueTime: scene.now))
      #expect(scene.standing.isEmpty == isOpen)
    }
  }

  @Test func `longer hours by night count after a session that is under way at the reset`() {
    let night = Self.hours(16, 30, 16, 0)
    var scene = EngineScene(configuration(plan: SessionPlan(hours: night)), at: time(12, 0))
    let longer = configuration(plan: SessionPlan(hours: Self.hours(16, 30, 16, 15)))
    scene.send(.configuration([Sample.account: longer]))
    scene.now = time(16, 0)
    #expect(scene.send(.tick(venueTime: scene.now)).goals == [.flatAccount])
    scene.now = time(16, 30)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    scene.now = time(16, 14, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).goals.isEmpty)
  }

  /// D37: neither taking the rule away nor the account ends what stands.
  @Test(arguments: [true, false])
  func `a lockout ends with the session that it waits for, without its rule too`(
    keepsAccount: Bool
  ) {
    var scene = EngineScene(configuration(), at: time(15, 30))
    let others = keepsAccount ? [Sample.account: RiskConfiguration()] : [:]
    #expect(scene.send(.configuration(others)).endings.isEmpty)
    for moment in [time(17, 0), time(8, 30, on: Self.thursday) - .seconds(1)] {
      scene.now = moment
      #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
      #expect(!scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    }
    scene.now = time(8, 30, on: Self.thursday)
    #expect(!scene.engine.isTickDue(at: scene.now, venueTime: scene.now - .seconds(1)))
    #expect(scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    #expect(scene.send(.tick(venueTime: scene.now - .seconds(1))).endings.isEmpty)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
  }

  @Test func `over a weekend that is the session of Monday`() {
    let friday = Self.wednesday.adding(days: 2)
    var scene = EngineScene(configuration(), at: time(15, 0, on: friday))
    scene.send(.configuration([Sample.account: RiskConfiguration()]))
    scene.now = time(8, 29, on: Self.monday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
    scene.now = time(8, 30, on: Self.monday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
  }

  @Test func `a rule that is switched off and on again with longer hours keeps the lockout`() {
    var scene = EngineScene(configuration(), at: time(15, 30))
    scene.send(.configuration([Sample.account: RiskConfiguration()]))
    let longer = configuration(plan: SessionPlan(hours: Self.hours(0, 0, 23, 59)))
    #expect(scene.send(.configuration([Sample.account: longer])).endings.isEmpty)
    scene.now = time(8, 29, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
    scene.now = time(8, 30, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
  }

  @Test func `the hours of a symbol that are taken away keep its lockout`() {
    let morning = [SymbolRoot("MNQ"): SessionPlan(hours: Self.hours(8, 30, 11, 0))]
    for edited in [configuration(), RiskConfiguration(staleThreshold: .seconds(864_000))] {
      var scene = EngineScene(configuration(own: morning), at: time(11, 0))
      #expect(scene.hold(Sample.mnq, 1).goals == [.flat(Sample.mnq)])
      #expect(scene.send(.configuration([Sample.account: edited])).endings.isEmpty)
      scene.now = time(14, 59)
      #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
      scene.now = time(8, 30, on: Self.thursday)
      #expect(scene.send(.tick(venueTime: scene.now)).endings.contains(.expired))
      #expect(scene.standing.isEmpty)
    }
  }

  @Test func `the replaced hours of a symbol are watched as they were`() {
    let own = [SymbolRoot("MNQ"): SessionPlan(hours: Self.hours(9, 30, 11, 0))]
    var scene = EngineScene(configuration(own: own), at: time(10, 0))
    scene.hold(Sample.mnq, 1)
    scene.send(.configuration([Sample.account: configuration()]))
    scene.now = time(11, 0)
    #expect(scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    #expect(scene.send(.tick(venueTime: scene.now)).goals == [.flat(Sample.mnq)])
    scene.now = time(8, 30, on: Self.thursday)
    scene.send(.tick(venueTime: scene.now))
    #expect(scene.standing.contains(.flat(Sample.mnq)))
    scene.now = time(9, 30, on: Self.thursday)
    #expect(scene.engine.isTickDue(at: scene.now, venueTime: scene.now))
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    #expect(scene.standing.isEmpty)
  }

  @Test func `hours without any session count for their trading day`() {
    let never = configuration(plan: SessionPlan(hours: Self.day, days: []))
    var scene = EngineScene(never, at: time(12, 0))
    #expect(scene.history.reasons == [.outsideSession(root: nil, opens: nil)])
    scene.send(.configuration([Sample.account: RiskConfiguration()]))
    scene.now = time(16, 59)
    #expect(scene.send(.tick(venueTime: scene.now)).endings.isEmpty)
    scene.now = time(17, 0)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
  }

  @Test func `a symbol with hours of its own follows those`() {
    let own = [SymbolRoot("ES"): SessionPlan(hours: Self.night)]
    var scene = EngineScene(configuration(own: own), at: time(15, 30))
    #expect(scene.standing.isEmpty)
    #expect(scene.hold(Sample.es, 1).goals.isEmpty)
    let effects = scene.hold(Sample.mnq, 1)
    #expect(effects.goals == [.flat(Sample.mnq)])
    #expect(scene.order(Sample.nq).goals == [.flat(Sample.nq)])
    scene.now = time(16, 0)
    let end = scene.send(.tick(venueTime: scene.now))
    #expect(end.goals == [.flatAccount])
    scene.now = time(17, 0)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
    #expect(scene.standing == [.flat(Sample.mnq), .flat(Sample.nq)])
  }

  @Test func `only the symbol whose own hours are over is closed`() {
    let own = [
      SymbolRoot("MNQ"): SessionPlan(
        hours: SessionHours(
          start: TimeOfDay(hour: 8, minute: 30), end: TimeOfDay(hour: 11, minute: 0),
          zone: Self.chicago))
    ]
    var scene = EngineScene(configuration(own: own))
    scene.hold(Sample.mnq, 1)
    scene.hold(Sample.es, 1)
    scene.now = time(11, 0)
    let effects = scene.send(.tick(venueTime: scene.now))
    #expect(effects.goals == [.flat(Sample.mnq)])
    #expect(
      effects.reasons
        == [.outsideSession(root: SymbolRoot("MNQ"), opens: time(8, 30, on: Self.thursday))])
  }

  @Test func `the mild form cancels what would open and nothing else, once`() {
    var scene = EngineScene(configuration(.cancelOrder), at: time(15, 30))
    scene.hold(Sample.mnq, 1)
    #expect(scene.standing.isEmpty)
    #expect(scene.send(scene.working(Sample.mnq, id: 1, .sell, .stop, at: "1")).goals.isEmpty)
    let effects = scene.send(scene.working(Sample.es, id: 2, .buy, .limit))
    #expect(effects.goals == [.cancelled(OrderID(2))])
    if let id = effects.adopted.first?.id { scene.send(.proven(id)) }
    #expect(scene.standing.isEmpty)
    #expect(scene.wait(.seconds(1)).goals.isEmpty)
  }

  @Test func `what is open may stay where that is wanted`() {
    var scene = EngineScene(configuration(.noNewExposure))
    scene.hold(Sample.mnq, 2)
    scene.now = time(15, 0)
    let effects = scene.send(.tick(venueTime: scene.now))
    #expect(effects.goals == [.noNewExposure([Baseline(contract: Sample.mnq, signedSize: 2)])])
    #expect(effects.adopted.map(\.end) == [.sessionStart])
    scene.now = time(8, 30, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).endings == [.expired])
  }

  private func mildScene() -> EngineScene {
    let own = [SymbolRoot("ES"): SessionPlan(hours: Self.night)]
    var scene = EngineScene(configuration(.noNewExposure, own: own))
    scene.holdAtOnce([Sample.mnq: 2])
    scene.now = time(15, 0)
    scene.send(.tick(venueTime: scene.now))
    return scene
  }

  @Test func `beside a symbol with hours of its own what is open may stay and shrink`() {
    var scene = mildScene()
    #expect(scene.standing == [.atMost(Sample.mnq, size: 2)])
    scene.hold(Sample.mnq, 1)
    #expect(scene.standing == [.atMost(Sample.mnq, size: 1)])
  }

  @Test func `a position that is turned round is a new one`() {
    var scene = mildScene()
    scene.hold(Sample.mnq, -2)
    #expect(scene.standing.contains(.flat(Sample.mnq)))
  }

  @Test func `what is opened after the session is closed, however it is seen`() {
    var scene = mildScene()
    #expect(scene.hold(Sample.nq, 3).goals == [.flat(Sample.nq)])
    scene.hold(Sample.mnq, 0)
    scene.wait(.seconds(5))
    #expect(scene.hold(Sample.mnq, 2).goals == [.flat(Sample.mnq)])
    scene.hold(Sample.nq, 0)
    scene.now = time(8, 30, on: Self.thursday)
    scene.send(.tick(venueTime: scene.now))
    #expect(scene.standing.isEmpty)
    scene.hold(Sample.mnq, 1)
    scene.now = time(15, 0, on: Self.thursday)
    #expect(scene.send(.tick(venueTime: scene.now)).goals == [.atMost(Sample.mnq, size: 1)])
  }

  @Test func `what was opened within the session and is found later may stay`() {
    var scene = mildScene()
    scene.now = time(15, 5)
    scene.holdAtOnce([Sample.mnq: 2, Sample.nq: 1], openedAt: time(14, 55))
    #expect(scene.standing == [.atMost(Sample.mnq, size: 2), .atMost(Sample.nq, size: 1)])
    scene.holdAtOnce([Sample.mnq: 2, Sample.m2k: 1], openedAt: time(15, 2))
    #expect(scene.standing.contains(.flat(Sample.m2k)))
  }

  @Test func `the legs of a bracket stay with an entry that may be filled yet`() {
    var scene = EngineScene(configuration(.cancelOrder))
    scene.now = time(15, 0)
    scene.send(scene.working(Sample.mnq, id: 72, .sell, .stop, status: .suspended, parent: 71))
    let effects = scene.send(scene.working(Sample.mnq, id: 71, .buy, .limit))
    #expect(effects.goals == [.cancelled(OrderID(71))])
    #expect(scene.standing == [.cancelled(OrderID(71))])
  }

  @Test func `what is left of the session is shown and not warned of`() {
    var scene = EngineScene(configuration())
    scene.now = time(14, 30)
    #expect(scene.send(.tick(venueTime: scene.now)).approaching.isEmpty)
    #expect(scene.engine.distances(Sample.account).map(\.left) == [1_800_000_000_000])
  }
}
