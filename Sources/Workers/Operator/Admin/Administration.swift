package import ControlPlane
import FoundationEssentials
import Glibc
import ProcessControl
package import RiskModel
import Settings
import Store
import Supervision

/// `riskctl admin`: what an administrator sets and sees, behind the password. The menus and the
/// subcommands both work through it.
///
/// Nothing here ends a lockout or shortens one.
package struct Administration {
  static let risk = "config/risk_config.yaml"
  static let accounts = "config/accounts.yaml"
  static let secrets = ".env"

  let root: String
  let terminal: LockoutAuthority.Terminal
  let authority: any ControlAuthority
  let environment: [String: String]
  let clock: any Clock
  let isRoot: Bool
  var service = ServicePorts()

  package init(
    root: String, terminal: LockoutAuthority.Terminal, authority: any ControlAuthority,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    clock: any Clock = SystemClock(), isRoot: Bool = geteuid() == 0
  ) {
    self.root = root
    self.terminal = terminal
    self.authority = authority
    self.environment = environment
    self.clock = clock
    self.isRoot = isRoot
  }

  /// Does it for root, once the administrator's password was typed. Who came in and who did not
  /// stands in the audit log, also of one who only looks.
  package func admitted(
    _ purpose: String, _ work: (Administration) -> CommandOutcome
  ) -> CommandOutcome {
    let gate = AdministratorGate(root: root, terminal: terminal, isRoot: isRoot, clock: clock)
    if let refusal = gate.refusal(purpose: purpose) {
      let reason = refusal.complaint.filter { !$0.isNewline }
      // Who is not root cannot write there and is told so by the refusal; the journal has it.
      _ = records.note("admin.refused", ["purpose": purpose, "reason": reason])
      return refusal
    }
    let complaint = records.note("admin.entered", ["purpose": purpose])
    var outcome = work(self)
    outcome.complaint = complaint + outcome.complaint
    return outcome
  }

  /// A menu was opened.
  ///
  /// - Returns: A complaint when the audit log does not know of it.
  func opened(menu: String) -> String { records.note("admin.menu", ["menu": menu]) }

  var records: AdminRecords { AdminRecords(root: root, clock: clock) }

  var editor: ConfigurationEditor {
    ConfigurationEditor(
      root: root, authority: authority, environment: environment, records: records, clock: clock)
  }

  /// Something that was done besides changing a file; the audit log knows of it.
  func recorded(
    _ what: String, _ detail: [String: String], _ outcome: CommandOutcome
  ) -> CommandOutcome {
    var outcome = outcome
    var detail = detail
    detail["code"] = "\(outcome.code.rawValue)"
    outcome.complaint += records.note(what, detail)
    return outcome
  }

  func refused(_ text: String) -> CommandOutcome {
    CommandOutcome(.refused, complaint: "riskctl: \(text)\n")
  }

  func unusable(_ text: String) -> CommandOutcome {
    CommandOutcome(.environment, complaint: "riskctl: \(text)\n")
  }

  /// The configuration as it counts; a complaint where it is not usable.
  func settings() -> (RiskdSettings, VenueCredentials)? {
    if case .accepted(let settings, let credentials, _) = SettingsLoader.load(
      root: root, environment: environment)
    {
      return (settings, credentials)
    }
    return nil
  }

  var unusableConfiguration: CommandOutcome {
    unusable("the configuration is not usable; see riskctl config validate")
  }

  /// What stands against an account, one line each; `nil` where that cannot be told, so that nobody
  /// takes an account away whose lockouts are not known.
  func standingLockouts(of account: Int64) -> [String]? {
    let reply: ControlReply
    do throws(ControlError) {
      reply = try authority.ask(.lockouts, timeout: .seconds(5))
    } catch .notRunning {
      return keptLockouts(of: account)
    } catch {
      return nil
    }
    guard case .lockouts(let lockouts) = reply else { return nil }
    return lockouts.filter { $0.account == account }.map { "\($0.rule): \($0.end)" }
  }

  /// While riskd does not run its database knows.
  private func keptLockouts(of account: Int64) -> [String]? {
    guard let (settings, _) = settings() else { return nil }
    let name = settings.database.path
    let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
    guard access(path, F_OK) == 0 else { return [] }
    do throws(StoreError) {
      let store = try Store.open(
        path: path, readOnly: true, inspection: .none, now: clock.now())
      let targets = try store.openTargets()
      try store.close()
      return targets.filter { $0.isLockout && $0.account == AccountID(account) }
        .map { "lockout \($0.id)" }
    } catch {
      return nil
    }
  }

  /// Why an account may not be taken from riskd's hands now; `nil` when it may.
  func refusalToRelease(_ account: Int64) -> CommandOutcome? {
    guard let standing = standingLockouts(of: account) else {
      return refused("the lockouts of account \(account) cannot be told, so it stays")
    }
    guard !standing.isEmpty else { return nil }
    return refused(
      "account \(account) is locked (\(standing.joined(separator: "; "))); it stays until that ends"
    )
  }
}
