import AlertRules
import RiskModel
import Testing

@Suite struct AlertWatchTests {
  private static func watch(_ condition: String) throws -> AlertWatch {
    AlertWatch(
      AlertRule(
        name: "n", condition: try AlertCondition(condition), severity: .warning, message: "m"),
      repeatAfter: .seconds(900))
  }

  private func at(_ seconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanos: seconds * 1_000_000_000)
  }

  private let high = MetricValue.number(MetricNumber(10))
  private let low = MetricValue.number(MetricNumber(1))

  @Test func `speaks at the edges`() throws {
    var watch = try Self.watch("memory_usage_mb > 5")
    #expect(watch.look(low, at: at(0)) == nil)
    #expect(watch.look(high, at: at(1)) == .fired)
    #expect(watch.isFiring)
    #expect(watch.look(high, at: at(2)) == nil)
    #expect(watch.look(low, at: at(3)) == .resolved)
    #expect(watch.look(low, at: at(4)) == nil)
    #expect(watch.look(high, at: at(5)) == .fired)
  }

  @Test func `says again what goes on`() throws {
    var watch = try Self.watch("memory_usage_mb > 5")
    #expect(watch.look(high, at: at(0)) == .fired)
    #expect(watch.look(high, at: at(899)) == nil)
    #expect(watch.look(high, at: at(900)) == .again)
    #expect(watch.look(high, at: at(1_799)) == nil)
    #expect(watch.look(high, at: at(1_800)) == .again)
  }

  @Test func `waits until it has held for long enough`() throws {
    var watch = try Self.watch("memory_usage_mb > 5 for 60s")
    #expect(watch.look(high, at: at(0)) == nil)
    #expect(watch.look(high, at: at(59)) == nil)
    #expect(watch.look(low, at: at(60)) == nil)
    #expect(watch.look(high, at: at(61)) == nil)
    #expect(watch.look(high, at: at(120)) == nil)
    #expect(watch.look(high, at: at(121)) == .fired)
  }

  @Test func `what is not known changes nothing`() throws {
    var watch = try Self.watch("memory_usage_mb > 5")
    #expect(watch.look(nil, at: at(0)) == nil)
    #expect(watch.look(high, at: at(1)) == .fired)
    #expect(watch.look(nil, at: at(2)) == nil)
    #expect(watch.isFiring)
  }

  @Test func `every metric is a text, a count or a number`() {
    #expect(MetricName.collectable.count == 21)
    #expect(MetricName.states.count == 3)
    for metric in MetricName.allCases { #expect(!(metric.isText && metric.isCount)) }
  }
}
