import RiskModel
import VenueAPI

extension VenueRequest {
  var account: AccountID? {
    switch self {
    case .orderCancel(let account, _), .orderModify(let account, _, _),
      .positionClose(let account, _), .positionPartialClose(let account, _, _),
      .positionSearchOpen(let account), .orderQuery(let account, _, _):
      account
    case .orderPlace(let order): order.account
    default: nil
    }
  }
}

extension VenueAnswer {
  var isAccepted: Bool {
    guard case .reply(let reply) = self, reply.status == 200 else { return false }
    return String(decoding: reply.body, as: UTF8.self).contains(#""success":true"#)
  }

  /// The code of both kinds of close for a position that is not there.
  var saysNoPosition: Bool {
    guard case .reply(let reply) = self, reply.status == 200 else { return false }
    return String(decoding: reply.body, as: UTF8.self).contains(#""errorCode":2,"#)
  }

  /// Whether it says what the venue did; "pending" says nothing.
  func isKnown(of request: VenueRequest) -> Bool {
    guard case .reply(let reply) = self, reply.status == 200 else { return false }
    let text = String(decoding: reply.body, as: UTF8.self)
    let pending: Int? =
      switch request {
      case .positionClose: 6
      case .positionPartialClose: 7
      case .orderCancel, .orderModify: 4
      default: nil
      }
    return pending.map { !text.contains("\"errorCode\":\($0)") } ?? true
  }
}
