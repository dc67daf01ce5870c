import Glibc
package import ProcessControl
package import RiskModel

extension ChildProcess {
  /// Waits for the end, at most for that long.
  ///
  /// - Returns: How it ended; `nil` when it runs on.
  package func waitForEnd(atMost limit: TimeSpan) -> ExitStatus? {
    if let exitStatus { return exitStatus }
    do {
      let reactor = try Reactor()
      try whenEnded(on: reactor) { [unowned reactor] _ in reactor.stop() }
      reactor.schedule(after: limit) { [unowned reactor] in reactor.stop() }
      reactor.run()
      return exitStatus
    } catch {
      return nil
    }
  }

  /// Asks it to end, and ends it when it does not within that time.
  @discardableResult
  package func end(asking signal: Int32, grace: TimeSpan) -> ExitStatus? {
    _ = try? self.signal(signal)
    if let status = waitForEnd(atMost: grace) { return status }
    _ = try? self.signal(SIGKILL)
    return waitForEnd(atMost: .seconds(5))
  }

  package func endNow() {
    end(asking: SIGKILL, grace: .seconds(5))
  }
}
