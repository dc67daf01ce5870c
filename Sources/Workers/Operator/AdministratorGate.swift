import AdminPassword
import AuditLog
import ControlPlane
import FoundationEssentials
import Glibc
import ProcessControl
import RiskModel
import Settings

/// Root, and the administrator's password: three attempts, with a wait that grows over all runs.
/// Wrong passwords stand in the audit log.
struct AdministratorGate {
  let root: String
  let terminal: LockoutAuthority.Terminal
  var isRoot = geteuid() == 0
  var clock: any Clock = SystemClock()

  /// Why the one at the terminal is not the administrator; `nil` when it is.
  func refusal(purpose: String) -> CommandOutcome? {
    guard isRoot else { return refused("only root may \(purpose)") }
    let hash = SettingsLoader.administratorPasswordHash(
      root: root, environment: ProcessInfo.processInfo.environment)
    guard let hash else {
      return CommandOutcome(
        .environment,
        complaint: "riskctl: there is no administrator's password to ask for; "
          + "see riskctl config validate\n")
    }
    do throws(AttemptsError) {
      var attempts = try PasswordAttempts(root: root)
      return try ask(hash.revealed, &attempts, purpose)
    } catch {
      return refused("\(error)")
    }
  }

  private func ask(
    _ hash: String, _ attempts: inout PasswordAttempts, _ purpose: String
  ) throws(AttemptsError) -> CommandOutcome? {
    for _ in 0..<PasswordAttempts.perRun {
      let wait = attempts.wait(at: clock.now())
      guard wait == .zero else {
        let seconds = (wait.nanos + Instant.nanosPerSecond - 1) / Instant.nanosPerSecond
        return refused(
          "\(attempts.failures) wrong passwords; the next may be typed in \(seconds) s")
      }
      guard let password = terminal.askHidden("Administrator's password: ") else {
        return refused("no password was typed")
      }
      if PasswordHash.verify(Array(password.utf8), against: hash) {
        try attempts.succeeded()
        return nil
      }
      try attempts.failed(at: clock.now())
      note(attempts.failures, purpose)
    }
    return refused("that is not the administrator's password")
  }

  private func note(_ failures: Int64, _ purpose: String) {
    // The attempt is counted in any case; a log that cannot be written says so by itself.
    _ = try? AuditLog(path: "\(root)/\(AuditLog.standardName)").append([
      AuditEntry(
        at: clock.now(), who: "riskctl uid \(getuid())", what: "admin.password.wrong",
        detail: ["failures": "\(failures)", "purpose": purpose])
    ])
  }

  private func refused(_ text: String) -> CommandOutcome {
    CommandOutcome(.refused, complaint: "riskctl: \(text)\n")
  }
}
