import RiskModel
import Testing

@testable import VenueAPI

@Suite struct VenueTimestampTests {
  @Test(arguments: [
    ("2026-08-19T20:49:25Z", Int64(1_787_172_565_000_000_000)),
    ("2026-08-19T20:49:25+00:00", 1_787_172_565_000_000_000),
    ("2026-08-19T20:49:25.3+00:00", 1_787_172_565_300_000_000),
    ("2026-08-19T20:49:25.393+00:00", 1_787_172_565_393_000_000),
    ("2026-08-19T20:49:25.3938+00:00", 1_787_172_565_393_800_000),
    ("2026-08-19T20:49:25.39383+00:00", 1_787_172_565_393_830_000),
    ("2026-08-19T20:49:25.393833+00:00", 1_787_172_565_393_833_000),
    ("2026-08-19T20:49:25.3938333+00:00", 1_787_172_565_393_833_300),
    ("2026-08-19T20:49:25.393833312Z", 1_787_172_565_393_833_312),
    ("2026-08-19T15:49:25-05:00", 1_787_172_565_000_000_000),
    ("2026-08-20T02:19:25+05:30", 1_787_172_565_000_000_000),
    ("1970-01-01T00:00:00Z", 0),
    ("1969-12-31T23:59:59.5Z", -500_000_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
  ])
  func readsEveryForm(text: String, nanos: Int64) {
    #expect(VenueTimestamp.instant(text) == Instant(nanosSinceEpoch: nanos))
  }

  @Test(arguments: [
    "", "2026-08-19", "2026-08-19 20:49:25Z", "2026-08-19T20:49:25", "2026-08-19T20:49:25.Z",
    "2026-08-19T20:49:25.1234567890Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+0500", "2026-01-01T00:00:00+05:60", "2026-01-01T00:00:00Zx",
    "26-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "0001-01-01T00:00:00Z", "1677-12-31T23:59:59Z",
    "2262-01-01T00:00:00Z", "2026-01-01T00:00:0٣Z", "-026-01-01T00:00:00Z",
  ])
  func refusesEverythingElse(text: String) {
    #expect(VenueTimestamp.instant(text) == nil)
  }

  @Test(arguments: [
    (Int64(1_787_172_565_393_833_312), "2026-08-19T20:49:25.393833Z"),
    (0, "1970-01-01T00:00:00.000000Z"),
    (1_000, "1970-01-01T00:00:00.000001Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
  ])
  func writesUTCWithSixDigits(nanos: Int64, text: String) {
    #expect(VenueTimestamp.text(Instant(nanosSinceEpoch: nanos)) == text)
  }

  @Test func showsASecondForPeople() {
    #expect(
      VenueTimestamp.secondText(instant("2025-10-23T12:00:00.9Z")) == "2025-10-23 12:00:00")
  }

  @Test func theVenuesNoTimeIsAbsentWhereItMayBe() throws {
    let row = Row.order.replacing(
      #""updateTimestamp":null"#, with: #""updateTimestamp":"0001-01-01T00:00:00+00:00""#)
    let order = try Row.reply("orders", row).decodeOrderPage(of: account).get().orders[0]
    #expect(order.updatedAt == nil)
    let created = Row.order.replacing("2026-08-19T20:49:25.39383", with: "0001-01-01T00:00:00")
    #expect(
      Row.reply("orders", created).decodeOrderPage(of: account).failure
        == .memberMalformed("order.creationTimestamp"))
  }
}
