import RiskModel

@testable import VenueAPI

func reply(_ json: String, status: Int = 200, retryWait: TimeSpan? = nil) -> VenueAnswer {
  .reply(VenueReply(status: status, body: Array(json.utf8), retryWait: retryWait))
}

func instant(_ text: String) -> Instant {
  guard let instant = VenueTimestamp.instant(text) else {
    preconditionFailure("Condition failed: \(text) is a timestamp")
  }
  return instant
}

func price(_ text: String) -> Price {
  guard let price = ExactDecimal(text).flatMap(Price.init(exactly:)) else {
    preconditionFailure("Condition failed: \(text) is a price")
  }
  return price
}

func money(_ text: String) -> Money {
  guard let money = ExactDecimal(text).flatMap(Money.init(exactly:)) else {
    preconditionFailure("Condition failed: \(text) is an amount")
  }
  return money
}

let account = AccountID(26_282_486)
let contract = ContractID("CON.F.US.MNQ.U26")

/// Rows as the venue writes them, REST and hub.
enum Row {
  static let account =
    #"{"id":26282486,"name":"PRAC-V2-645601-47191819","balance":149848.64,"canTrade":true,"#
    + #""isVisible":true,"simulated":true}"#
  static let position =
    #"{"id":825245547,"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","#
    + #""contractDisplayName":"MNQU26","creationTimestamp":"2026-08-19T20:49:25.393833+00:00","#
    + #""type":2,"size":3,"averagePrice":29398.5}"#
  static let order =
    #"{"id":3408995736,"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","#
    + #""symbolId":"F.US.MNQ","creationTimestamp":"2026-08-19T20:49:25.39383+00:00","#
    + #""updateTimestamp":null,"status":8,"type":4,"side":1,"size":1,"limitPrice":null,"#
    + #""stopPrice":30196.750000000,"fillVolume":0,"filledPrice":null,"customTag":"T-SL","#
    + #""parentOrderId":3408995735}"#
  static let trade =
    #"{"id":3004518356,"accountId":26282486,"contractId":"CON.F.US.MNQ.U26","#
    + #""creationTimestamp":"2026-08-19T20:50:00+00:00","price":29423,"profitAndLoss":-49,"#
    + #""fees":0.36,"commissions":0.25,"side":0,"size":1,"voided":false,"orderId":3423462488}"#
  static let contract =
    #"{"id":"CON.F.US.MNQ.U26","name":"MNQU26","description":"Micro E-mini","tickSize":0.25,"#
    + #""tickValue":0.5,"activeContract":true,"symbolId":"F.US.MNQ"}"#

  static func reply(_ member: String, _ rows: String...) -> VenueAnswer {
    VenueAPITests.reply(
      #"{"\#(member)":[\#(rows.joined(separator: ","))],"success":true,"errorCode":0,"#
        + #""errorMessage":null}"#)
  }
}

extension Result {
  var failure: Failure? {
    if case .failure(let failure) = self { return failure }
    return nil
  }
}
