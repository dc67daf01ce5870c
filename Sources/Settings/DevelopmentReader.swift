import RiskModel

/// Reads `development`.
struct DevelopmentReader {
  let variables: EnvironmentVariables

  /// Ten years either way: enough for any calendar test.
  private static let offset: ClosedRange<Int64> = -315_360_000_000...315_360_000_000

  /// From 2000 to 2100.
  private static let anchor: ClosedRange<Int64> = 946_684_800_000...4_102_444_800_000

  func read(_ section: Section) -> DevelopmentSettings {
    let fileMode = section.value("devMode", .boolean, default: false)
    let devMode = variables.override(fileMode, by: "DEV_MODE", .boolean)
    let debug = section.value("debugLogging", .boolean, default: false)
    let raw = section.value("saveRawEvents", .boolean, default: false)
    let testing = section.section("testing") { self.testing($0) }
    let profiling = section.section("profiling") { profiling in
      profiling.ignored("outputPath", .text("a path"))
      profiling.ignored("profileMemory", .boolean)
      profiling.ignored("profileCpu", .boolean)
      return profiling.value("enabled", .boolean, default: false)
    }
    for feature in [debug, raw, testing.mock, profiling] where feature.value {
      if devMode.isSound, !devMode.value {
        section.findings.problem(
          feature.place, "is true, and this is not a development installation",
          "write false, or set development.devMode: true or DEV_MODE=true")
      } else {
        section.findings.notice(feature.place, "is on, which it never is in production")
      }
    }
    return DevelopmentSettings(
      devMode: devMode.value, debugLogging: debug.value, savesRawEvents: raw.value,
      profiles: profiling.value, usesMockVenue: testing.mock.value, testClock: testing.clock)
  }

  private func testing(
    _ section: Section
  ) -> (mock: Reading<Bool>, clock: DevelopmentSettings.TestClock?) {
    let mock = section.value("useMockApi", .boolean, default: false)
    section.ignored("mockDataPath", .text("a path"))
    section.fixed("replayEvents", false, because: "this version replays journals only")
    section.ignored("replayPath", .text("a path"))
    let clockPlace = section.entry("clock")?.place
    let clock = section.section("clock") { self.clock($0) }
    if let clock, let clockPlace {
      if mock.isSound, !mock.value {
        section.findings.problem(
          clockPlace, "needs a simulator", "set useMockApi: true beside it, or remove the clock")
      }
      section.findings.notice(
        clockPlace,
        "riskd goes by a clock for tests, \(clock.offset.milliseconds) ms ahead, at a rate of "
          + "\(clock.rate)")
    }
    return (mock, clock)
  }

  private func clock(_ section: Section) -> DevelopmentSettings.TestClock? {
    let offset = section.value("offset", .milliseconds(DevelopmentReader.offset), default: .zero)
    let rate = section.value("rate", .decimal(1...1_000_000), default: PerMille(1_000))
    let anchor = section.optional("anchor", .integer(Self.anchor, unit: "milliseconds since 1970"))
    guard offset.isPresent || rate.isPresent || anchor.isPresent else { return nil }
    return DevelopmentSettings.TestClock(
      anchor: anchor.value.map { Instant(nanosSinceEpoch: $0 * 1_000_000) },
      offset: offset.value, rate: rate.value)
  }
}
