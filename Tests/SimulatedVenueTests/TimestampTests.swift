import RiskModel
import SimulatedVenue
import Testing

struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00"),
      (
        1_795_000_000_123_456_789, "2026-11-18T11:06:40.123456+00:00",
        "2026-11-18T11:06:40.1234567+00:00"
      ),
      (1_795_000_000_120_000_000, "2026-11-18T11:06:40.12+00:00", "2026-11-18T11:06:40.12+00:00"),
      (1_795_000_000_000_000_100, "2026-11-18T11:06:40+00:00", "2026-11-18T11:06:40.0000001+00:00"),
      (-1_000_000_000, "1969-12-31T23:59:59+00:00", "1969-12-31T23:59:59+00:00"),
      (-1, "1969-12-31T23:59:59.999999+00:00", "1969-12-31T23:59:59.9999999+00:00"),
    ] as [(Int64, String, String)])
  func `fractions lose their trailing zeros`(nanos: Int64, rest: String, hub: String) {
    let instant = Instant(nanosSinceEpoch: nanos)
    #expect(instant.venueText(.microseconds) == rest)
    #expect(instant.venueText(.hundredNanoseconds) == hub)
    #expect(!instant.venueText(.seconds).contains("."))
  }

  @Test(
    arguments: [
      ("2026-11-18T11:06:40Z", 1_795_000_000_000_000_000),
      ("2026-11-18T11:06:40", 1_795_000_000_000_000_000),
      ("2026-11-18T11:06:40+00:00", 1_795_000_000_000_000_000),
      ("2026-11-18T06:06:40-05:00", 1_795_000_000_000_000_000),
      ("2026-11-18T12:36:40.5+01:30", 1_795_000_000_500_000_000),
      ("2026-11-18T11:06:40.123456789z", 1_795_000_000_123_456_789),
    ] as [(String, Int64)])
  func `the usual forms are read`(text: String, nanos: Int64) {
    #expect(Instant(venueText: text)?.nanosSinceEpoch == nanos)
  }

  @Test(arguments: [
    "", "2026-11-18", "2026-13-18T11:06:40Z", "2026-02-30T11:06:40Z", "2026-11-18T24:00:00Z",
    "2026-11-18T10:60:00Z", "2026-11-18T10:26:61Z", "2026-11-18T10:26Z", "2026-11-18T11:06:40.Z",
    "2026-11-18T11:06:40.1234567890Z", "2026-11-18T11:06:40+0100", "26-11-18T11:06:40Z",
    "2026-11-18T11:06:40.x+00:00",
  ])
  func `anything else is not`(text: String) {
    #expect(Instant(venueText: text) == nil)
  }

  @Test(
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (1_795_000_000, "Wed, 18 Nov 2026 11:06:40 GMT"),
    ] as [(Int64, String)])
  func `the date header has the fixed form`(seconds: Int64, text: String) {
    #expect(Instant(secondsSinceEpoch: seconds).httpDate == text)
  }

  @Test(arguments: [("1", 1_000), ("10", 100), ("0.5", 2_000), ("1000", 1)] as [(String, Int64)])
  func `a scenario's second takes its share of a real one`(rate: String, milliseconds: Int64) throws
  {
    let clock = try #require(ExactDecimal(rate).flatMap(ScenarioClock.init(decimal:)))
    #expect(clock.realSpan(.seconds(1)) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["0", "-1", "1001", "0.0001"])
  func `a rate has bounds`(rate: String) {
    #expect(ExactDecimal(rate).flatMap(ScenarioClock.init(decimal:)) == nil)
  }
}
