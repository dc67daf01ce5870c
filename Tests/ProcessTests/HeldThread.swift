import Foundation
import Glibc
import ProcessControl
import RiskModel
import RiskTestKit

/// One thread of a process that is held still by the tracer while the others go on.
final class HeldThread {
  private static let report = "logs/held-thread"

  private let pid: Int32
  private let tracer: ChildProcess

  /// Holds the first thread, on which a worker's loop turns.
  init(ofLoopOf pid: Int32, root: StageRoot) throws {
    self.pid = pid
    let number = open(
      root.folder.file(Self.report), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw StageFailure("the tracer's report cannot be written") }
    let output = Descriptor(owning: number)
    defer { output.close() }
    tracer = try ChildProcess.spawn(
      ChildLaunch(
        executable: RiskdProgram.folder + "/Tracer", arguments: ["\(pid)", "hold", "\(pid)"],
        output: output, errorOutput: output))
    let isHeld = StageClock.poll(atMost: .seconds(5)) {
      root.text(Self.report).hasPrefix("held \(pid)")
    }
    guard isHeld else {
      throw StageFailure("the tracer holds nothing: \(root.text(Self.report))")
    }
  }

  /// As the kernel names it; `t` is held by a tracer, `T` stopped by a signal.
  var state: Character? { field("State", of: pid)?.first }

  /// The states of the other threads.
  var otherStates: [Character] { others.compactMap { field("State", of: $0)?.first } }

  /// How often the other threads gave up a processor: it grows only while they run.
  var turnsOfOthers: Int {
    others.reduce(0) { sum, thread in
      sum + (field("voluntary_ctxt_switches", of: thread).flatMap { Int($0) } ?? 0)
    }
  }

  /// Lets the thread go on, if it is still there.
  func end() throws {
    if tracer.exitStatus == nil { _ = try? tracer.signal(SIGTERM) }
    let reactor = try Reactor()
    try tracer.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
    reactor.schedule(after: .seconds(10)) { [unowned reactor] in reactor.stop() }
    reactor.run()
    if tracer.exitStatus == nil { try tracer.signal(SIGKILL) }
  }

  private var others: [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return names.compactMap { Int32($0) }.filter { $0 != pid }
  }

  private func field(_ name: String, of thread: Int32) -> String? {
    let path = "/proc/\(pid)/task/\(thread)/status"
    return (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n")
      .first { $0.hasPrefix("\(name):") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }
}
