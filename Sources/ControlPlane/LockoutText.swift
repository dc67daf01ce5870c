package import Supervision

/// Lockouts for people, one paragraph each.
package enum LockoutText {
  package static func render(_ lockouts: [LockoutReport]) -> String {
    guard !lockouts.isEmpty else { return "no lockouts\n" }
    return lockouts.map { lockout in
      let kind = lockout.isHard ? "locked" : "nothing may be added"
      let end = lockout.until.map { "until \($0) (\(lockout.end))" } ?? "until \(lockout.end)"
      let entries = lockout.reentries == 0 ? "" : "  entered against \(lockout.reentries) times\n"
      return
        "\(lockout.id)  account \(lockout.account)  \(lockout.scope)  \(lockout.rule): \(kind)\n"
        + "  \(lockout.reason)\n  since \(lockout.since), \(end)\n" + entries
    }.joined()
  }
}
