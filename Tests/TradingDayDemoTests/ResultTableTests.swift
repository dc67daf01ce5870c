import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct ResultTableTests {
  private func incident(
    _ cause: Incident.Cause, _ actions: [String], _ proof: Incident.Proof?
  ) -> Incident {
    var incident = Incident(
      chapter: .oneTooMany, target: "1-0", account: Sample.account, cause: cause)
    incident.actions = actions
    incident.proof = proof
    return incident
  }

  @Test func `the table of a day`() {
    let text = ResultTable.text([
      incident(
        .breach(.maxContractsPerInstrument), ["reduce CON.F.US.MNQ.Z26 by 1"],
        Incident.Proof(requests: 1, milliseconds: 131, isConfirmed: true)),
      incident(
        .breach(.maxContracts),
        [
          "close CON.F.US.ENQ.Z26", "close CON.F.US.MES.Z26", "close CON.F.US.MNQ.Z26",
          "cancel order 3400000001", "cancel order 3400000002",
        ], Incident.Proof(requests: 5, milliseconds: 1_204, isConfirmed: false)),
      incident(.reentry(Sample.es), ["close CON.F.US.EP.Z26"], nil),
      incident(.found, [], Incident.Proof(requests: 0, milliseconds: 9, isConfirmed: nil)),
    ])
    #expect(
      text == """
        BREACH                                 ACTION                          PROOF       LATENCY  REQUESTS
        -------------------------------------  ------------------------------  --------  ---------  --------
        RULE-002 max_contracts_per_instrument  reduce MNQ by 1                 at venue     131 ms         1
        RULE-001 max_contracts                 close NQ, MES, MNQ, cancel 2    REFUTED     1204 ms         5
                                               orders
        ES is back while locked out            close ES                        MISSING           -         -
        exposure found while locked out                                        unseen         9 ms         0

        """)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= StoryStyle.width })
  }

  @Test func `every rule fits`() {
    for rule in RuleID.allCases {
      let proof = Incident.Proof(requests: 123, milliseconds: 99_999, isConfirmed: true)
      let text = ResultTable.text([incident(.breach(rule), ["close CON.F.US.MNQ.Z26"], proof)])
      #expect(text.split(separator: "\n").count == 3, "\(text)")
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= StoryStyle.width })
    }
  }
}
