import RiskModel

/// The venue lists at most this many contracts of a search (documented).
private let contractSearchLimit = 20
private let contractNotFound = 1

extension GatewayDesk {
  func searchAccounts(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let onlyActive = try body.boolean("onlyActiveAccounts")
    let accounts = floor.exchange.accountIDs.compactMap { floor.exchange.accounts[$0] }
      .filter { $0.isVisible || !onlyActive }
    return .success(["accounts": .array(accounts.map { floor.restStyle.account($0) })])
  }

  func searchContracts(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    _ = try body.boolean("live")
    let text = (try body.optionalText("searchText") ?? "").lowercased()
    let contracts = activeContracts.filter { contract in
      [contract.id.text, contract.specification.name, contract.details]
        .contains { text.isEmpty || $0.lowercased().contains(text) }
    }
    return .success([
      "contracts": .array(
        contracts.prefix(contractSearchLimit).map { floor.restStyle.contract($0) })
    ])
  }

  func availableContracts(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    _ = try body.boolean("live")
    return .success(["contracts": .array(activeContracts.map { floor.restStyle.contract($0) })])
  }

  /// Expired contracts are found too (observed live).
  func contractByID(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    guard let contract = floor.exchange.contracts[try body.contract()] else {
      return .refused(contractNotFound, nil, ["contract": .null])
    }
    return .success(["contract": floor.restStyle.contract(contract)])
  }

  private var activeContracts: [ListedContract] {
    floor.exchange.contractIDs.compactMap { floor.exchange.contracts[$0] }.filter(\.isActive)
  }
}
