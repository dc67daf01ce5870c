import Dispatch
import Glibc
package import RiskModel
import Synchronization

/// What must not outlive this process: every riskd that it started, and its folder.
package enum Leftovers {
  private static let live = Mutex<[Int32: String]>([:])
  private static let polls = 500
  private static let pollInterval: UInt32 = 20_000

  static func began(_ pid: Int32, root: String) { live.withLock { $0[pid] = root } }
  static func ended(_ pid: Int32) { live.withLock { _ = $0.removeValue(forKey: pid) } }

  /// Sees to it that a signal to stop, and the end of the time, take everything along. Called
  /// before there is a second thread.
  ///
  /// - Parameters:
  ///   - limit: when this process is ended whatever it does.
  ///   - tell: told why, before that.
  package static func clearUp(after limit: TimeSpan, _ tell: @escaping @Sendable (String) -> Void) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    DispatchQueue(label: "leftovers.signals").async { [signals] in
      var signals = signals
      var number: Int32 = 0
      while sigwait(&signals, &number) != 0 {}
      tell("stopped by signal \(number)")
      endAll()
      exit(128 + number)
    }
    let deadline = DispatchTime.now() + .milliseconds(Int(limit.milliseconds))
    DispatchQueue(label: "leftovers.time").asyncAfter(deadline: deadline) {
      tell("no end after \(limit.milliseconds / 1_000) seconds")
      endAll()
      exit(2)
    }
  }

  /// Asks every riskd to stop, ends those that do not, and removes their folders.
  static func endAll() {
    let found = live.withLock { $0 }
    for pid in found.keys { kill(pid, SIGTERM) }
    for (pid, root) in found {
      if !hasEnded(pid) { kill(pid, SIGKILL) }
      _ = hasEnded(pid)
      SystemFile.removeFolder(root)
    }
  }

  /// Whether a child has ended, after waiting for it for some seconds.
  private static func hasEnded(_ pid: Int32) -> Bool {
    for _ in 0..<polls {
      guard let use = try? ProcessUse.ofProcess(pid), use.state != "Z" else { return true }
      usleep(pollInterval)
    }
    return false
  }
}
