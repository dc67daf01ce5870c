import Dispatch
import Glibc
import ProcessControl
import Supervision

/// A worker whose settings are the name of a behaviour:
///
/// - `normal` becomes ready at once and greets its neighbours on every link,
/// - `exit N` exits before it is ready, `fail N` when it is,
/// - `unready` never becomes ready,
/// - `stubborn` finishes neither when asked nor by SIGTERM,
/// - `deaf` confirms no link,
/// - `garbled` sends what is no message,
/// - `closing` closes its control channel's sending side and stays,
/// - `breaking` calls the first transport of its links broken,
/// - `spins` is busy for ever as soon as it is ready,
/// - `stuck` waits with every thread that it has for what never comes,
/// - `chatty` prints to its standard output and error output whatever it does,
/// - `telling` says which variables of the service manager it was given.
final class ScriptedWorker: WorkerDelegate {
  private let name: String
  private let host: WorkerHost
  private let reactor: Reactor
  private let control: Int32
  private var behaviour = ""
  private var ends: [LinkName: (read: Descriptor, write: Descriptor)] = [:]
  private var broken: Set<LinkName> = []
  private var figures: [String: Int64] = [:]
  private var inputs: Int64 = 0

  init(_ name: String, _ host: WorkerHost, _ reactor: Reactor, control: Int32) {
    self.name = name
    self.host = host
    self.reactor = reactor
    self.control = control
  }

  func start(settings: String) {
    behaviour = settings
    let words = settings.split(separator: " ")
    let code = words.count > 1 ? Int32(words[1]) ?? 1 : 1
    switch words.first {
    case "exit": exit(code)
    case "unready": return
    case "garbled": _ = "{}".withCString { send(control, $0, 2, 0) }
    case "closing": shutdown(control, Int32(SHUT_WR))
    case "telling": host.reportDegraded(inheritedVariables())
    default: break
    }
    host.reportReady()
    if words.first == "fail" { reactor.enqueue { exit(code) } }
    if words.first == "spins" { reactor.enqueue { self.spin() } }
    if words.first == "stuck" { reactor.enqueue { self.waitForEver() } }
  }

  func attach(link: LinkName, epoch: Int64, readEnd: Descriptor, writeEnd: Descriptor) {
    if behaviour == "chatty" { chat() }
    if let old = ends[link] { reactor.unwatch(old.read.number) }
    ends[link] = (readEnd, writeEnd)
    if behaviour == "deaf" { return }
    if behaviour == "breaking", broken.insert(link).inserted {
      host.reportLinkBroken(link, epoch: epoch, reason: "on purpose")
      return
    }
    host.reportLinkReplaced(link, epoch: epoch)
    let greeting = Array(name.utf8)
    _ = greeting.withUnsafeBytes { write(writeEnd.number, $0.baseAddress, $0.count) }
    try? reactor.watch(readEnd.number, readable: true) { [unowned self] _ in
      self.listen(on: link, epoch: epoch, to: readEnd)
    }
  }

  func stop(done: @escaping () -> Void) {
    if behaviour != "stubborn" { done() }
  }

  func orphaned() {
    host.leave(.orphaned)
  }

  func progress() -> RoleProgress {
    RoleProgress(inputs: inputs, outputs: 0, figures: figures)
  }

  /// `gateway on feed` with the epoch as its figure.
  private func listen(on link: LinkName, epoch: Int64, to readEnd: Descriptor) {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { read(readEnd.number, $0.baseAddress, $0.count) }
    if count > 0 {
      inputs += 1
      if behaviour == "chatty" { chat() }
      figures["\(String(decoding: bytes[..<count], as: UTF8.self)) on \(link.rawValue)"] = epoch
    } else if count == 0 {
      reactor.unwatch(readEnd.number)
    }
  }

  private func spin() {
    while true { inputs &+= 1 }
  }

  /// Two threads and a lock that the first one never gives back.
  private func waitForEver() {
    let lock = DispatchSemaphore(value: 0)
    DispatchQueue(label: "stuck").async { lock.wait() }
    lock.wait()
  }

  private func chat() {
    let line = Array("{\"t\":\"ready\"} says the library of \(name)\n".utf8)
    for _ in 0..<50 {
      _ = write(STDOUT_FILENO, line, line.count)
      _ = write(STDERR_FILENO, line, line.count)
    }
  }

  private func inheritedVariables() -> String {
    let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY"]
    return "given:" + names.filter { getenv($0) != nil }.map { " " + $0 }.joined()
  }
}
