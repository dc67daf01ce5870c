import AlertRules
package import ControlPlane
import FoundationEssentials
import Glibc
import MetricsStore
import PeerProtocol
import ProcessControl
package import RiskModel
import Supervision

/// `riskctl profile`: what the processes of a running riskd need of the machine.
package struct ServiceProfile {
  /// The specification's bound for all processes together.
  static let memoryBoundKiB: Int64 = 100 * 1_024

  private let root: String
  private let authority: any ControlAuthority
  private let processes: String
  private let clock: any Clock

  /// `processes`: the kernel's folder of processes.
  package init(
    root: String, authority: any ControlAuthority, processes: String = "/proc",
    clock: any Clock = SystemClock()
  ) {
    self.root = root
    self.authority = authority
    self.processes = processes
    self.clock = clock
  }

  /// Memory, descriptors and threads of each process. 1 when all together need 100 MiB or more.
  package func memory(asJSON: Bool) -> CommandOutcome {
    answered(asJSON) { status in
      let report = MemoryProfile(
        views(status).map { MemoryProfile.Process($0, $1) }, trend: trend())
      return (report, report.text, report.isWithinBound ? .yes : .no)
    }
  }

  /// Processor time within `seconds`, and how long answers and events take.
  package func performance(seconds: Int, asJSON: Bool) -> CommandOutcome {
    guard (1...600).contains(seconds) else {
      return CommandOutcome(.environment, complaint: "riskctl: 1 to 600 seconds\n")
    }
    return answered(asJSON) { status in
      let before = views(status)
      let start = clock.monotonicNow()
      usleep(UInt32(seconds) * 1_000_000)
      let elapsed = max(1, (clock.monotonicNow() - start).milliseconds)
      let later = try self.status()
      let processes = views(later).map { name, view in
        let earlier = before.first { $0.view.pid == view.pid }?.view
        return PerformanceProfile.Process(
          name, view, since: earlier, milliseconds: elapsed,
          worker: later.workers.first { $0.name.rawValue == name })
      }
      let report = PerformanceProfile(
        milliseconds: elapsed, processes: processes,
        canaryMicroseconds: later.canary?.latencyMicroseconds, latencies: (try? latencies()) ?? [])
      return (report, report.text, .yes)
    }
  }

  private func answered<Report: Encodable>(
    _ asJSON: Bool, _ body: (StatusReport) throws -> (Report, String, CommandOutcome.Code)
  ) -> CommandOutcome {
    do {
      let (report, text, code) = try body(try status())
      return CommandOutcome(
        code,
        output: asJSON
          ? String(decoding: try MessageCoder().encode(report), as: UTF8.self) + "\n" : text)
    } catch {
      return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
    }
  }

  private func status() throws(ControlError) -> StatusReport {
    let reply = try authority.ask(.status, timeout: .seconds(5))
    guard case .status(let report) = reply else { throw .replyUnreadable("no status") }
    return report
  }

  private func views(_ status: StatusReport) -> [(name: String, view: ProcessView)] {
    let lock = FileManager.default.contents(atPath: root + "/run/riskd.lock")
    let digits = lock.map { String(decoding: $0, as: UTF8.self).prefix(while: \.isNumber) }
    let supervisor = digits.flatMap { Int32($0) }.map { ("supervisor", $0) }
    let workers = status.workers.compactMap { worker in
      worker.pid.map { (worker.name.rawValue, $0) }
    }
    return ((supervisor.map { [$0] } ?? []) + workers).map {
      ($0.0, ProcessView($0.1, in: processes))
    }
  }

  private func values(_ metric: MetricName, _ span: TimeSpan) throws -> [StoredMetric] {
    let store = try MetricsStore(path: "\(root)/\(MonitorFiles.metrics)", readOnly: true)
    defer { store.close() }
    return try store.values(of: metric.rawValue, since: clock.now() - span)
  }

  /// Of the last day; `nil` with fewer than two values.
  private func trend() -> MemoryProfile.Trend? {
    (try? values(.memory, .seconds(86_400))).flatMap { MemoryProfile.Trend($0) }
  }

  private func latencies() throws -> [MetricSummary] {
    guard access("\(root)/\(MonitorFiles.metrics)", R_OK) == 0 else { return [] }
    let wanted: [MetricName] = [
      .eventLatencyP50, .eventLatencyP95, .eventLatencyP99, .apiTimeP50, .apiTimeP95,
    ]
    return try wanted.flatMap { MetricSummary.all(of: try values($0, .seconds(3_600))) }
  }
}
