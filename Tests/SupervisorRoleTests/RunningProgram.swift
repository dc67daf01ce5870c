import ControlPlane
import Foundation
import Glibc
import RiskModel
import Supervision
import Testing

/// The supervisor as a process of its own, and the socket on which a service manager listens.
final class RunningProgram {
  let root: TemporaryRoot
  let pid: pid_t
  private let notifySocket: Int32
  private var exitCode: Int32?

  /// `passing` are the names of listening sockets that it is given as a service manager gives them;
  /// their paths end with `.passed`.
  init(
    _ behaviours: [String] = [], in root: TemporaryRoot, passing names: [String] = []
  ) throws {
    self.root = root
    let notifyPath = root.path + "/notify"
    notifySocket = try Self.listen(at: notifyPath)
    let program = try supervisorProgram()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(
      &actions, 2, root.path + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    for (index, name) in names.enumerated() {
      let listener = try Self.listener(at: "\(root.path)/\(name).passed")
      posix_spawn_file_actions_adddup2(&actions, listener, 3 + Int32(index))
    }
    // Without it, what this process runs would not show in the coverage of the tests.
    let profile = getenv("LLVM_PROFILE_FILE").map { ["LLVM_PROFILE_FILE=" + String(cString: $0)] }
    let environment =
      (profile ?? []) + [
        "NOTIFY_SOCKET=\(notifyPath)", "WATCHDOG_USEC=400000", "CREDENTIALS_DIRECTORY=/nowhere",
        "PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no", "JOURNAL_STREAM=1:2",
      ] + Self.listenVariables(names)
    let words = [program, "supervise", root.path] + behaviours
    // The variable names the process that runs the program.
    let shell = ["/bin/sh", "-c", "export LISTEN_PID=$$; exec \"$0\" \"$@\""]
    var arguments = ((names.isEmpty ? [] : shell) + words).map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let result = posix_spawn(
      &pid, names.isEmpty ? program : shell[0], &actions, nil, &arguments, &variables)
    try #require(result == 0)
    self.pid = pid
  }

  deinit {
    if exitCode == nil {
      kill(pid, SIGKILL)
      _ = waitForExit()
    }
    close(notifySocket)
  }

  var commands: OperatorCommands { OperatorCommands(ControlClient(path: root.controlSocket)) }

  func status() throws -> StatusReport {
    let reply = try ControlClient(path: root.controlSocket).ask(.status, timeout: .seconds(30))
    guard case .status(let report) = reply else {
      throw ControlError.replyUnreadable("\(reply)")
    }
    return report
  }

  func waitUntilRunning() throws -> StatusReport {
    try #require(eventually { (try? status().state) == .running }, "\(log())")
    return try status()
  }

  /// The exit code, or the negated signal.
  func waitForExit() -> Int32 {
    if let exitCode { return exitCode }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
    exitCode = code
    return code
  }

  func log() -> String {
    (try? String(contentsOfFile: root.path + "/log", encoding: .utf8)) ?? ""
  }

  func descriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
  }

  /// What the service manager has been told so far.
  func notices() -> [String] {
    var texts: [String] = []
    var bytes = [UInt8](repeating: 0, count: 8_192)
    while true {
      let count = bytes.withUnsafeMutableBytes {
        recv(notifySocket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
      }
      guard count > 0 else { return texts }
      texts.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  private static func listenVariables(_ names: [String]) -> [String] {
    names.isEmpty
      ? []
      : ["LISTEN_FDS=\(names.count)", "LISTEN_FDNAMES=\(names.joined(separator: ":"))"]
  }

  /// Numbered above those that the program is to see.
  private static func listener(at path: String) throws -> Int32 {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    let bound = withSocketAddress(path) { [number] in bind(number, $0, $1) }
    let listening = Glibc.listen(number, 4)
    try #require(bound == 0 && listening == 0)
    return fcntl(number, F_DUPFD_CLOEXEC, 100)
  }

  private static func listen(at path: String) throws -> Int32 {
    unlink(path)
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    let result = withSocketAddress(path) { [number] in bind(number, $0, $1) }
    try #require(result == 0)
    return number
  }
}
