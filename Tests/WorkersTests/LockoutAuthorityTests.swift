import ControlPlane
import Foundation
import Testing

@testable import Workers

/// Root, the administrator's password and the lockout's name typed again.
@Suite struct LockoutAuthorityTests {
  private let root: WorkerRoot

  init() throws {
    root = try WorkerRoot()
  }

  private func refusal(
    password: String?, typed: String?, isRoot: Bool = true
  ) -> CommandOutcome? {
    LockoutAuthority(
      root: root.path, terminal: .init(ask: { _ in typed }, askHidden: { _ in password }),
      isRoot: isRoot
    ).refusal(of: "184-0")
  }

  @Test func `all three are needed`() {
    #expect(refusal(password: "demo-admin", typed: "184-0") == nil)
    let cases: [(String?, String?, Bool, String)] = [
      ("demo-admin", "184-0", false, "only root may end a lockout"),
      ("demo-Admin", "184-0", true, "that is not the administrator's password"),
      ("", "184-0", true, "that is not the administrator's password"),
      (nil, "184-0", true, "no password was typed"),
      ("demo-admin", "184-1", true, "lockout 184-0 stands"),
      ("demo-admin", nil, true, "lockout 184-0 stands"),
    ]
    for (password, typed, isRoot, text) in cases {
      try? FileManager.default.removeItem(atPath: PasswordAttempts.path(below: root.path))
      #expect(
        refusal(password: password, typed: typed, isRoot: isRoot)
          == CommandOutcome(.refused, complaint: "riskctl: \(text)\n"))
    }
  }

  @Test func `a configuration that cannot be read has no password`() throws {
    try root.write(".env", "")
    #expect(refusal(password: "demo-admin", typed: "184-0")?.code == .environment)
  }
}
