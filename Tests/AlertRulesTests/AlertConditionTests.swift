import AlertRules
import RiskModel
import Testing

@Suite struct AlertConditionTests {
  @Test(arguments: [
    "signalr_connection_state == 'DISCONNECTED' for 1m", "token_expiry_in_seconds < 1800",
    "circuit_breaker_state != 'OPEN'", "memory_usage_mb >= 150", "api_error_rate > 0.05",
    "lockout_counts > 5 in 1h", "enforcement_action_counts <= -2 for 5s in 2h",
  ])
  func `is read and written alike`(text: String) throws {
    #expect("\(try AlertCondition(text))" == text)
  }

  @Test func `blanks and the other quotes are free`() throws {
    let condition = try AlertCondition("  circuit_breaker_state==\"OPEN\"  for\t60s ")
    #expect(
      condition
        == AlertCondition(
          metric: .breakerState, comparison: .equal, value: .text("OPEN"), hold: .seconds(60)))
  }

  @Test(arguments: [
    ("", "at character 1: a metric is expected"),
    ("> 5", "at character 1: a metric is expected"),
    ("speed > 5", "at character 1: there is no metric speed"),
    (
      "memory_usage_mb ~ 5", "at character 17: one of ==, !=, >=, <=, > and < is expected"
    ),
    ("memory_usage_mb >", "at character 18: a number or a text in quotes is expected"),
    ("memory_usage_mb > x", "at character 19: a number or a text in quotes is expected"),
    ("memory_usage_mb > 1.2.3", "at character 19: a number or a text in quotes is expected"),
    ("circuit_breaker_state == 'OPEN", "at character 26: the text has no closing quote"),
    ("circuit_breaker_state == 5", "at character 26: circuit_breaker_state is a text"),
    ("memory_usage_mb == 'x'", "at character 20: memory_usage_mb is a number"),
    ("circuit_breaker_state > 'OPEN'", "at character 23: a text is compared with == or !="),
    ("memory_usage_mb > 5 during 1h", "at character 21: for, in or the end is expected"),
    ("memory_usage_mb > 5 for 1s for 2s", "at character 28: for stands there twice"),
    ("lockout_counts > 5 in", "at character 22: a time such as 60s, 15m or 1h is expected"),
    ("lockout_counts > 5 in 0h", "at character 23: a time such as 60s, 15m or 1h is expected"),
    ("lockout_counts > 5 in 25h", "at character 23: a time such as 60s, 15m or 1h is expected"),
    ("lockout_counts > 5 in 5d", "at character 23: a time such as 60s, 15m or 1h is expected"),
    (
      "memory_usage_mb > 5 in 1h",
      "at character 21: memory_usage_mb counts nothing, so in means nothing"
    ),
  ])
  func `says what is wrong and where`(text: String, problem: String) {
    let error = #expect(throws: AlertSyntaxError.self) { try AlertCondition(text) }
    #expect(error?.description == problem)
  }

  @Test func `holds by number and by word`() throws {
    func holds(_ text: String, _ value: MetricValue) throws -> Bool {
      try AlertCondition(text).holds(for: value)
    }
    func number(_ whole: Int64) -> MetricValue { .number(MetricNumber(whole)) }
    #expect(try holds("memory_usage_mb > 5", number(6)))
    #expect(try !holds("memory_usage_mb > 5", number(5)))
    #expect(try holds("memory_usage_mb >= 5", number(5)))
    #expect(try holds("memory_usage_mb <= 5", number(5)))
    #expect(try holds("memory_usage_mb == 5", number(5)))
    #expect(try holds("memory_usage_mb != 5", number(6)))
    #expect(try holds("memory_usage_mb < 5", number(4)))
    #expect(try !holds("memory_usage_mb < 5", .text("4")))
    #expect(try holds("circuit_breaker_state == 'OPEN'", .text("OPEN")))
    #expect(try holds("circuit_breaker_state != 'OPEN'", .text("CLOSED")))
    #expect(try !holds("circuit_breaker_state == 'OPEN'", number(1)))
  }

  @Test func `numbers are exact`() {
    #expect("\(MetricNumber(millionths: 50_000))" == "0.05")
    #expect("\(MetricNumber(millionths: -1_500_000))" == "-1.5")
    #expect(MetricNumber(1, of: 3) == MetricNumber(millionths: 333_333))
    #expect(MetricNumber(1, of: 0) == nil)
    #expect(MetricNumber(.max, of: 1) == nil)
    #expect("\(MetricValue.number(MetricNumber(7))) \(MetricValue.text("x"))" == "7 x")
  }
}
