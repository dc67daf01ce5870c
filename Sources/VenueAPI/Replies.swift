package import RiskModel

extension VenueAnswer {
  /// `Account/search`.
  package func decodeAccounts() -> Result<[Account], VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      try rows("accounts", of: "Account/search", ListingCode.self, Account.init)
    }
  }

  /// `Position/searchOpen`. A row of another account makes the whole reply unusable.
  package func decodePositions(of account: AccountID) -> Result<[Position], VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      try owned(
        by: account, \.account,
        try rows("positions", of: "Position/searchOpen", AccountQueryCode.self, Position.init))
    }
  }

  /// `Order/v2/query`: one page. `OrderPages` puts pages together.
  package func decodeOrderPage(of account: AccountID) -> Result<OrderPage, VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      let body = try body(of: "Order/v2/query", AccountQueryCode.self)
      let fields = try Fields(body, "reply")
      let orders = try decodeEach(try fields.array("orders"), Order.init)
      let total = try fields.optionalInteger("totalCount")
      guard (0...1_000_000).contains(total ?? 0) else {
        throw .memberMalformed("reply.totalCount")
      }
      return OrderPage(
        orders: try owned(by: account, \.account, orders), totalCount: total.map { Int($0) })
    }
  }

  /// `Trade/search`, oldest first; the venue sends the newest first.
  package func decodeTrades(of account: AccountID) -> Result<[Trade], VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      try owned(
        by: account, \.account,
        try rows("trades", of: "Trade/search", AccountQueryCode.self, Trade.init)
      ).sorted { ($0.executedAt, $0.id) < ($1.executedAt, $1.id) }
    }
  }

  /// `Contract/searchById`.
  package func decodeContract(_ id: ContractID) -> Result<ContractSpecification, VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      let body = try body(of: "Contract/searchById", ContractLookupCode.self)
      let contract = try ContractSpecification(try Fields(body, "reply").value("contract"))
      guard contract.id == id else { throw .memberMalformed("contract.id") }
      return contract
    }
  }

  /// `Contract/available`. A row that cannot be read is left out and counted: the catalogue holds
  /// every product of the venue, and one odd product must not hide the others.
  package func decodeCatalogue() -> Result<ContractCatalogue, VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      let body = try body(of: "Contract/available", ListingCode.self)
      var catalogue = ContractCatalogue(contracts: [], skipped: 0)
      for row in try Fields(body, "reply").array("contracts") {
        do throws(VenueError) {
          catalogue.contracts.append(try ContractSpecification(row))
        } catch {
          catalogue.skipped += 1
        }
      }
      return catalogue
    }
  }

  /// `Status/ping` answers with bare text.
  package func decodePing() -> Result<Void, VenueError> {
    VenueAnswer.result { () throws(VenueError) in
      let body = try successfulReply().body
      guard String(decoding: body, as: UTF8.self) == "pong" else {
        throw .memberMalformed("reply")
      }
    }
  }

  private func rows<Row, Code: EndpointCode>(
    _ member: StaticString, of endpoint: String, _ code: Code.Type,
    _ decode: (JSONValue) throws(VenueError) -> Row
  ) throws(VenueError) -> [Row] {
    let body = try body(of: endpoint, code)
    return try decodeEach(try Fields(body, "reply").array(member), decode)
  }

  private func decodeEach<Row>(
    _ rows: [JSONValue], _ decode: (JSONValue) throws(VenueError) -> Row
  ) throws(VenueError) -> [Row] {
    var decoded: [Row] = []
    decoded.reserveCapacity(rows.count)
    for row in rows { decoded.append(try decode(row)) }
    return decoded
  }

  private func owned<Row>(
    by account: AccountID, _ owner: (Row) -> AccountID, _ rows: [Row]
  ) throws(VenueError) -> [Row] {
    for row in rows where owner(row) != account { throw .foreignAccount(owner(row)) }
    return rows
  }
}

/// The contracts that the venue lists as tradable.
package struct ContractCatalogue: Equatable, Sendable {
  package var contracts: [ContractSpecification]
  /// Rows that could not be read.
  package var skipped: Int

  package init(contracts: [ContractSpecification], skipped: Int) {
    self.contracts = contracts
    self.skipped = skipped
  }
}
