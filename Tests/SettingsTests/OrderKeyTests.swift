import RiskModel
import Testing

@testable import Settings

/// Keys that say how orders of riskd's own are followed.
@Suite struct OrderKeyTests {
  private func notices(_ lines: String) throws -> String {
    let root = try ConfigurationRoot()
    try root.write(ConfigurationRoot.mainText + lines, to: "config/config.yaml")
    return try root.accepted().notices
  }

  @Test func `what is switched off is said`() throws {
    let root = try ConfigurationRoot()
    let lines = """
      orderManagement:
        verification: {enabled: false, timeout: 9000}
        idempotency: {cacheTTL: 60}
        partialFills: {enabled: false, trackingTimeout: 1000}

      """
    try root.write(ConfigurationRoot.mainText + lines, to: "config/config.yaml")
    let accepted = try root.accepted()
    #expect(
      accepted.notices.contains(
        "orderManagement.verification.enabled: is false: nobody is told when a request stays"))
    #expect(
      accepted.notices.contains(
        "orderManagement.partialFills.enabled: is false: a close that was filled in part has to"))
    #expect(!accepted.settings.orders.verifies && !accepted.settings.orders.tracksPartialFills)
    #expect(accepted.settings.orders.idempotencyLifetime == .seconds(60))
  }

  @Test func `a request is never sent twice, whatever the configuration says`() throws {
    let root = try ConfigurationRoot()
    let lines = "orderManagement:\n  idempotency: {enabled: false}\n"
    try root.write(ConfigurationRoot.mainText + lines, to: "config/config.yaml")
    guard case .rejected(let problems) = root.load() else {
      Issue.record("it is accepted")
      return
    }
    #expect(problems.map(\.key) == ["orderManagement.idempotency.enabled"])
    #expect(problems.first?.suggestion == "write true")
  }

  @Test func `the times by which requests are followed count`() throws {
    let root = try ConfigurationRoot()
    let lines = """
      orderManagement:
        verification: {timeout: 9000, pollInterval: 300, maxRetries: 7}
        partialFills: {trackingTimeout: 11000}
        timeouts: {placement: 8000, cancellation: 3000, modification: 4000}

      """
    try root.write(ConfigurationRoot.mainText + lines, to: "config/config.yaml")
    let accepted = try root.accepted()
    #expect(!accepted.notices.contains("orderManagement"))
    let orders = accepted.settings.orders
    #expect(orders.verificationTimeout == .seconds(9))
    #expect(orders.verificationInterval == .milliseconds(300))
    #expect(orders.verificationRetries == 7)
    #expect(orders.partialFillTimeout == .seconds(11))
    #expect(
      orders.timeouts
        == .init(placement: .seconds(8), cancellation: .seconds(3), modification: .seconds(4)))
  }

  @Test func `the shipped values say nothing`() throws {
    let notices = try notices(
      """
      orderManagement:
        verification: {enabled: true, timeout: 5000}
        idempotency: {enabled: true, cacheTTL: 3600}
        partialFills: {enabled: true, trackingTimeout: 60000}

      """)
    #expect(!notices.contains("orderManagement"))
  }

  @Test func `queues of the venue's requests`() throws {
    let notices = try notices(
      """
      errorHandling:
        rateLimit:
          history: {queueSize: 10}
          general: {queueSize: 64, dropOldest: true}
          backpressure: {enabled: true, maxQueueWaitMs: 30000, throwOnTimeout: false}

      """)
    #expect(notices.contains("history.queueSize: is accepted and has no effect"))
    #expect(notices.contains("general.dropOldest: is accepted and has no effect"))
    #expect(!notices.contains("general.queueSize"))
    #expect(!notices.contains("maxQueueWaitMs"))
  }
}
