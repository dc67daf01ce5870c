import ControlPlane
import Foundation
import MetricsStore
import ProcessControl
import RiskModel
import RiskTestKit
import Supervision
import Testing

@testable import Workers

/// `riskctl profile` over a folder that looks like the kernel's.
@Suite struct ServiceProfileTests {
  private let folder = TemporaryFolder("riskd-profile")

  private struct FixedClock: Clock {
    func now() -> Instant { Sample.morning }
    func monotonicNow() -> MonotonicInstant { SystemClock().monotonicNow() }
  }

  private struct Answering: ControlAuthority {
    var answer: @Sendable () -> ControlReply

    func ask(_ request: ControlRequest, timeout: TimeSpan) throws(ControlError) -> ControlReply {
      answer()
    }
  }

  private func write(_ name: String, _ text: String) throws {
    let path = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(
      at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: path, atomically: false, encoding: .utf8)
  }

  private func process(_ pid: Int, pss: Int? = 10_000, ticks: Int = 100) throws {
    try write("proc/\(pid)/status", "Name:\triskd\nVmRSS:\t   12345 kB\nThreads:\t7\n")
    let tail = "S 1 1 1 0 -1 4194304 100 0 0 0 \(ticks) 50 0 0 20 0 7 0 100"
    try write("proc/\(pid)/stat", "\(pid) (risk) d) \(tail)\n")
    if let pss { try write("proc/\(pid)/smaps_rollup", "Rss: 1 kB\nPss:     \(pss) kB\n") }
    for number in 0..<3 { try write("proc/\(pid)/fd/\(number)", "") }
  }

  private static func status(_ change: (inout StatusReport.Worker) -> Void = { _ in }) throws
    -> StatusReport
  {
    let text = """
      {"state":"running","since":"","time":"","version":"1","release":{"state":"unmanaged"},
       "isReady":true,"deathsInWindow":0,"windowSeconds":600,
       "canary":{"isLost":false,"total":3,"latencyMicroseconds":840},
       "workers":[{"name":"enforcer","state":"ready","pid":11,"life":1,"deathsInWindow":0,
         "links":[],"answerMilliseconds":2,"progress":{"loops":9,"inputs":8,"outputs":7,
         "backlog":6,"oldestAgeMilliseconds":5,"figures":{}}},
        {"name":"evaluator","state":"pausing","life":1,"deathsInWindow":1,"links":[]}]}
      """
    var report = try JSONDecoder().decode(StatusReport.self, from: Data(text.utf8))
    change(&report.workers[0])
    return report
  }

  private func profile(_ answer: @escaping @Sendable () -> ControlReply) -> ServiceProfile {
    ServiceProfile(
      root: folder.path, authority: Answering(answer: answer), processes: folder.file("proc"),
      clock: FixedClock())
  }

  private func profile() throws -> ServiceProfile {
    let status = try Self.status()
    return profile { .status(status) }
  }

  @Test func `memory of each process and of all`() throws {
    defer { folder.remove() }
    try write("run/riskd.lock", "10\n")
    try process(10)
    try process(11, pss: 20_000)
    try FileManager.default.createDirectory(
      atPath: folder.file("data"), withIntermediateDirectories: false)
    let metrics = try MetricsStore(path: folder.file("data/metrics.db"))
    try metrics.record(
      (0..<3).map {
        StoredMetric(
          at: Sample.morning - .seconds(7_200 - 3_600 * $0), name: "memory_usage_mb", label: "",
          millionths: 30_000_000 + $0 * 1_500_000)
      })
    metrics.close()
    #expect(
      try profile().memory(asJSON: false)
        == CommandOutcome(
          .yes,
          output: """
            PROCESS     PID  RSS KiB  PSS KiB  FDS  THREADS
            supervisor   10    12345    10000    3        7
            enforcer     11    12345    20000    3        7
            all together: 30000 KiB, below 100 MiB
            last day: 30 to 33 MiB, 1.5 MiB an hour over 3 values

            """))
    #expect(
      try profile().memory(asJSON: true).output == """
        {"isWithinBound":true,"processes":[\
        {"descriptors":3,"name":"supervisor","pid":10,"pssKiB":10000,"rssKiB":12345,"threads":7},\
        {"descriptors":3,"name":"enforcer","pid":11,"pssKiB":20000,"rssKiB":12345,"threads":7}],\
        "totalPssKiB":30000,"trend":{"leastMiB":"30","mebibytesPerHour":"1.5","mostMiB":"33",\
        "values":3}}

        """)
    try process(11, pss: 92_400)
    #expect(try profile().memory(asJSON: false).code == .no)
  }

  @Test func `what may not be seen is not known`() throws {
    defer { folder.remove() }
    try process(11, pss: nil)
    try FileManager.default.removeItem(atPath: folder.file("proc/11/fd"))
    let outcome = try profile().memory(asJSON: false)
    #expect(outcome.code == .yes)
    #expect(
      outcome.output == """
        PROCESS   PID  RSS KiB  PSS KiB  FDS  THREADS
        enforcer   11    12345        -    -        7
        all together: not known; only root and riskd's user see it
        last day: no values

        """)
  }

  @Test func `processor time within a span`() throws {
    defer { folder.remove() }
    try process(11)
    let status = try Self.status()
    let looks = Looks()
    let stat = folder.file("proc/11/stat")
    let profile = profile {
      // Ten ticks of a hundredth of a second between the first look and the second.
      if looks.next() == 2 {
        let text = (try? String(contentsOfFile: stat, encoding: .utf8)) ?? ""
        try? text.replacing(" 100 50 ", with: " 110 50 ")
          .write(toFile: stat, atomically: false, encoding: .utf8)
      }
      return .status(status)
    }
    let outcome = profile.performance(seconds: 1, asJSON: false)
    #expect(outcome.code == .yes, "\(outcome.complaint)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    let cells = try #require(lines.dropFirst(2).first).split(separator: " ").map(String.init)
    #expect(cells[0] == "enforcer")
    let share = try #require(cells[2].split(separator: ".").first.flatMap { Int($0) })
    #expect((1...10).contains(share), "a tenth of a second within one or a bit more")
    #expect(cells[3...] == ["1600", "7", "8", "6", "5", "ms", "2", "ms"])
    #expect(lines.suffix(2) == ["gateway to enforcer: 840 µs", "last hour: no values"])
  }

  /// Counts from 1.
  private final class Looks: @unchecked Sendable {
    private var count = 0
    func next() -> Int {
      count += 1
      return count
    }
  }

  @Test func `nobody to ask, and wrong usage`() throws {
    defer { folder.remove() }
    let silent = ServiceProfile(
      root: folder.path, authority: ControlClient(path: folder.file("run/control.sock")))
    #expect(silent.memory(asJSON: false).code == .environment)
    #expect(try profile().performance(seconds: 0, asJSON: false).code == .environment)
    let odd = profile { .history([]) }
    #expect(odd.memory(asJSON: true).code == .environment)
  }
}
