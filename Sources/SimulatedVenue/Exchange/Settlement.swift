package import RiskModel

extension SimulatedExchange {
  /// Books one execution: the trade, the position row, the balance.
  ///
  /// Scaling in moves the average, which may then lie off tick; reducing keeps it; going through
  /// zero starts at the price of the fill. A position that became flat is reported with size 0 and
  /// the entry average (observed live).
  mutating func settle(_ order: Order, _ fill: Fill) {
    guard let contract = contracts[order.contract] else {
      preconditionFailure("Invariant: the contract \(order.contract) is listed")
    }
    let key = PositionKey(order.account, order.contract)
    let held = positions[key]
    let before = held?.signedSize ?? 0
    let change = fill.quantity * order.side.sign
    let after = before + change
    let closed = before.signum() == -change.signum() ? min(abs(before), fill.quantity) : 0

    var position =
      held
      ?? Position(
        id: takePositionID(), account: order.account, contract: order.contract, openedAt: now,
        signedSize: 0, averagePrice: fill.price)
    let entry = position.averagePrice
    let profit =
      closed > 0
      ? contract.grossProfit(
        entry: entry, exit: fill.price, signedSize: closed * Int64(before.signum())) : nil
    let trade = Trade(
      id: TradeID(nextTrade), account: order.account, contract: order.contract, executedAt: now,
      price: fill.price, profit: profit,
      fees: Money(micros: contract.feesPerSide.micros * fill.quantity),
      commissions: Money(micros: contract.commissionPerSide.micros * fill.quantity),
      side: order.side, size: fill.quantity, order: order.id)
    nextTrade += 1
    trades.append(trade)
    forgetOldTrades()
    events.append(.trade(trade))
    priceHistories[order.contract]?.add(fill.price, volume: fill.quantity, at: now)

    let changesSign = before.signum() * after.signum() < 0
    if changesSign, behaviour.reversalReportsFlat {
      position.signedSize = 0
      events.append(.position(position))
      position.id = takePositionID()
      position.openedAt = now
    }
    position.signedSize = after
    if closed == 0 {
      position.averagePrice = averagePrice(held?.averagePrice, abs(before), fill.price, abs(change))
    } else if changesSign {
      position.averagePrice = fill.price
    }
    positions[key] = after == 0 ? nil : position
    events.append(.position(position))
    credit(order.account, (profit ?? .zero) - trade.fees - trade.commissions)
  }

  private mutating func takePositionID() -> Int64 {
    defer { nextPosition += 1 }
    return nextPosition
  }

  private mutating func credit(_ account: AccountID, _ amount: Money) {
    guard var tradingAccount = accounts[account] else {
      preconditionFailure("Invariant: the account \(account) exists")
    }
    tradingAccount.account.balance += amount
    accounts[account] = tradingAccount
    events.append(.account(tradingAccount))
  }

  private mutating func forgetOldTrades() {
    guard trades.count > behaviour.historyLimit + behaviour.historyLimit / 4 else { return }
    trades.removeFirst(trades.count - behaviour.historyLimit)
  }

  /// Takes an execution back: it is reported again as voided and its money is returned. The
  /// position stays, as the venue's corrections of positions are not documented.
  package mutating func void(_ id: TradeID) throws(SimulatedVenueError) {
    guard let index = trades.lastIndex(where: { $0.id == id && !$0.isVoided }) else {
      throw .unknownTrade(id)
    }
    trades[index].isVoided = true
    let trade = trades[index]
    events.append(.trade(trade))
    credit(trade.account, trade.fees + trade.commissions - (trade.profit ?? .zero))
  }

  /// Changes an account and reports it. `nil` stays as it is.
  package mutating func change(
    _ id: AccountID, canTrade: Bool? = nil, balance: Money? = nil, name: String? = nil,
    kind: TradingAccount.Kind? = nil, bracketMode: TradingAccount.BracketMode? = nil
  ) throws(SimulatedVenueError) {
    guard var tradingAccount = accounts[id] else { throw .unknownAccount(id) }
    if let canTrade { tradingAccount.account.canTrade = canTrade }
    if let balance { tradingAccount.account.balance = balance }
    if let name { tradingAccount.account.name = name }
    if let kind {
      tradingAccount.kind = kind
      tradingAccount.account.isSimulated = kind != .live
    }
    if let bracketMode { tradingAccount.bracketMode = bracketMode }
    accounts[id] = tradingAccount
    events.append(.account(tradingAccount))
  }
}
