import AdminConsole
package import ControlPlane
import ProcessControl
import RiskModel
import Settings
import VenueAPI

extension Administration {
  /// Stores a user name and an API key in .env, once the venue took them. The key is shown nowhere and
  /// kept nowhere else.
  package func configureAuthentication(user: String, key: String) -> CommandOutcome {
    let what = "admin.authentication.set"
    guard environment["CREDENTIALS_DIRECTORY"] == nil else {
      return refused(
        "the secrets come from a credential of systemd; ops/RUNBOOK.md says how to change it")
    }
    guard let (settings, old) = settings() else { return unusableConfiguration }
    guard !user.isEmpty, !key.isEmpty else { return refused("both user name and key are needed") }
    var new = old
    new.userName = Secret(user)
    new.apiKey = Secret(key)
    let found: (token: VenueToken, accounts: [Account])
    switch signIn(settings, new) {
    case .failure(let problem):
      return recorded(
        what, ["result": "not taken by the venue"],
        CommandOutcome(.no, complaint: "riskctl: \(problem.text); nothing was changed\n"))
    case .success(let result): found = result
    }
    let missing = settings.enabledAccounts.filter { wanted in
      !found.accounts.contains { $0.id == wanted.id && $0.name == wanted.platformName }
    }
    for account in missing {
      // Under a user who does not have the account a lockout of it would stand for nothing.
      if let refusal = refusalToRelease(account.id.number) {
        return recorded(what, ["account": "\(account.id)"], refusal)
      }
    }
    var outcome = editor.apply(
      ConfigurationEditor.Change(
        file: Self.secrets, what: what, detail: [:], isExact: { _, _ in true },
        edit: { text in
          var edit = SecretsEdit(text)
          guard edit.set("TOPSTEPX_USERNAME", to: user), edit.set("TOPSTEPX_API_KEY", to: key)
          else { throw YAMLEditError.unsafeText }
          return edit.text
        }))
    guard outcome.code == .yes else { return outcome }
    outcome.output = "the venue takes them\n\(validity(found.token))\n" + outcome.output
    for account in missing {
      outcome.output +=
        "the venue does not list account \(account.id) for this user: riskd cannot act there\n"
    }
    return outcome
  }

  private func validity(_ token: VenueToken) -> String {
    guard let end = token.expiresAt else { return "the end of its token is not known" }
    let minutes = max(0, (end - clock.now()).nanos / (60 * Instant.nanosPerSecond))
    return "token valid until \(VenueTimestamp.secondText(end)) UTC "
      + "(\(minutes / 60) h \(minutes % 60) min)"
  }

  private func signIn(
    _ settings: RiskdSettings, _ credentials: VenueCredentials
  ) -> Result<(token: VenueToken, accounts: [Account]), Problem> {
    do {
      let venue = try VenueInquiry(root: root, settings: settings, credentials: credentials)
      defer { venue.close() }
      switch venue.signIn() {
      case .credentialsRefused(let code):
        return .failure(Problem(text: "the venue refuses user or key (\(code))"))
      case .failed(let error): return .failure(Problem(text: "the venue: \(error)"))
      case .token(let token):
        switch venue.answer(to: .accountSearch(onlyActive: true), token: token).decodeAccounts() {
        case .failure(let error): return .failure(Problem(text: "the venue: \(error)"))
        case .success(let accounts): return .success((token, accounts))
        }
      }
    } catch {
      return .failure(Problem(text: "the venue: \(error)"))
    }
  }
}
