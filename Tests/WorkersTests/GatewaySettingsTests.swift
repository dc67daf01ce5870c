import Foundation
import GatewayRole
import RiskModel
import RiskTestKit
import Settings
import SimulatedVenue
import Testing

@testable import Workers

/// What the configuration says reaches the gateway.
@Suite struct GatewaySettingsTests {
  private func load(_ bench: EdgeBench) throws -> GatewaySettings {
    let outcome = SettingsLoader.load(
      root: bench.folder.path,
      environment: [
        "RISKD_VENUE_BASE_URL": bench.venue.baseURL,
        "RISKD_USER_HUB_URL": bench.venue.userHubURL,
        "RISKD_MARKET_HUB_URL": bench.venue.marketHubURL,
      ])
    guard case .accepted(let settings, let credentials, _) = outcome else {
      throw EdgeProblem(text: "\(outcome)")
    }
    return GatewaySettings(settings, credentials)
  }

  @Test func `retries and queues`() throws {
    let bench = try EdgeBench(
      mainLines: """
        errorHandling:
          retries:
            maxAttempts: 7
          rateLimit:
            general:
              queueSize: 99
            backpressure:
              maxQueueWaitMs: 4000

        """)
    defer { bench.close() }
    let settings = try load(bench)
    #expect(settings.reads.attemptsToAlarm == 7)
    #expect(settings.requests.queueLimit == 99)
    #expect(settings.requests.longestWait == .seconds(4))
    let standard = RequestTiming()
    let plain = try EdgeBench()
    defer { plain.close() }
    #expect(try load(plain).requests.queueLimit == standard.queueLimit)
    #expect(try load(plain).requests.longestWait == standard.longestWait)
  }

  @Test func `holidays and early closes, for silence and for stale prices`() throws {
    let bench = try EdgeBench()
    defer { bench.close() }
    let file = FileManager.default.createFile(
      atPath: bench.folder.file("config/holidays.yaml"),
      contents: Data(
        """
        timezone: "America/Chicago"
        holidays: [2026-12-25]
        early_close: [{date: 2026-12-24, close_time: "12:15"}]
        """.utf8), attributes: [.posixPermissions: 0o600])
    try #require(file)
    let hours = try load(bench).marketHours
    func isOpen(_ day: Int, _ hour: Int) -> Bool {
      hours.isOpen(
        at: TimeZoneRule.chicago.instant(
          of: TimeOfDay(hour: hour, minute: 0), on: CivilDate(year: 2026, month: 12, day: day)))
    }
    #expect(isOpen(24, 12) && !isOpen(24, 13) && !isOpen(24, 18))
    #expect(!isOpen(25, 9) && !isOpen(25, 18) && isOpen(28, 9))
  }
}
