import Foundation
import Glibc
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite struct KeptRecordsTests {
  private static let moment = Moment(
    monotonic: MonotonicInstant(nanos: 1), boot: BootInstant(nanos: 7_000_000_000),
    civil: Instant(secondsSinceEpoch: 1_763_735_400))

  private static func entry(_ number: Int, padding: Int = 0) -> HistoryEntry {
    HistoryEntry(
      at: moment, .death, worker: .gateway, pid: Int32(number), life: 1, cause: "exit 1",
      isCounted: true, deathsInWindow: 1, text: String(repeating: "x", count: padding))
  }

  @Test func deathsAreReadAsTheyWereSaved() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let records = KeptRecords(directory: root.path + "/data")
    #expect(try records.loadDeaths() == nil)
    let causes: [CauseOfDeath] = [
      .exit(code: 3), .signal(11), .hang(.silent(milliseconds: 5_000)),
      .hang(.stuck(backlog: 3, milliseconds: 3_000)), .linkUnconfirmed(.feed),
      .linkBroken(.verdict), .misspoke("x"), .channelClosed,
    ]
    let deaths = causes.map {
      Death(worker: .evaluator, cause: $0, at: Self.moment.boot, civil: Self.moment.civil)
    }
    try records.save(DeathWindow(boot: "old", deaths: []))
    try records.save(DeathWindow(boot: "b", deaths: deaths))
    let again = KeptRecords(directory: root.path + "/data")
    #expect(try again.loadDeaths() == DeathWindow(boot: "b", deaths: deaths))
    #expect(access(root.deathsFile + ".new", F_OK) != 0)
  }

  @Test func theFileOfDeathsHasADocumentedForm() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let death = Death(
      worker: .evaluator, cause: .signal(9), at: Self.moment.boot, civil: Self.moment.civil)
    try KeptRecords(directory: root.path + "/data").save(
      DeathWindow(boot: "b", deaths: [death]))
    #expect(
      try String(contentsOfFile: root.deathsFile, encoding: .utf8)
        == #"{"boot":"b","deaths":[{"at":7000000000,"cause":{"signal":{"_0":9}},"#
        + #""civil":1763735400000000000,"worker":"evaluator"}],"version":1}"#)
  }

  @Test(arguments: ["", "{", "[]", #"{"version":2,"boot":"b","deaths":[]}"#, #"{"version":1}"#])
  func aFileOfDeathsThatIsDamagedIsToldSo(content: String) throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    try content.write(toFile: root.deathsFile, atomically: false, encoding: .utf8)
    #expect(throws: SupervisorError.unreadable(path: root.deathsFile)) {
      try KeptRecords(directory: root.path + "/data").loadDeaths()
    }
  }

  @Test func historyOutlivesTheSupervisor() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let records = KeptRecords(directory: root.path + "/data")
    try records.loadHistory()
    for number in 0..<5 { try records.append(Self.entry(number)) }
    let again = KeptRecords(directory: root.path + "/data")
    try again.loadHistory()
    #expect(again.latest(3) == (2..<5).map { Self.entry($0) })
    try again.append(Self.entry(5))
    #expect(again.latest(100).count == 6)
  }

  @Test func historyIsBounded() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let records = KeptRecords(directory: root.path + "/data")
    for number in 0..<3_000 { try records.append(Self.entry(number, padding: 200)) }
    #expect(records.latest(5_000).count == 1_000)
    let size = try Data(contentsOf: URL(fileURLWithPath: root.historyFile)).count
    #expect(size > 100_000 && size <= 262_144)
    let again = KeptRecords(directory: root.path + "/data")
    try again.loadHistory()
    #expect(again.latest(1) == [Self.entry(2_999, padding: 200)])
    let pids = again.latest(1_000).compactMap(\.pid)
    #expect(pids == Array(Int32(3_000 - pids.count)..<3_000))
  }

  @Test func aTornLineSpoilsNoOther() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let records = KeptRecords(directory: root.path + "/data")
    try records.append(Self.entry(1))
    let content = try String(contentsOfFile: root.historyFile, encoding: .utf8)
    try (content + "nonsense\n" + content.dropLast(20)).write(
      toFile: root.historyFile, atomically: false, encoding: .utf8)
    let again = KeptRecords(directory: root.path + "/data")
    try again.loadHistory()
    #expect(again.latest(10) == [Self.entry(1)])
    try again.append(Self.entry(2))
    try again.append(Self.entry(3))
    let third = KeptRecords(directory: root.path + "/data")
    try third.loadHistory()
    #expect(third.latest(10) == [1, 2, 3].map { Self.entry($0) })
  }

  @Test func aDirectoryThatIsGoneIsToldSo() throws {
    let records = KeptRecords(directory: "/nonexistent")
    #expect(try records.loadDeaths() == nil)
    #expect {
      try records.save(DeathWindow(boot: "b"))
    } throws: {
      "\($0)" == "/nonexistent/supervision.json: open: No such file or directory"
    }
    #expect(throws: (any Error).self) { try records.append(Self.entry(1)) }
    #expect(records.latest(1) == [Self.entry(1)])
  }

  @Test func filesAreNotForEverybody() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let records = KeptRecords(directory: root.path + "/data")
    try records.append(Self.entry(1))
    try records.save(DeathWindow(boot: "b"))
    for path in [root.historyFile, root.deathsFile] {
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o007 == 0)
    }
  }

  @Test func errorsInWords() {
    #expect("\(SupervisorError.unreadable(path: "p"))" == "p is not readable as what it should be")
    #expect(
      "\(SupervisorError.settingsMissing(worker: "gateway"))" == "there are no settings for gateway"
    )
    #expect("\(SupervisorError.workerAbsent(worker: "gateway"))" == "gateway has no process")
    #expect("\(SupervisorError.file(path: "p", problem: "q"))" == "p: q")
  }

  @Test func theMachineHasItsClocks() {
    let first = MachineClock().moment()
    let second = MachineClock().moment()
    #expect(second.monotonic >= first.monotonic)
    #expect(second.boot >= first.boot)
    #expect(MachineClock.boot() == MachineClock.boot())
  }
}
