import AdminConsole
package import ControlPlane
import RiskModel
import Settings
import VenueAPI

extension Administration {
  /// What is to be different about an account; `nil` is as it was.
  package struct AccountChange: Sendable {
    package var nickname: String?
    package var isEnabled: Bool?
    /// Takes the venue's present name of the account.
    package var renames = false

    package init(nickname: String? = nil, isEnabled: Bool? = nil, renames: Bool = false) {
      self.nickname = nickname
      self.isEnabled = isEnabled
      self.renames = renames
    }
  }

  /// The accounts of accounts.yaml, in its order.
  func accountLines() -> [AccountLine] {
    let (_, values) = SettingsLoader.effective(root: root, environment: environment)
    var lines: [Int: AccountLine] = [:]
    for value in values where value.file == Self.accounts {
      guard value.key.hasPrefix("accounts["), let close = value.key.firstIndex(of: "]"),
        let index = Int(value.key[..<close].dropFirst("accounts[".count))
      else { continue }
      var line = lines[index] ?? AccountLine(id: 0, name: "-", nickname: nil, isEnabled: true)
      let key = value.key[close...].dropFirst(2)
      switch key {
      case "account_id": line.id = Int64(value.value) ?? 0
      case "name": line.name = value.value
      case "nickname": line.nickname = value.value == "not set" ? nil : value.value
      case "enabled": line.isEnabled = value.value == "true"
      default:
        if key.hasPrefix("rules."), value.origin.hasPrefix(Self.accounts) {
          line.ownRules.append(String(key.dropFirst("rules.".count)))
        }
      }
      lines[index] = line
    }
    return lines.sorted { $0.key < $1.key }.map(\.value)
  }

  package func listAccounts() -> CommandOutcome {
    CommandOutcome(
      .yes,
      output: AccountLine.list(accountLines())
        + "All belong to the venue's user in .env.\n")
  }

  /// Adds an account that the venue lists for the user, under the name that the venue has.
  package func addAccount(_ id: Int64, nickname: String?) -> CommandOutcome {
    guard !accountLines().contains(where: { $0.id == id }) else {
      return refused("account \(id) is there already")
    }
    switch venueAccount(id) {
    case .failure(let problem): return CommandOutcome(.no, complaint: "riskctl: \(problem.text)\n")
    case .success(let account):
      var entries = [
        (key: "account_id", value: "\(id)"),
        (key: "name", value: YAMLText.quoted(account.name)),
      ]
      if let nickname, !nickname.isEmpty {
        entries.append((key: "nickname", value: YAMLText.quoted(nickname)))
      }
      return changeAccounts(
        "admin.accounts.add", id, ["name": account.name],
        isExact: { Self.accounts($1).dropLast() == Self.accounts($0)[...] }
      ) { try $0.append(entries, to: YAMLPath("accounts")) }
    }
  }

  /// Changes an account. One that is locked is not paused.
  package func editAccount(_ id: Int64, _ change: AccountChange) -> CommandOutcome {
    guard let index = accountLines().firstIndex(where: { $0.id == id }) else {
      return refused("there is no account \(id)")
    }
    var fields: [(key: String, value: String)] = []
    if change.renames {
      switch venueAccount(id) {
      case .failure(let problem):
        return CommandOutcome(.no, complaint: "riskctl: \(problem.text)\n")
      case .success(let account): fields.append(("name", account.name))
      }
    }
    if let nickname = change.nickname { fields.append(("nickname", nickname)) }
    if let isEnabled = change.isEnabled {
      if !isEnabled, let refusal = refusalToRelease(id) {
        return recorded("admin.accounts.edit", ["account": "\(id)", "enabled": "false"], refusal)
      }
      fields.append(("enabled", isEnabled ? "true" : "false"))
    }
    guard !fields.isEmpty else { return unusable("nothing was asked for") }
    let paths = fields.map { "accounts[\(index)].\($0.key)" }
    return changeAccounts(
      "admin.accounts.edit", id,
      ["change": fields.map { "\($0.key): \($0.value)" }.joined(separator: ", ")],
      releases: change.isEnabled == false,
      isExact: { old, new in
        Set(old.keys).union(new.keys).allSatisfy { old[$0] == new[$0] || paths.contains($0) }
      }
    ) { edit in
      for (key, value) in fields {
        let path = try YAMLPath("accounts[\(index)].\(key)")
        let old = try edit.value(at: path)
        let isText = key != "enabled"
        let written =
          isText && old == nil ? YAMLText.quoted(value) : YAMLText.value(value, like: old)
        try edit.set(path, to: written)
      }
    }
  }

