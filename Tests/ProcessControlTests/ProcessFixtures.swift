import Glibc
import ProcessControl
import RiskModel

extension Reactor {
  /// Runs the loop until the condition holds, or the limit has passed. Returns whether it held.
  func run(limit: TimeSpan = .seconds(30), until condition: @escaping () -> Bool) -> Bool {
    let deadline = clock.monotonicNow() + limit
    var held = false
    func look() {
      held = condition()
      if held || clock.monotonicNow() >= deadline {
        stop()
      } else {
        schedule(after: .milliseconds(1), look)
      }
    }
    schedule(after: .zero, look)
    run()
    return held
  }

  /// Runs everything that is ready now: one more turn after `turns` of the mailbox.
  func runTurns(_ turns: Int) {
    func count(_ left: Int) {
      if left == 0 { stop() } else { schedule(after: .zero) { count(left - 1) } }
    }
    schedule(after: .zero) { count(turns) }
    run()
  }
}

/// Collects what a pipe delivers until its end.
final class Collector {
  private(set) var text = ""
  private(set) var hasEnded = false

  init(_ readEnd: Descriptor, on reactor: Reactor) throws {
    try reactor.watch(readEnd.number, readable: true) { [unowned reactor] _ in
      withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
        if case .bytes(let count) = try? readEnd.read(into: buffer) {
          self.text += String(decoding: buffer[..<count], as: UTF8.self)
        } else {
          self.hasEnded = true
          reactor.unwatch(readEnd.number)
          readEnd.close()
        }
      }
    }
  }

  var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// What a shell script printed and how it ended.
struct ScriptResult {
  var lines: [String]
  var status: ChildProcess.ExitStatus?

  /// Runs `/bin/sh -c` to its end, with descriptors 1 and 2 on one pipe.
  static func of(
    _ script: String, environment: [String: String] = [:], control: Descriptor? = nil
  ) throws -> ScriptResult {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    let child = try ChildProcess.spawn(
      ChildLaunch(
        executable: "/bin/sh", arguments: ["-c", script], environment: environment,
        control: control, output: pipe.writeEnd, errorOutput: pipe.writeEnd))
    pipe.writeEnd.close()
    let collector = try Collector(pipe.readEnd, on: reactor)
    try child.whenEnded(on: reactor) { _ in }
    _ = reactor.run { collector.hasEnded && child.exitStatus != nil }
    return ScriptResult(lines: collector.lines, status: child.exitStatus)
  }
}

/// A fresh directory that is removed with this object.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/process-control-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw ProcessControlError.systemCall(name: "mkdtemp", code: errno)
    }
    path = String(cString: made)
  }

  deinit {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
  }
}

/// Moves only when told.
final class StoppedClock: Clock, @unchecked Sendable {
  // Safety: each test uses its clock on one thread.
  private var nanos: Int64 = 0

  func now() -> Instant { Instant(nanosSinceEpoch: nanos) }
  func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanos: nanos) }
  func advance(by span: TimeSpan) { nanos += span.nanos }
}

/// Writes a short text at once.
func write(_ text: String, to descriptor: Descriptor) throws {
  var text = text
  let outcome = try text.withUTF8 { bytes throws(ProcessControlError) in
    try descriptor.write(UnsafeRawBufferPointer(bytes))
  }
  guard outcome == .bytes(text.utf8.count) else {
    throw ProcessControlError.systemCall(name: "write", code: EAGAIN)
  }
}

/// What can be read now; `nil` at the end.
func text(from descriptor: Descriptor) throws -> String? {
  try withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
    switch try descriptor.read(into: buffer) {
    case .bytes(let count): String(decoding: buffer[..<count], as: UTF8.self)
    case .wouldBlock: ""
    case .endOfFile: nil
    }
  }
}

/// Waits until something that another process may still hold for a moment is as it should be: a
/// child that another test starts has copies of all descriptors until its program runs.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<10_000 {
    if try condition() { return true }
    usleep(1_000)
  }
  return false
}
