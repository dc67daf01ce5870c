import HubProtocol
import PeerProtocol
import RiskModel
import Testing
import VenueAPI

@testable import GatewayRole

/// One setting of the gateway in two positions, and something that happens to it.
struct SettingEffect: Sendable, CustomTestStringConvertible {
  var name: String
  var seconds = 120
  var one: @Sendable (inout GatewaySettings) -> Void
  var other: @Sendable (inout GatewaySettings) -> Void
  /// What happens, at the start and then before each second.
  var play: @Sendable (World, _ second: Int) -> Void

  var testDescription: String { name }

  /// What is to be seen of the gateway, second by second.
  func course(_ configure: (inout GatewaySettings) -> Void) -> [String] {
    let world = World(configure)
    play(world, 0)
    world.open()
    world.role.start()
    return (1...seconds).map { second in
      play(world, second)
      world.advance(.seconds(1))
      let requests = [
        "/api/Auth/loginKey", "/api/Auth/validate", "/api/Account/search", "/api/Trade/search",
        "/api/Position/searchOpen",
      ].map { world.venue.count($0) }
      return "\(requests) \(world.hubs.opened.count) \(world.told.count) "
        + "\(world.reports.alarms.count) \(world.reports.statuses.count)"
    }
  }
}

/// Each setting changes what the gateway asks, tells or connects, and when.
@Suite struct SettingEffectTests {
  static let effects = requests + tokens + streams + breaker

  @Test(arguments: effects)
  func `a setting in two positions leads to two courses`(_ effect: SettingEffect) {
    let one = effect.course(effect.one)
    #expect(one == effect.course(effect.one), "the course is the same each time")
    #expect(one != effect.course(effect.other))
  }

  private static let failing: @Sendable (World, Int) -> Void = { world, second in
    guard second == 5 else { return }
    world.override = { $0.path == "/api/Position/searchOpen" ? reply("", status: 503) : nil }
    world.role.feedRequested(.refresh(alpha))
  }

  private static let silent: @Sendable (World, Int) -> Void = { world, second in
    if second == 5 { world.held = ["/api/Position/searchOpen"] }
    if second == 6 { world.role.feedRequested(.refresh(alpha)) }
  }

  private static let wishing: @Sendable (World, Int) -> Void = { world, second in
    if second > 5 { world.role.feedRequested(.refresh(alpha)) }
  }

  private static let requests: [SettingEffect] = [
    SettingEffect(
      name: "requests.timeout", one: { $0.requests.timeout = .seconds(10) },
      other: { $0.requests.timeout = .seconds(3) }, play: silent),
    SettingEffect(
      name: "reads.minInterval", one: { $0.reads.minInterval = .seconds(5) },
      other: { $0.reads.minInterval = .seconds(20) }, play: wishing),
    SettingEffect(
      name: "reads.isPeriodic", seconds: 400, one: { $0.reads.isPeriodic = true },
      other: { $0.reads.isPeriodic = false }, play: { _, _ in }),
    SettingEffect(
      name: "reads.fullInterval", seconds: 400, one: { $0.reads.fullInterval = .seconds(300) },
      other: { $0.reads.fullInterval = .seconds(100) },
      play: { world, _ in
        world.state.accounts = [Row.account(alpha, "PRAC-A", balance: "49000", canTrade: false)]
      }),
    SettingEffect(
      name: "reads.retryDelays",
      one: {
        $0.breaker.isEnabled = false
        $0.reads.retryDelays = [.seconds(1)]
      },
      other: {
        $0.breaker.isEnabled = false
        $0.reads.retryDelays = [.seconds(9)]
      }, play: failing),
    SettingEffect(
      name: "reads.attemptsToAlarm",
      one: {
        $0.breaker.isEnabled = false
        $0.reads.attemptsToAlarm = 1
      },
      other: {
        $0.breaker.isEnabled = false
        $0.reads.attemptsToAlarm = 4
      }, play: failing),
    SettingEffect(
      name: "startupTimeout", one: { $0.startupTimeout = .seconds(30) },
      other: { $0.startupTimeout = .seconds(60) },
      play: { world, _ in world.override = { _ in .failed(.notSent(reason: "no route")) } }),
  ]

