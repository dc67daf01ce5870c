import RiskModel

extension GatewayDesk {
  func placeOrder(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let type = OrderType(rawValue: Int(clamping: try body.integer("type")))
    let ticket = OrderTicket(
      account: try body.account(), contract: try body.contract(), type: type,
      side: try side(of: body), size: try body.integer("size"),
      limitPrice: try body.optionalPrice("limitPrice"),
      stopPrice: try body.optionalPrice("stopPrice"),
      trailPrice: try body.optionalPrice("trailPrice"),
      customTag: try body.optionalText("customTag"),
      stopLoss: try leg("stopLossBracket", of: body),
      takeProfit: try leg("takeProfitBracket", of: body))
    let placed = floor.perform { exchange -> Result<OrderID, Refusal<PlaceCode>> in
      Result { () throws(Refusal<PlaceCode>) in try exchange.place(ticket) }
    }
    switch placed {
    case .success(let id):
      return .success(["orderId": floor.restStyle.id(id.number)])
    case .failure(let refusal):
      return .refused(
        refusal, ["orderId": .optional(refusal.order) { floor.restStyle.id($0.number) }])
    }
  }

  func modifyOrder(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let order = OrderID(try body.integer("orderId"))
    let change = OrderChange(
      size: try body.optionalInteger("size"), limitPrice: try body.optionalPrice("limitPrice"),
      stopPrice: try body.optionalPrice("stopPrice"),
      trailPrice: try body.optionalPrice("trailPrice"))
    let members = ["size", "limitPrice", "stopPrice", "trailPrice"]
    if !floor.gateway.nullMeansUnchanged, members.contains(where: body.hasNull) {
      return .refused(ModifyCode.rejected.rawValue, "Invalid price")
    }
    return answer { exchange throws(Refusal<ModifyCode>) in
      try exchange.modify(order, of: account, change)
    }
  }

  func cancelOrder(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let order = OrderID(try body.integer("orderId"))
    return answer { exchange throws(Refusal<CancelCode>) in
      try exchange.cancel(order, of: account)
    }
  }

  func closeContract(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let contract = try body.contract()
    return answer { exchange throws(Refusal<CloseCode>) in
      try exchange.close(account, contract)
    }
  }

  func partialCloseContract(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let account = try body.account()
    let contract = try body.contract()
    let size = try body.integer("size")
    return answer { exchange throws(Refusal<PartialCloseCode>) in
      try exchange.partialClose(account, contract, size: size)
    }
  }

  private func answer<Code>(
    _ change: (inout SimulatedExchange) throws(Refusal<Code>) -> Void
  ) -> GatewayAnswer {
    do throws(Refusal<Code>) {
      try floor.perform(change)
      return .success()
    } catch {
      return .refused(error)
    }
  }

  private func side(of body: RequestBody) throws(BindingFailure) -> Side {
    try body.required("side", "OrderSide") { lenientInteger($0).flatMap(Side.init(wireNumber:)) }
  }

  private func leg(
    _ name: String, of body: RequestBody
  ) throws(BindingFailure) -> BracketLeg? {
    guard let leg = try body.optionalObject(name, "PlaceOrderBracket") else { return nil }
    return BracketLeg(
      ticks: try leg.integer("ticks"),
      type: OrderType(rawValue: Int(clamping: try leg.integer("type"))))
  }
}
