import Supervision
import Testing

@Suite struct ReleaseHistoryTests {
  private static let text = """
    2026-11-20T10:00:00Z installed 1.0: before it: nothing
    2026-11-20T10:00:05Z ended 1.0: success, exited 0, asked for: yes
    2026-11-20T10:01:00Z ended 1.1: watchdog, killed ABRT, asked for: no
    2026-11-20T10:01:06Z rolled-back 1.1 -> 1.0: 1.1 was given up: 3 starts failed
    torn
    2026-11-20T10:02:00Z safe-mode 1.0: there was a roll-back already
    """

  @Test func deathsOfTheServiceAndRollBacksAreEntries() {
    let entries = ReleaseHistory.entries(Self.text, after: nil)
    #expect(entries.map(\.event) == [.death, .rolledBack, .safeMode])
    #expect(entries[0].cause == "watchdog")
    #expect(entries[0].isCounted == true)
    #expect(entries[0].time == "2026-11-20T10:01:00Z")
    #expect(entries[1].text == "rolled back: 1.1 -> 1.0: 1.1 was given up: 3 starts failed")
  }

  @Test(arguments: [
    ("2026-11-20T10:01:00.500Z", 3), ("2026-11-20T10:01:00Z", 2),
    ("2026-11-20T10:01:05.999Z", 2), ("2026-11-20T10:02:00Z", 0),
  ])
  func whatWasToldIsNotToldAgain(time: String, count: Int) {
    #expect(ReleaseHistory.entries(Self.text, after: time).count == count)
  }

  @Test func onlyTheLatestOfMuchAreTold() {
    let lines = (100..<400).map { "2026-11-20T10:00:00.\($0)Z rolled-back a -> b: \($0)" }
    let entries = ReleaseHistory.entries(lines.joined(separator: "\n"), after: nil)
    #expect(entries.count == 100)
    #expect(entries.last?.text == "rolled back: a -> b: 399")
  }
}
