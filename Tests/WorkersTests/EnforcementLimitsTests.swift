import Enforcement
import RiskModel
import Settings
import Testing

@testable import Workers

@Suite struct EnforcementLimitsTests {
  private var orders: OrderSettings {
    OrderSettings(
      verifies: true, verificationTimeout: .seconds(5),
      idempotencyLifetime: .seconds(3_600), tracksPartialFills: true,
      partialFillTimeout: .seconds(60))
  }

  @Test func `the shipped configuration changes nothing`() {
    #expect(EnforcementLimits(orders) == .standard)
  }

  @Test func `every time of the configuration counts`() {
    var orders = orders
    orders.verifies = false
    orders.tracksPartialFills = false
    orders.idempotencyLifetime = .seconds(9)
    orders.verificationTimeout = .seconds(7)
    orders.partialFillTimeout = .seconds(8)
    orders.verificationInterval = .milliseconds(300)
    orders.verificationRetries = 0
    orders.timeouts = .init(
      placement: .seconds(11), cancellation: .seconds(12), modification: .seconds(13))
    var expected = EnforcementLimits.standard
    expected.tellsUnverified = false
    expected.followsPartialFills = false
    expected.endedMemory = .seconds(9)
    expected.verification = .seconds(7)
    expected.completion = .seconds(8)
    expected.passPause = .milliseconds(300)
    expected.failedPassesBeforeAlert = 1
    expected.placementDeadline = .seconds(11)
    expected.cancelDeadline = .seconds(12)
    expected.modifyDeadline = .seconds(13)
    #expect(EnforcementLimits(orders) == expected)
  }
}
