import RiskModel
import Settings
import VenueAPI

/// Whether the venue takes the credentials and knows the accounts. Only looks: a session and a list.
struct OnlineCheck {
  let root: String
  let settings: RiskdSettings
  let credentials: VenueCredentials

  /// A line for each thing that was looked at, and whether all of it is as it has to be.
  func run() -> (lines: [String], isGood: Bool) {
    do {
      let venue = try VenueInquiry(root: root, settings: settings, credentials: credentials)
      defer { venue.close() }
      return look(venue)
    } catch {
      return (["❌ Venue: \(error)"], false)
    }
  }

  private func look(_ venue: VenueInquiry) -> (lines: [String], isGood: Bool) {
    let token: VenueToken
    switch venue.signIn() {
    case .token(let new): token = new
    case .credentialsRefused(let code):
      return (["❌ Sign-in: the venue refuses user or key (\(code))"], false)
    case .failed(let error):
      return (["❌ Sign-in: \(error)"], false)
    }
    let end = token.expiresAt.map { "valid until \(VenueTimestamp.secondText($0)) UTC" }
    var lines = ["✅ Sign-in: the venue gives a token, \(end ?? "of unknown end")"]
    let reply = venue.answer(to: .accountSearch(onlyActive: true), token: token)
    switch reply.decodeAccounts() {
    case .failure(let error):
      return (lines + ["❌ Accounts: \(error)"], false)
    case .success(let accounts):
      let findings = settings.enabledAccounts.map { finding($0, accounts) }
      lines += findings.map(\.line)
      return (lines, findings.allSatisfy(\.isGood))
    }
  }

  private func finding(
    _ wanted: AccountSettings, _ accounts: [Account]
  ) -> (line: String, isGood: Bool) {
    guard let account = accounts.first(where: { $0.id == wanted.id }) else {
      return ("❌ Account \(wanted.id): the venue does not list it for this user", false)
    }
    guard account.name == wanted.platformName else {
      return ("❌ Account \(wanted.id): the venue calls it \(quoted(account.name))", false)
    }
    let trading =
      switch account.canTrade {
      case true?: "can trade"
      case false?: "cannot trade now"
      case nil: "the venue does not say whether it can trade"
      }
    return ("✅ Account \(wanted.id): \(quoted(account.name)), \(trading)", true)
  }

  private func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(64).map { $0.value < 0x20 ? "?" : String($0) }
    return "\"\(shown.joined())\""
  }
}
