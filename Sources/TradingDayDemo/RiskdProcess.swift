import ControlPlane
import Glibc
import ProcessControl
import RiskModel
import Supervision

/// A riskd of the demonstration's own: started, asked, stopped by its own pid.
final class RiskdProcess {
  /// Lines that are kept for the case that it fails.
  private static let keptLines = 12
  private static let answerTime = TimeSpan.milliseconds(500)
  /// riskd itself gives its workers 11 seconds before it kills them.
  private static let stopLimit = TimeSpan.seconds(14)
  /// What riskd may see of this process's environment. Credentials and settings of another riskd
  /// must not get into it, and neither must the journal's stream.
  private static let passedOn: Set<String> = [
    "HOME", "LANG", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "PATH", "TZ",
  ]

  let pid: Int32
  private let child: ChildProcess
  private let reactor: Reactor
  private let control: ControlClient
  private var reader: LineReader?
  private var killTimer: TimerToken?
  private var lastLines: [[UInt8]] = []
  private var hasEnded = false
  private var isSilent = false
  /// Set by whoever listens.
  var onLine: ([UInt8]) -> Void = { _ in }
  /// Called once, when riskd and all of its workers are gone.
  var onGone: () -> Void = {}

  init(
    executable: String, root: DemoRoot, variables: [String: String], on reactor: Reactor
  ) throws(DemoError) {
    self.reactor = reactor
    control = ControlClient(path: root.controlSocket)
    let pipe: PipePair
    do throws(ProcessControlError) {
      pipe = try PipePair.make()
      child = try ChildProcess.spawn(
        ChildLaunch(
          executable: executable, arguments: ["--root", root.path],
          environment: Self.environment(of: ChildEnvironment.inherited(), adding: variables),
          output: pipe.writeEnd, errorOutput: pipe.writeEnd))
    } catch {
      throw .riskd("cannot be started: \(error)")
    }
    pid = child.pid
    pipe.writeEnd.close()
    try listen(to: pipe.readEnd)
  }

  /// What riskd sees of an environment.
  static func environment(
    of inherited: [String: String], adding variables: [String: String]
  ) -> [String: String] {
    inherited.filter { passedOn.contains($0.key) }.merging(variables) { $1 }
  }

  private func listen(to output: Descriptor) throws(DemoError) {
    do throws(ProcessControlError) {
      reader = try LineReader(
        output, on: reactor, onLine: { [unowned self] in self.take($0) },
        onEnd: { [unowned self] in self.fellSilent() })
      try child.whenEnded(on: reactor) { [unowned self] _ in self.ended() }
    } catch {
      // What cannot be watched must not stay.
      signal(SIGKILL)
      throw .riskd("cannot be watched: \(error)")
    }
  }

  var isRunning: Bool { !hasEnded }
  var isGone: Bool { hasEnded && isSilent }

  /// How riskd ended.
  var ending: String { child.exitStatus.map { "\($0)" } ?? "still running" }

  /// What it wrote last, as it wrote it.
  var lastWords: [String] { lastLines.map { String(decoding: $0, as: UTF8.self) } }

  /// `nil` while it does not answer.
  func status() -> StatusReport? {
    guard case .status(let report)? = try? control.ask(.status, timeout: Self.answerTime) else {
      return nil
    }
    return report
  }

  /// Asks it to stop in order, and kills it when it does not.
  func stop() {
    guard !hasEnded, killTimer == nil else { return }
    signal(SIGTERM)
    killTimer = reactor.schedule(after: Self.stopLimit) { [weak self] in self?.signal(SIGKILL) }
  }

  /// Workers that lost their supervisor leave by themselves.
  func kill() { signal(SIGKILL) }

  private func signal(_ number: Int32) {
    do {
      try child.signal(number)
    } catch {
      lastLines.append(Array("signal \(number) was not sent: \(error)".utf8))
    }
  }

  private func take(_ line: [UInt8]) {
    lastLines.append(line)
    if lastLines.count > Self.keptLines { lastLines.removeFirst() }
    onLine(line)
  }

  private func ended() {
    hasEnded = true
    if let killTimer { reactor.cancel(killTimer) }
    if isGone { onGone() }
  }

  private func fellSilent() {
    isSilent = true
    if isGone { onGone() }
  }
}
