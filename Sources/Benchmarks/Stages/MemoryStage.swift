import Glibc
import RiskModel
import SimulatedVenue
import Supervision

/// Memory of every process after the start and after many events, and the processor that riskd takes
/// while nothing happens.
package struct MemoryStage {
  private static let eventsPerSecond = 2_000
  /// An order of the simulated venue is five events.
  static let eventsPerOrder = 5

  package var program: String
  package var extent: Extent

  package init(program: String, extent: Extent) {
    self.program = program
    self.extent = extent
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    let system = try BenchmarkSystem(program: program)
    defer { system.end() }
    var outcome = StageOutcome()
    let start = try memory(system, "start", &outcome)
    outcome.figures.append(
      Figure(.memoryAtStart, value: sum(start), detail: processes(start)))
    try feed(system)
    let after = try memory(system, "events", &outcome)
    outcome.figures += [
      Figure(.memory, value: sum(after)),
      Figure(
        .largestProcess, value: after.map { Double($0.memory.residentBytes) }.max(),
        detail: processes(after)),
    ]
    outcome.figures.append(try idle(system))
    return outcome
  }

  private typealias Entry = (name: String, memory: ProcessMemory)

  private func memory(
    _ system: BenchmarkSystem, _ moment: String, _ outcome: inout StageOutcome
  ) throws(BenchmarkError) -> [Entry] {
    var entries: [Entry] = []
    for process in try system.riskd.processes() {
      let memory = try ProcessMemory.ofProcess(process.pid)
      entries.append((process.name, memory))
      outcome.processes.append(
        BenchmarkReport.ProcessEntry(name: process.name, moment: moment, memory))
    }
    return entries
  }

  private func sum(_ entries: [Entry]) -> Double {
    entries.reduce(0) { $0 + Double($1.memory.proportionalBytes) }
  }

  private func processes(_ entries: [Entry]) -> String {
    let resident = entries.reduce(0) { $0 + Double($1.memory.residentBytes) }
    return "\(entries.count) processes, sum of RSS \(ReportText.text(resident, .bytes))"
  }

  private func feed(_ system: BenchmarkSystem) throws(BenchmarkError) {
    let watch = try system.journal()
    let seconds = Int64(extent.memoryEvents) * 1_000 / Int64(Self.eventsPerSecond)
    system.venue.startTraffic(
      TrafficPlan(
        account: BenchmarkSystem.account, contract: BenchmarkSystem.mnq,
        ordersPerSecond: Self.eventsPerSecond / Self.eventsPerOrder,
        duration: .milliseconds(seconds)))
    try system.awaitTrafficEnd(atMost: .milliseconds(seconds) + .seconds(5))
    _ = try system.awaitLastTrade(in: watch, atMost: .seconds(20))
  }

  /// Processor time in a while without events, as a share of one processor.
  private func idle(_ system: BenchmarkSystem) throws(BenchmarkError) -> Figure {
    usleep(500_000)
    let before = try system.riskd.processorTime()
    let time = Stopwatch()
    usleep(UInt32(extent.idleDuration.nanos / 1_000))
    let used = try system.riskd.processorTime() - before
    return Figure(
      .idleProcessor, value: used.seconds / time.elapsed.seconds,
      detail: "\(used.milliseconds) ms of processor time in "
        + "\(ReportText.text(Double(time.elapsed.nanos), .nanoseconds)), all processes")
  }
}