  private static let tokens: [SettingEffect] = [
    SettingEffect(
      name: "token.lead", seconds: 3_100, one: { $0.token.lead = .seconds(600) },
      other: { $0.token.lead = .seconds(900) },
      play: { world, second in
        guard second == 0 else { return }
        world.state.token = { token(until: World.start + .seconds(3_600), mark: "t\($0)") }
      }),
    SettingEffect(
      name: "token.retryDelays", one: { $0.token.retryDelays = [.seconds(1)] },
      other: { $0.token.retryDelays = [.seconds(1), .seconds(5), .seconds(15)] },
      play: { world, _ in
        world.override = { $0.path == "/api/Auth/loginKey" ? reply("", status: 503) : nil }
      }),
  ]

  private static let away: @Sendable (World, Int) -> Void = { world, second in
    guard second == 5 else { return }
    world.hubs.isReachable = { $0 == .market }
    world.drop(.user)
  }

  private static let flapping: @Sendable (World, Int) -> Void = { world, second in
    if second > 4, second % 20 == 5 { world.drop(.user) }
  }

  private static let streams: [SettingEffect] = [
    SettingEffect(
      name: "isReconnectionEnabled", one: { $0.isReconnectionEnabled = true },
      other: { $0.isReconnectionEnabled = false }, play: away),
    SettingEffect(
      name: "reconnection.delays", one: { $0.reconnection.delays = [.seconds(2)] },
      other: { $0.reconnection.delays = [.seconds(12)] }, play: away),
    SettingEffect(
      name: "reconnection.maxAttempts", one: { $0.reconnection.maxAttempts = 2 },
      other: { $0.reconnection.maxAttempts = 10 }, play: away),
    SettingEffect(
      name: "reconnection.stableAfter", one: { $0.reconnection.stableAfter = .seconds(30) },
      other: { $0.reconnection.stableAfter = .seconds(5) }, play: flapping),
    SettingEffect(
      name: "isUserHubEnabled", one: { $0.isUserHubEnabled = true },
      other: { $0.isUserHubEnabled = false }, play: { _, _ in }),
    SettingEffect(
      name: "isMarketHubEnabled", one: { $0.isMarketHubEnabled = true },
      other: { $0.isMarketHubEnabled = false }, play: { _, _ in }),
    SettingEffect(
      name: "silence.threshold", seconds: 300, one: { $0.silence.threshold = .seconds(120) },
      other: { $0.silence.threshold = .seconds(40) },
      play: { world, _ in world.state.positions[alpha] = [Row.position(alpha, mnq, 1)] }),
  ]

  /// The venue fails for a minute and works again.
  private static let troubled: @Sendable (World, Int) -> Void = { world, second in
    if second == 5 {
      world.override = { $0.path == "/api/Auth/loginKey" ? nil : reply("", status: 503) }
    }
    if second == 65 { world.override = { _ in nil } }
    if second > 5 { world.role.feedRequested(.refresh(alpha)) }
  }

  private static func change(
    _ name: String, _ one: @escaping @Sendable (inout BreakerSettings) -> Void,
    _ other: @escaping @Sendable (inout BreakerSettings) -> Void
  ) -> SettingEffect {
    func configure(
      _ body: @escaping @Sendable (inout BreakerSettings) -> Void
    ) -> @Sendable (inout GatewaySettings) -> Void {
      { settings in
        settings.reads.retryDelays = [.seconds(1)]
        settings.reads.minInterval = .seconds(1)
        body(&settings.breaker)
      }
    }
    return SettingEffect(
      name: "breaker.\(name)", one: configure(one), other: configure(other), play: troubled)
  }

  private static let breaker: [SettingEffect] = [
    change("isEnabled", { $0.isEnabled = true }, { $0.isEnabled = false }),
    change("failureThreshold", { $0.failureThreshold = 5 }, { $0.failureThreshold = 9 }),
    change("openFor", { $0.openFor = .seconds(60) }, { $0.openFor = .seconds(90) }),
  ]
}
