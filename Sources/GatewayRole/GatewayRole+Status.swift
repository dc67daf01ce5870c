import Logging
import PeerProtocol
import RiskModel

extension GatewayRole {
  /// So many accounts are named one by one.
  private static let accountsNamed = 8
  /// With more accounts than this the words about them change at most once a second.
  private static let accountsAtOnce = 16

  /// What is being worked at and not there yet.
  private var missing: [String] { missingOfSession + missingAccounts }

  private var missingOfSession: [String] {
    var missing: [String] = []
    if token.current == nil { missing.append("no session token") }
    if !settings.isUserHubEnabled { missing.append("the user hub is switched off") }
    for hub in hubs where !self[hub].isDelivering {
      missing.append("the \(hub.rawValue) hub is not connected")
    }
    if !hasReader { missing.append("no link to the evaluator") }
    return missing
  }

  private var missingAccounts: [String] {
    let unverified = accounts.filter { desks[$0]?.standing == .unverified }
    let unknown = accounts.filter { account in
      desks[account].map { $0.isWatched && !$0.isProtected } ?? false
    }
    let missing = unverified.count + unknown.count
    guard missing > Self.accountsNamed else {
      return accounts.compactMap { account in
        switch desks[account]?.standing {
        case .unverified: "account \(account) is not verified"
        case .watched where desks[account]?.isProtected == false:
          "the state of account \(account) is not known"
        case .watched, .unprotectable, nil: nil
        }
      }
    }
    let known = accounts.filter { desks[$0]?.isProtected == true }
    var words = ["\(known.count) of \(accounts.count) accounts are protected" + Self.names(known)]
    if !unverified.isEmpty {
      words.append("\(unverified.count) accounts are not verified" + Self.names(unverified))
    }
    if !unknown.isEmpty {
      words.append("the state of \(unknown.count) accounts is not known" + Self.names(unknown))
    }
    return words
  }

  private static func names(_ accounts: [AccountID]) -> String {
    guard !accounts.isEmpty else { return "" }
    let more = accounts.count - accountsNamed
    let named = accounts.prefix(accountsNamed).map { "\($0)" }.joined(separator: ", ")
    return " (\(named)\(more > 0 ? " and \(more) more" : ""))"
  }

  private var unprotectable: [String] {
    accounts.compactMap { account in
      guard case .unprotectable(let reason) = desks[account]?.standing else { return nil }
      return "account \(account) is not protected: \(reason)"
    }
  }

  /// Whether anything has to be done for any account yet. Mostly it is the one of the last time.
  var isAnyAccountMissing: Bool {
    if let account = statusWatch.missingAccount, desks[account]?.isDealtWith == false {
      return true
    }
    statusWatch.missingAccount = accounts.first { desks[$0]?.isDealtWith == false }
    return statusWatch.missingAccount != nil
  }

  func refreshStatus() {
    let session = missingOfSession
    let isMissing = !session.isEmpty || isAnyAccountMissing
    let next: GatewayStatus
    switch status {
    case .starting where isMissing && !isStartupOver:
      return
    case .degraded where isAnyAccountMissing && statusWatch.waits(session, at: now):
      return
    case .starting, .protecting, .degraded:
      let faults = session + (isMissing ? missingAccounts : []) + unprotectable
      next = faults.isEmpty ? .protecting : .degraded(faults)
    }
    guard next != status else { return }
    status = next
    if accounts.count > Self.accountsAtOnce { statusWatch.told(session, at: now) }
    ports.reports.statusChanged(next)
  }

  /// The time for a quiet start is over: from here on what is missing is a fault.
  func startupOver() {
    isStartupOver = true
    let missing = self.missing
    guard case .starting = status, !missing.isEmpty else { return }
    raise(.notProtecting(missing: missing))
  }
}

/// Keeps the look at all accounts, and the words about them, from coming with every answer.
struct StatusWatch {
  private static let pause = TimeSpan.seconds(1)

  /// An account that was found missing.
  var missingAccount: AccountID?
  private var session: [String] = []
  private var nextAt: MonotonicInstant?

  mutating func told(_ session: [String], at now: MonotonicInstant) {
    self.session = session
    nextAt = now + Self.pause
  }

  /// Whether what was told last will do: nothing of the session is otherwise.
  func waits(_ session: [String], at now: MonotonicInstant) -> Bool {
    guard let nextAt, session == self.session else { return false }
    return now < nextAt
  }
}
