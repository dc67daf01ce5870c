import RiskModel
import VenueAPI

@testable import GatewayRole

let mnq = ContractID("CON.F.US.MNQ.U26")
let ep = ContractID("CON.F.US.EP.U26")
let alpha = AccountID(101)
let beta = AccountID(202)

/// A token that ends at an instant; `mark` makes it distinct.
func token(until end: Instant, mark: String = "a") -> VenueToken {
  let claims = #"{"sub":"\#(mark)","exp":\#(end.nanosSinceEpoch / 1_000_000_000)}"#
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
  var text = ""
  var bits: UInt32 = 0
  var count: UInt32 = 0
  for byte in claims.utf8 {
    bits = bits << 8 | UInt32(byte)
    count += 8
    while count >= 6 {
      count -= 6
      text.append(alphabet[Int(bits >> count & 63)])
    }
  }
  if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
  return VenueToken("e30.\(text).\(mark)")
}

func ok(_ members: String) -> VenueAnswer {
  reply("{" + members + (members.isEmpty ? "" : ",") + #""success":true,"errorCode":0}"#)
}

func refusal(_ code: Int) -> VenueAnswer {
  reply(#"{"success":false,"errorCode":\#(code),"errorMessage":null}"#)
}

func reply(
  _ json: String, status: Int = 200, date: Instant? = nil, retryWait: TimeSpan? = nil
) -> VenueAnswer {
  .reply(VenueReply(status: status, body: Array(json.utf8), date: date, retryWait: retryWait))
}

/// The venue's rows as it writes them.
enum Row {
  static func account(
    _ id: AccountID, _ name: String, balance: String = "50000", canTrade: Bool = true,
    simulated: Bool = true
  ) -> String {
    #"{"id":\#(id),"name":"\#(name)","balance":\#(balance),"canTrade":\#(canTrade),"#
      + #""isVisible":true,"simulated":\#(simulated)}"#
  }

  static func position(_ account: AccountID, _ contract: ContractID, _ size: Int) -> String {
    #"{"id":9,"accountId":\#(account),"contractId":"\#(contract)","#
      + #""creationTimestamp":"2026-08-19T14:00:00+00:00","type":"#
      + #"\#(size == 0 ? 0 : size > 0 ? 1 : 2),"size":\#(abs(size)),"averagePrice":29000.25}"#
  }

  /// `second` is when it changed last.
  static func order(
    _ account: AccountID, _ id: Int, _ contract: ContractID, status: Int = 1, second: Int = 0,
    stop: String = "28990.5"
  ) -> String {
    #"{"id":\#(id),"accountId":\#(account),"contractId":"\#(contract)","symbolId":"F","#
      + #""creationTimestamp":"2026-08-19T14:00:00+00:00","#
      + #""updateTimestamp":"2026-08-19T14:00:\#(second < 10 ? "0" : "")\#(second)+00:00","#
      + #""status":\#(status),"type":4,"side":1,"size":1,"stopPrice":\#(stop),"fillVolume":0}"#
  }

  static func trade(
    _ account: AccountID, _ id: Int, _ contract: ContractID, voided: Bool = false
  ) -> String {
    #"{"id":\#(id),"accountId":\#(account),"contractId":"\#(contract)","#
      + #""creationTimestamp":"2026-08-19T14:00:01+00:00","price":29000.25,"#
      + #""profitAndLoss":null,"fees":0.36,"side":0,"size":1,"voided":\#(voided),"orderId":7}"#
  }

  static func contract(_ id: ContractID) -> String {
    #"{"id":"\#(id)","name":"\#(id.root)U26","description":"","tickSize":0.25,"#
      + #""tickValue":0.5,"activeContract":true,"symbolId":"F.US.\#(id.root)"}"#
  }
}

/// The state of the venue, from which it answers.
struct VenueState {
  var accounts: [String] = [Row.account(alpha, "PRAC-A"), Row.account(beta, "PRAC-B")]
  var positions: [AccountID: [String]] = [:]
  var orders: [AccountID: [String]] = [:]
  var trades: [AccountID: [String]] = [:]
  /// Contracts that `Contract/available` lists.
  var catalogue: [ContractID] = [mnq, ep]
  var contracts: [ContractID] = [mnq, ep]
  var signIns = 0
  var token: (Int) -> VenueToken

  mutating func answer(_ request: VenueRequest, _ carried: VenueToken?) -> VenueAnswer {
    func list(_ name: String, _ rows: [String]) -> VenueAnswer {
      ok(#""\#(name)":[\#(rows.joined(separator: ","))]"#)
    }
    switch request {
    case .loginKey:
      signIns += 1
      return ok(#""token":"\#(token(signIns).revealed)""#)
    case .validate: return ok(#""newToken":null"#)
    case .accountSearch: return list("accounts", accounts)
    case .contractAvailable: return list("contracts", catalogue.map(Row.contract))
    case .contractSearchByID(let id):
      guard contracts.contains(id) else { return refusal(1) }
      return ok(#""contract":\#(Row.contract(id))"#)
    case .positionSearchOpen(let account): return list("positions", positions[account] ?? [])
    case .orderQuery(let account, _, let offset):
      let rows = orders[account] ?? []
      let page = rows.dropFirst(offset).prefix(100).joined(separator: ",")
      return ok(#""orders":[\#(page)],"totalCount":\#(rows.count)"#)
    case .tradeSearch(let account, _, _): return list("trades", trades[account] ?? [])
    default: return reply("", status: 404)
    }
  }
}
