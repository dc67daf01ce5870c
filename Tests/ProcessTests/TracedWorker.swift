import Glibc
import ProcessControl
import RiskModel
import RiskTestKit

/// A worker under the tracer that kills it at one of its system calls.
final class TracedWorker {
  /// What became of it.
  enum Outcome: Equatable {
    /// It was killed where its system call of that number, in the order of its calls, would have
    /// begun.
    case killed(point: Int)
    /// The point was not reached; so many system calls were begun.
    case counted(calls: Int)
  }

  private static let report = "logs/tracer"

  private let tracer: ChildProcess
  private let root: StageRoot

  /// Traces the process from now on; point 0 kills nothing.
  init(pid: Int32, point: Int, root: StageRoot) throws {
    self.root = root
    let number = open(
      root.folder.file(Self.report), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw StageFailure("the tracer's report cannot be written") }
    let output = Descriptor(owning: number)
    defer { output.close() }
    tracer = try ChildProcess.spawn(
      ChildLaunch(
        executable: RiskdProgram.folder + "/Tracer", arguments: ["\(pid)", "\(point)"],
        output: output, errorOutput: output))
    guard StageClock.poll(atMost: .seconds(5), until: { words("attached") != nil }) else {
      throw StageFailure("the tracer does not trace: \(text)")
    }
  }

  var isKilled: Bool { words("killed") != nil }

  /// Lets go of the process if it lives.
  func end() throws -> Outcome {
    if !isKilled { try tracer.signal(SIGTERM) }
    let reactor = try Reactor()
    try tracer.whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
    reactor.schedule(after: .seconds(10)) { [unowned reactor] in reactor.stop() }
    reactor.run()
    guard tracer.exitStatus != nil else {
      try tracer.signal(SIGKILL)
      throw StageFailure("the tracer does not end: \(text)")
    }
    if let point = words("killed")?.first { return .killed(point: point) }
    if let calls = words("counted")?.first { return .counted(calls: calls) }
    throw StageFailure("the tracer ended with: \(text)")
  }

  private var text: String { root.text(Self.report) }

  private func words(_ fact: String) -> [Int]? {
    text.split(separator: "\n").first { $0.hasPrefix(fact) }
      .map { $0.split(separator: " ").dropFirst().compactMap { Int($0) } }
  }
}
