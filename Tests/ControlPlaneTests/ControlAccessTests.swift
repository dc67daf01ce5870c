import ControlPlane
import Glibc
import ProcessControl
import Supervision
import Testing

@Suite struct ControlAccessTests {
  private static let looking: [ControlRequest] = [
    .status, .history(limit: 1), .restart(RestartRequest(worker: .gateway)), .lockouts,
  ]
  private static let reload = ControlRequest.reload(ReloadRequest())

  private let access = ControlAccess(user: 900, operators: 901)

  @Test(arguments: [
    (PeerCredentials(pid: 1, user: 0, group: 0), true, true),
    (PeerCredentials(pid: 1, user: 900, group: 100), true, true),
    (PeerCredentials(pid: 1, user: 1_000, group: 901), true, false),
    (PeerCredentials(pid: 1, user: 1_000, group: 100, groups: [5, 901]), true, false),
    (PeerCredentials(pid: 1, user: 1_000, group: 100, groups: [5]), false, false),
    (PeerCredentials(pid: 1, user: 901, group: 900), false, false),
  ])
  func standing(peer: PeerCredentials, mayLook: Bool, mayReload: Bool) {
    for request in Self.looking {
      #expect((access.refusal(of: request, by: peer) == nil) == mayLook)
    }
    #expect((access.refusal(of: Self.reload, by: peer) == nil) == mayReload)
  }

  @Test(arguments: [
    (PeerCredentials(pid: 1, user: 0, group: 0), true),
    (PeerCredentials(pid: 1, user: 900, group: 100), false),
    (PeerCredentials(pid: 1, user: 1_000, group: 901), false),
    (PeerCredentials(pid: 1, user: 1_000, group: 100), false),
  ])
  func onlyRootEndsALockout(peer: PeerCredentials, may: Bool) {
    let refusal = access.refusal(of: .endLockout("184-0"), by: peer)
    #expect((refusal == nil) == may)
    if !may { #expect(refusal?.text == "only root may end a lockout") }
  }

  @Test func refusalsSayWhatWouldBeRight() {
    let stranger = PeerCredentials(pid: 1, user: 1_000, group: 100)
    #expect(
      access.refusal(of: .status, by: stranger)
        == ControlRefusal(
          .refused, "uid 1000 is no operator of riskd; members of the group riskops are"))
    let member = PeerCredentials(pid: 1, user: 1_000, group: 901)
    #expect(
      access.refusal(of: Self.reload, by: member)
        == ControlRefusal(
          .refused, "only root and the user of riskd may have the configuration read anew"))
  }

  @Test func withoutAGroupOfOperatorsThereAreTheOwnUserAndRoot() {
    let access = ControlAccess(user: 900, operators: nil)
    #expect(access.refusal(of: .status, by: PeerCredentials(pid: 1, user: 0, group: 0)) == nil)
    #expect(
      access.refusal(of: .status, by: PeerCredentials(pid: 1, user: 1_000, group: 901)) != nil)
    #expect(!access.mayGiveToOperators)
  }

  @Test func theOwnUserIsTheOneOfThisProcess() {
    let access = ControlAccess.forOwnUser()
    #expect(access.user == geteuid())
    #expect((access.operators != nil) == (getgrnam("riskops") != nil))
    #expect(
      ControlAccess(user: geteuid(), operators: getegid()).mayGiveToOperators)
  }
}
