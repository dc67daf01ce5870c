import ControlPlane
import Foundation
import Glibc
import ProcessControl
import RiskModel
import Supervision
import SupervisorRole
import Testing

@Suite(.serialized) struct SupervisorProgramTests {
  @Test func theLifeOfASupervisor() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(["enforcer=telling"], in: root)
    // Degraded, because the enforcer tells what it was given.
    #expect(eventually { (try? program.status().isReady) == true })
    let report = try program.status()
    #expect(report.workers[0].degraded == "given:")
    var notices: [String] = []
    #expect(
      eventually {
        notices += program.notices()
        return notices.contains { $0.hasSuffix("\nWATCHDOG=1") }
      })
    let ready = try #require(notices.firstIndex { $0.hasSuffix("\nREADY=1") })
    let alive = try #require(notices.firstIndex { $0.hasSuffix("\nWATCHDOG=1") })
    #expect(ready < alive)
    #expect(notices.allSatisfy { $0.hasPrefix("STATUS=") && $0.utf8.count < 4_096 })
    kill(program.pid, SIGHUP)
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
    #expect(program.notices().contains { $0.hasSuffix("\nSTOPPING=1") })
    #expect(report.workers.compactMap(\.pid).allSatisfy { !isAlive($0) })
    #expect(!program.log().lowercased().contains("crash"))
    #expect(program.log().contains("gateway stopped: stopped"))
  }

  @Test func aSecondSIGTERMDoesNotShortenTheStop() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(["gateway=stubborn"], in: root)
    let pids = try program.waitUntilRunning().workers.compactMap(\.pid)
    kill(program.pid, SIGINT)
    for _ in 0..<5 { kill(program.pid, SIGTERM) }
    #expect(program.waitForExit() == 0)
    #expect(pids.allSatisfy { !isAlive($0) })
    let records = KeptRecords(directory: root.path + "/data")
    try records.loadHistory()
    let entries = records.latest(1_000)
    #expect(
      entries.filter { $0.event == .death }.map(\.worker) == [.gateway, .evaluator, .enforcer])
    #expect(entries.filter { $0.event == .stopAsked }.count == 1)
  }

  @Test func aReloadDoesNotCallAStopBack() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(["gateway=stubborn"], in: root)
    let pids = try program.waitUntilRunning().workers.compactMap(\.pid)
    kill(program.pid, SIGTERM)
    #expect(eventually { program.log().contains("stopping all workers in order") })
    for _ in 0..<3 { kill(program.pid, SIGHUP) }
    #expect(program.waitForExit() == 0)
    #expect(pids.allSatisfy { !isAlive($0) })
    let records = KeptRecords(directory: root.path + "/data")
    try records.loadHistory()
    let entries = records.latest(1_000)
    #expect(entries.last?.event == .stopped)
    #expect(entries.count { $0.event == .workerStarted } == 3)
    #expect(!entries.contains { $0.event == .reloadAccepted })
  }

  @Test func aSecondCtrlCHurries() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    // Nobody would end a stubborn worker in less than an hour.
    let program = try RunningProgram(["gateway=stubborn", "patience=3600"], in: root)
    let pids = try program.waitUntilRunning().workers.compactMap(\.pid)
    kill(program.pid, SIGINT)
    #expect(eventually { program.log().contains("stopping all workers in order") })
    kill(program.pid, SIGINT)
    #expect(program.waitForExit() == 0)
    #expect(pids.allSatisfy { !isAlive($0) })
    let records = KeptRecords(directory: root.path + "/data")
    try records.loadHistory()
    let entries = records.latest(1_000)
    #expect(
      entries.filter { $0.event == .death }.map(\.worker) == [.gateway, .evaluator, .enforcer])
    #expect(entries.last?.event == .stopped)
  }

  @Test func whenTheSupervisorDiesTheWorkersGoAndTheDeathsAreRemembered() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let first = try RunningProgram(in: root)
    let report = try first.waitUntilRunning()
    kill(try #require(report.workers[1].pid), SIGKILL)
    #expect(eventually { (try? first.status().workers[1].life) == 2 })
    let pids = try first.waitUntilRunning().workers.compactMap(\.pid)
    kill(first.pid, SIGKILL)
    #expect(first.waitForExit() == -SIGKILL)
    #expect(eventually { pids.allSatisfy { !isAlive($0) } })
    let second = try RunningProgram(in: root)
    let again = try second.waitUntilRunning()
    #expect(again.workers[1].deathsInWindow == 1)
    #expect(again.workers[1].life == 1)
    kill(second.pid, SIGTERM)
    #expect(second.waitForExit() == 0)
  }

  @Test func aSecondSupervisorOfTheSameDirectoryIsRefused() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let first = try RunningProgram(in: root)
    _ = try first.waitUntilRunning()
    let second = try RunningProgram(in: root)
    #expect(second.waitForExit() == Supervisor.internalFailure)
    #expect(second.log().contains("riskd.lock is locked by process \(first.pid)"))
    #expect(unlink(root.path + "/run/riskd.lock") == 0)
    let third = try RunningProgram(in: root)
    #expect(third.waitForExit() == Supervisor.internalFailure)
    #expect(third.log().contains("/data is locked by another process"))
    #expect(access(root.path + "/run/riskd.lock", F_OK) != 0)
    #expect(try first.status().state == .running)
    #expect(try first.status().workers.map(\.life) == [1, 1, 1])
    kill(first.pid, SIGTERM)
    #expect(first.waitForExit() == 0)
  }

  @Test func aRootThatCannotBeUsed() throws {
    let supervisor = Supervisor(
      root: "/proc/none", executable: "/bin/false",
      configuration: SupervisedConfiguration(settings: [:]))
    #expect(supervisor.run() == 70)
  }

  @Test func operatorsRestartWorkersAndNothingIsLeftBehind() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(in: root)
    _ = try program.waitUntilRunning()
    #expect(program.commands.status(.json).code == .yes)
    let before = try program.descriptors()
    for number in 0..<15 {
      let worker = WorkerName.critical[number % 3]
      let request = RestartRequest(worker: worker, wait: true, timeoutSeconds: 60, reason: "test")
      let outcome = program.commands.restart(request)
      #expect(outcome.output == "\(worker.rawValue) is ready again\n", "\(outcome)")
    }
    let report = try program.waitUntilRunning()
    #expect(report.workers.map(\.life) == [6, 6, 6])
    #expect(report.deathsInWindow == 0)
    #expect(
      try eventually {
        // A notice that waits for its reader holds a descriptor.
        _ = program.notices()
        return try program.descriptors() <= before
      })
    let history = program.commands.history(limit: 1_000, .json)
    #expect(history.output.split(separator: "\n").count { $0.contains(#""restartAsked""#) } == 15)
    let own = PeerCredentials(pid: getpid(), user: getuid(), group: getgid()).named()
    #expect(history.output.contains("(\(own))"))
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
    #expect(program.commands.status(.json).code == .environment)
  }

  @Test func nonsenseOnTheSocketDisturbsNobody() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(in: root)
    let report = try program.waitUntilRunning()
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    print("seed \(seed)")
    var generator = SplitMix(seed)
    for _ in 0..<40 {
      let client = try NonsenseClient(root.controlSocket)
      client.send(
        (0..<Int(generator.next() % 9_000)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      )
    }
    kill(try #require(report.workers[2].pid), SIGKILL)
    #expect(eventually { (try? program.status().workers[2].life) == 2 })
    #expect(try program.waitUntilRunning().workers[0].life == 1)
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
  }

  @Test func aSupervisorOutOfDescriptorsGoesOn() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(["descriptors=24"], in: root)
    let pid = try #require(try program.waitUntilRunning().workers[2].pid)
    try holdConnections(15, to: root.controlSocket) {
      kill(pid, SIGKILL)
      #expect(eventually { program.log().contains("Too many open files") })
    }
    let report = try program.waitUntilRunning()
    #expect(report.workers[0].life == 1)
    // Its start fails and is tried again, or its links fail.
    #expect(report.workers[2].life > 2 || program.log().contains("linkFailed"))
    #expect(report.workers[2].pid != pid)
    #expect(report.deathsInWindow == 1)
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
  }

  @Test func aSupervisorThatWasStoppedBlamesNobody() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(in: root)
    _ = try program.waitUntilRunning()
    kill(program.pid, SIGSTOP)
    // Longer than any worker may be silent, which is 5 s.
    usleep(6_000_000)
    kill(program.pid, SIGCONT)
    let records = KeptRecords(directory: root.path + "/data")
    #expect(
      try eventually {
        try records.loadHistory()
        return records.latest(1_000).contains { $0.event == .stalled }
      })
    #expect(try program.waitUntilRunning().workers.map(\.life) == [1, 1, 1])
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
  }
}

private func holdConnections(
  _ count: Int, to path: String, _ body: () throws -> Void
) throws {
  guard count > 0 else { return try body() }
  let client = try NonsenseClient(path)
  try holdConnections(count - 1, to: path, body)
  client.send([])
}

/// A client that sends what is no request, and goes.
private struct NonsenseClient: ~Copyable {
  private let number: Int32

  init(_ path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let result = withSocketAddress(path) { [number] in connect(number, $0, $1) }
    try #require(result == 0)
  }

  deinit { close(number) }

  func send(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes {
      Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }
}

/// SplitMix64, so that a run can be repeated from its seed.
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
