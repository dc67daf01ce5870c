import AdminConsole
package import ControlPlane
import RiskModel

/// The menus of `riskctl admin` in a terminal: lines in and lines out, so that it works in any.
///
/// The end of input leaves it, from wherever that comes.
package struct AdministratorConsole {
  /// The input is over.
  private struct Left: Error {}

  private let work: Administration
  private let show: (String) -> Void

  package init(_ work: Administration, show: @escaping (String) -> Void) {
    self.work = work
    self.show = show
  }

  /// Goes on until somebody leaves.
  package func run() -> CommandOutcome {
    do throws(Left) {
      while true {
        show("\nriskd administration, \(work.root)\n" + AdminMenu.main.text)
        guard let item = AdminMenu.main.choice(try ask("Choice: ")) else {
          show("There is no such choice.\n")
          continue
        }
        guard item.key != "0" else { break }
        show("\n\(item.label)\n" + work.opened(menu: item.label))
        switch item.key {
        case "1":
          try authentication()
          try pause()
        case "2": try accounts()
        case "3": try rules()
        case "4": try service()
        case "5":
          report(work.testConnections())
          try pause()
        default:
          report(work.daemonStatus())
          try pause()
        }
      }
    } catch {
      show("\n")
    }
    return CommandOutcome(.yes, output: "Left.\n")
  }

  // The six.

  private func authentication() throws(Left) {
    show("User name and API key of the venue; an empty line changes nothing.\n")
    let user = try ask("User name: ")
    guard !user.isEmpty else { return show("Nothing was changed.\n") }
    guard let key = work.terminal.askHidden("API key (not shown): ") else { throw Left() }
    guard !key.isEmpty else { return show("Nothing was changed.\n") }
    report(work.configureAuthentication(user: user, key: key))
  }

  private func accounts() throws(Left) {
    while true {
      report(work.listAccounts())
      switch try choice(of: .accounts) {
      case "A":
        guard let id = try accountNumber() else { continue }
        report(work.addAccount(id, nickname: try ask("Nickname (may be empty): ")))
      case "E":
        guard let id = try accountNumber() else { continue }
        try editAccount(id)
      case "D":
        guard let id = try accountNumber() else { continue }
        guard try ask("Type DELETE to take account \(id) out of riskd's hands: ") == "DELETE" else {
          show("Nothing was changed.\n")
          continue
        }
        report(work.deleteAccount(id))
      case "0": return
      default: continue
      }
    }
  }

  private func editAccount(_ id: Int64) throws(Left) {
    guard let account = work.accountLines().first(where: { $0.id == id }) else {
      return show("There is no account \(id).\n")
    }
    show("An empty line leaves the value as it is.\n")
    var change = Administration.AccountChange()
    let nickname = try ask("Nickname [\(account.nickname ?? "none")]: ")
    if !nickname.isEmpty { change.nickname = nickname }
    let state = try ask("State, active or paused [\(account.isEnabled ? "active" : "paused")]: ")
    switch state.lowercased() {
    case "": break
    case "active": change.isEnabled = true
    case "paused": change.isEnabled = false
    default: return show("\(state) is neither. Nothing was changed.\n")
    }
    change.renames = try isYes("Take the name that the venue has now [\(account.name)]")
    guard change.nickname != nil || change.isEnabled != nil || change.renames else {
      return show("Nothing was changed.\n")
    }
    report(work.editAccount(id, change))
  }

  private func rules() throws(Left) {
    while true {
      report(work.listRules())
      let key = try choice(of: .rules)
      guard key != "0" else { return }
      guard !key.isEmpty else { continue }
      let typed = try ask("Rule, by number or name: ")
      guard let rule = RuleBook.rule(named: typed) else {
        show("There is no such rule.\n")
        continue
      }
      switch key {
      case "E": try editRule(rule)
      case "T":
        let isEnabled = work.ruleBook()[rule].isEnabled
        guard try isYes("Switch \(rule.key) \(isEnabled ? "off" : "on")") else { continue }
        report(work.toggleRule(rule))
      default:
        guard try isYes("Bring \(rule.key) back to what is shipped") else { continue }
        report(work.resetRule(rule))
      }
    }
  }

  private func editRule(_ rule: RuleID) throws(Left) {
    report(work.showRule(rule))
    let fields = work.ruleBook()[rule].fields
    let typed = try ask("Field, by number or name (empty: none): ")
    guard !typed.isEmpty else { return }
    let number = Int(typed).flatMap { fields.indices.contains($0 - 1) ? fields[$0 - 1].key : nil }
    let key = number ?? typed
    let present = fields.first { $0.key == key }?.value ?? "not set"
    let value = try ask("\(key) [\(present)], - for the default: ")
    guard !value.isEmpty else { return show("Nothing was changed.\n") }
    report(work.setRule(rule, [(key, value == "-" ? nil : value)]))
  }

  private func service() throws(Left) {
    while true {
      report(work.serviceStatus())
      switch try choice(of: .service) {
      case "1": report(work.controlService(.start))
      case "2":
        guard try isYes("Stop riskd, so that nobody watches the accounts") else { continue }
        report(work.controlService(.stop))
      case "3": report(work.controlService(.restart))
      case "4": report(work.serviceLog())
      case "5":
        let archive = try ask("Archive of the release: ")
        if !archive.isEmpty { report(work.installService(archive)) }
      case "6":
        let typed = try ask("Type UNINSTALL to stop riskd and take it off this machine: ")
        guard typed == "UNINSTALL" else {
          show("Nothing was changed.\n")
          continue
        }
        report(work.uninstallService())
      case "0": return
      default: continue
      }
    }
  }

  // Questions and answers.

  private func choice(of menu: AdminMenu) throws(Left) -> String {
    show(menu.text)
    guard let item = menu.choice(try ask("Choice: ")) else {
      show("There is no such choice.\n")
      return ""
    }
    return item.key
  }

  /// The menu would push what was shown off a small screen.
  private func pause() throws(Left) { _ = try ask("Enter goes back: ") }

  private func ask(_ question: String) throws(Left) -> String {
    guard let answer = work.terminal.ask(question) else { throw Left() }
    return answer.filter { !$0.isNewline }.trimmingBlanks
  }

  private func isYes(_ question: String) throws(Left) -> Bool {
    let answer = try ask("\(question)? [y/N] ").lowercased()
    return answer == "y" || answer == "yes"
  }

  private func accountNumber() throws(Left) -> Int64? {
    let typed = try ask("Account number: ")
    guard let id = Int64(typed), id > 0 else {
      show("That is no number of an account.\n")
      return nil
    }
    return id
  }

  private func report(_ outcome: CommandOutcome) {
    show(outcome.output + outcome.complaint)
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = Substring(self).drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
