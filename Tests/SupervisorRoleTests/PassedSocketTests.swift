import ControlPlane
import Glibc
import ProcessControl
import Supervision
import Testing

/// Sockets as a service manager passes them, and who may use the control socket.
@Suite(.serialized) struct PassedSocketTests {
  @Test func theControlSocketIsTakenAndOthersAreKeptFromWorkers() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    // Workers refuse to start with a descriptor that nobody meant them to have.
    let program = try RunningProgram(in: root, passing: ["trader", "control"])
    let passed = root.path + "/control.passed"
    let client = ControlClient(path: passed)
    var last: StatusReport?
    let isRunning = eventually {
      guard case .status(let report)? = try? client.ask(.status) else { return false }
      last = report
      return report.state == .running
    }
    let log = program.log()
    let found = isRunning ? last : nil
    let report = try #require(found, "\(log)")
    #expect(access(root.path + "/run/control.sock", F_OK) != 0)
    // Who connects to the other one waits, and is not refused.
    #expect(canConnect(to: root.path + "/trader.passed"))
    for pid in report.workers.compactMap(\.pid) {
      #expect(!variables(of: pid).contains { $0.hasPrefix("LISTEN_") })
    }
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
    #expect(access(passed, F_OK) == 0, "it is the service manager's")
  }

  @Test func aSocketOfAnotherNameIsNotServed() throws {
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(in: root, passing: ["trader"])
    _ = try program.waitUntilRunning()
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
    #expect(access(root.path + "/run/control.sock", F_OK) != 0)
  }

  @Test func aStrangerIsRefusedAndLogged() async throws {
    guard geteuid() == 0 else {
      try #require(getenv("CI").map { String(cString: $0) } != "true", "needs root")
      return
    }
    let root = try TemporaryRoot()
    defer { root.remove() }
    let program = try RunningProgram(in: root)
    _ = try program.waitUntilRunning()
    let path = root.controlSocket
    // As if somebody had opened the socket to all.
    #expect(chmod(path, 0o666) == 0 && chmod(root.path, 0o755) == 0)
    await #expect(processExitsWith: .exitCode(4)) { [path = path as String] in
      guard setgroups(0, nil) == 0, setgid(65_534) == 0, setuid(65_534) == 0 else { exit(1) }
      exit(OperatorCommands(ControlClient(path: path)).status(.json).code.rawValue)
    }
    #expect(program.log().contains("an operator's request is refused"))
    #expect(program.log().contains("uid=65534"))
    kill(program.pid, SIGTERM)
    #expect(program.waitForExit() == 0)
  }

  private func canConnect(to path: String) -> Bool {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    return withSocketAddress(path) { connect(number, $0, $1) } == 0
  }

  private func variables(of pid: Int32) -> [Substring] {
    let file = open("/proc/\(pid)/environ", O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\0")
  }
}
