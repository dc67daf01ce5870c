import Checklist
import FoundationEssentials
import Glibc
import ProcessControl

/// What the control of the service needs of the machine; tests put their own in its place.
struct ServicePorts {
  /// Whether systemd runs this machine.
  var hasSystemd: () -> Bool = { access("/run/systemd/system", F_OK) == 0 }
  var unit: (_ root: String) -> Sighting<UnitFacts> = ServiceUnit.look
  /// Runs a program to its end, its words first.
  var run: (_ words: [String]) -> (code: Int32, output: String) = ServicePorts.run
  /// The kernel's folder of processes.
  var processes = "/proc"

  private static let passedOn: Set<String> = ["HOME", "LANG", "PATH", "TERM", "TZ"]

  private static func run(_ words: [String]) -> (code: Int32, output: String) {
    guard let program = words.first else {
      preconditionFailure("Invariant: a command has a name")
    }
    var template = Array("/tmp/riskctl-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { return (127, "no file for the output: \(problem())") }
    let output = Descriptor(owning: number)
    defer { output.close() }
    unlink(template)
    do {
      let reactor = try Reactor()
      let child = try ChildProcess.spawn(
        ChildLaunch(
          executable: program, arguments: Array(words.dropFirst()),
          environment: ChildEnvironment.inherited().filter { passedOn.contains($0.key) },
          output: output, errorOutput: output))
      try child.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
      reactor.run()
      let code: Int32
      switch child.exitStatus {
      case .exited(let value)?: code = value
      case .signalled(let signal, _)?: code = 128 + signal
      case nil: code = 127
      }
      return (code, text(of: number))
    } catch {
      return (127, "\(error)")
    }
  }

  private static func text(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let count = pread(file, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  private static func problem() -> String { String(cString: strerror(errno)) }
}
