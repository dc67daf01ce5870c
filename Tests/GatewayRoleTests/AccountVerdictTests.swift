import RiskModel
import Testing

@testable import GatewayRole

@Suite struct AccountVerdictTests {
  private static func account(
    _ id: AccountID, _ name: String, balance: Int64 = 0, simulated: Bool = true
  ) -> Account {
    Account(
      id: id, name: name, balance: Money(dollars: balance), canTrade: true,
      isSimulated: simulated)
  }

  static let rows: [([Account], String?)] = [
    ([account(beta, "PRAC-B"), account(alpha, "PRAC-A")], nil),
    ([account(alpha, "PRAC-A"), account(alpha, "PRAC-A")], nil),
    ([], "the venue does not list it for this user"),
    ([account(beta, "PRAC-A")], "the venue does not list it for this user"),
    (
      [account(alpha, "prac-a")],
      "the platform calls it otherwise; riskctl config validate --online shows how"
    ),
    (
      [account(alpha, "PRAC-A"), account(alpha, "PRAC-A", balance: 1)],
      "the venue lists it twice with different data"
    ),
    (
      [account(alpha, "PRAC-A", simulated: false)],
      "the venue refuses cancel and close for live funded accounts"
    ),
  ]

  @Test(arguments: rows)
  func onlyIDAndNameTogetherMatch(listing: [Account], reason: String?) {
    let verdict = AccountVerdict(
      ConfiguredAccount(id: alpha, platformName: "PRAC-A"), in: listing)
    if let reason {
      #expect(verdict == .unprotectable(reason))
    } else {
      #expect(verdict == .matches(Self.account(alpha, "PRAC-A")))
    }
  }
}
