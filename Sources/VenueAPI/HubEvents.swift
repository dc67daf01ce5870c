package import RiskModel

// The arguments of the hubs' events: a JSON array.
//
//   user hub     one argument:  {"action": n, "data": {…}}     observed live
//                               {…}                             documented
//                               [ either of them, … ]           accepted
//   market hub   two arguments: contract id, then
//                               {…}                             documented
//                               [ {…}, null, … ]                observed live
//                               both inside one array argument  accepted
//
// `action` is undocumented and ignored; what happened is in the data. Targets match in any case.

/// What one event of a hub says.
package enum HubNotice: Equatable, Sendable {
  case events([VenueEvent])
  /// The venue ends the session of this connection, for a reason that it does not document.
  case logout
  /// A target that riskd does not use.
  case ignored
}

/// An event of a hub that cannot be used. It names the target and the member, not the payload.
package struct HubEventError: Error, Equatable, Sendable {
  package var target: String
  /// The account that the event is about, where that much could be read.
  package var account: AccountID?
  package var problem: VenueError

  package init(target: String, account: AccountID?, problem: VenueError) {
    self.target = target
    self.account = account
    self.problem = problem
  }
}

extension HubEventError: CustomStringConvertible {
  package var description: String { "\(target): \(problem)" }
}

/// The events that this module knows, in the venue's spelling.
private enum HubTarget: String, CaseIterable {
  case account = "GatewayUserAccount"
  case position = "GatewayUserPosition"
  case order = "GatewayUserOrder"
  case trade = "GatewayUserTrade"
  case quote = "GatewayQuote"
  case print = "GatewayTrade"
  case logout = "GatewayLogout"

  private static let byLowercaseName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.rawValue.lowercased(), $0) })

  init?(anyCase name: String) {
    guard let target = HubTarget(rawValue: name) ?? HubTarget.byLowercaseName[name.lowercased()]
    else { return nil }
    self = target
  }
}

/// Decodes an event of the user hub. `arguments` are the bytes of the JSON array.
package func decodeUserEvent(
  target name: String, arguments: [UInt8]
) throws(HubEventError) -> HubNotice {
  guard let target = HubTarget(anyCase: name) else { return .ignored }
  guard target != .logout else { return .logout }
  var payload: JSONValue?
  do throws(VenueError) {
    let payloads = try flattened(try argumentList(arguments))
    guard !payloads.isEmpty else { throw .memberMissing("arguments") }
    var events: [VenueEvent] = []
    for value in payloads {
      payload = value
      switch target {
      case .account: events.append(.account(try Account(value)))
      case .position: events.append(.position(try Position(value)))
      case .order: events.append(.order(try Order(value)))
      case .trade: events.append(.trade(try Trade(value)))
      case .quote, .print, .logout: return .ignored
      }
    }
    return .events(events)
  } catch {
    let member = target == .account ? "id" : "accountId"
    throw HubEventError(
      target: target.rawValue, account: payload?.member(member)?.integer.map { AccountID($0) },
      problem: error)
  }
}

/// Decodes an event of the market hub. `arguments` are the bytes of the JSON array.
///
/// The contract is the first argument; `symbol` in the payload does not tell the month.
package func decodeMarketEvent(
  target name: String, arguments: [UInt8]
) throws(HubEventError) -> HubNotice {
  guard let target = HubTarget(anyCase: name) else { return .ignored }
  switch target {
  case .logout: return .logout
  case .quote, .print: break
  case .account, .position, .order, .trade: return .ignored
  }
  do throws(VenueError) {
    var list = try argumentList(arguments)
    if list.count == 1, case .array(let nested) = list[0] { list = nested }
    var contract: ContractID?
    if case .string(let text) = list.first {
      guard !text.isEmpty else { throw .memberMalformed("arguments[0]") }
      contract = ContractID(text)
      list.removeFirst()
    }
    guard !list.isEmpty else { throw .memberMissing("arguments") }
    var events: [VenueEvent] = []
    for value in try flattened(list, skippingNulls: true) {
      let quote =
        target == .quote
        ? try Quote(value, contract: contract) : try Quote(print: value, contract: contract)
      events.append(.quote(quote))
    }
    return .events(events)
  } catch {
    throw HubEventError(target: target.rawValue, account: nil, problem: error)
  }
}

private func argumentList(_ bytes: [UInt8]) throws(VenueError) -> [JSONValue] {
  guard case .array(let list) = try JSONReader.read(bytes) else {
    throw .memberMalformed("arguments")
  }
  return list
}

/// The payload objects in arguments of any of the forms above.
private func flattened(
  _ values: [JSONValue], skippingNulls: Bool = false
) throws(VenueError) -> [JSONValue] {
  var payloads: [JSONValue] = []
  for value in values {
    switch value {
    case .array(let elements):
      payloads += try flattened(elements, skippingNulls: skippingNulls)
    case .object:
      guard let data = value.member("data") else {
        payloads.append(value)
        continue
      }
      payloads += try flattened([data], skippingNulls: skippingNulls)
    case .null where skippingNulls:
      continue
    case .null:
      throw .memberNull("arguments")
    case .bool, .number, .string:
      throw .memberMalformed("arguments")
    }
  }
  return payloads
}