  /// Takes an account out of the file: riskd does not look at it any more. One that is locked stays.
  package func deleteAccount(_ id: Int64) -> CommandOutcome {
    guard let index = accountLines().firstIndex(where: { $0.id == id }) else {
      return refused("there is no account \(id)")
    }
    if let refusal = refusalToRelease(id) {
      return recorded("admin.accounts.delete", ["account": "\(id)"], refusal)
    }
    return changeAccounts(
      "admin.accounts.delete", id, [:], releases: true,
      isExact: { old, new in
        var left = Self.accounts(old)
        if left.indices.contains(index) { left.remove(at: index) }
        return Self.accounts(new) == left
      }
    ) { try $0.remove(YAMLPath("accounts[\(index)]")) }
  }

  private func changeAccounts(
    _ what: String, _ id: Int64, _ detail: [String: String],
    releases: Bool = false,
    isExact: @escaping ([String: String], [String: String]) -> Bool,
    _ body: @escaping (inout YAMLEdit) throws -> Void
  ) -> CommandOutcome {
    editor.apply(
      ConfigurationEditor.Change(
        file: Self.accounts, what: what, detail: detail.merging(["account": "\(id)"]) { $1 },
        isExact: isExact,
        edit: { text in
          // A lockout may have begun since somebody looked.
          guard !releases || standingLockouts(of: id) == [] else {
            throw Problem(text: "account \(id) is locked by now")
          }
          var edit = try YAMLEdit(text)
          try body(&edit)
          return edit.text
        }))
  }

  /// The values of each account of a file, in their order; what stands elsewhere is the first.
  private static func accounts(_ leaves: [String: String]) -> [[String: String]] {
    var result: [Int: [String: String]] = [:]
    for (key, value) in leaves {
      guard key.hasPrefix("accounts["), let close = key.firstIndex(of: "]"),
        let index = Int(key[..<close].dropFirst("accounts[".count))
      else {
        result[-1, default: [:]][key] = value
        continue
      }
      result[index, default: [:]][String(key[close...])] = value
    }
    return result.sorted { $0.key < $1.key }.map(\.value)
  }

  struct Problem: Error, CustomStringConvertible {
    var text: String

    var description: String { text }
  }

  /// The account as the venue lists it for the user of `.env`.
  private func venueAccount(_ id: Int64) -> Result<Account, Problem> {
    guard let (settings, credentials) = settings() else {
      return .failure(Problem(text: "the configuration is not usable; see riskctl config validate"))
    }
    do {
      let venue = try VenueInquiry(root: root, settings: settings, credentials: credentials)
      defer { venue.close() }
      let token: VenueToken
      if let stored = venue.storedToken() {
        token = stored
      } else {
        switch venue.signIn() {
        case .token(let new): token = new
        case .credentialsRefused(let code):
          return .failure(Problem(text: "the venue refuses user or key (\(code))"))
        case .failed(let error): return .failure(Problem(text: "the venue: \(error)"))
        }
      }
      let reply = venue.answer(to: .accountSearch(onlyActive: true), token: token)
      switch reply.decodeAccounts() {
      case .failure(let error): return .failure(Problem(text: "the venue: \(error)"))
      case .success(let accounts):
        guard let account = accounts.first(where: { $0.id == AccountID(id) }) else {
          return .failure(Problem(text: "the venue does not list account \(id) for this user"))
        }
        return .success(account)
      }
    } catch {
      return .failure(Problem(text: "the venue: \(error)"))
    }
  }
}
