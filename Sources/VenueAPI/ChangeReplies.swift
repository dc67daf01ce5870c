import RiskModel

extension VenueAnswer {
  /// `Order/place`.
  package func decodePlace() -> ChangeOutcome {
    let outcome = change(PlaceCode.self)
    if case .accepted(nil) = outcome { return .unknown(.acceptedWithoutOrderID) }
    return outcome
  }

  /// `Order/modify`.
  package func decodeModify() -> ChangeOutcome { change(ModifyCode.self) }

  /// `Order/cancel`. Accepted is not yet cancelled: a fill may still win.
  package func decodeCancel() -> ChangeOutcome { change(CancelCode.self) }

  /// `Position/closeContract`. The reply has no order id.
  package func decodeClose() -> ChangeOutcome { change(CloseCode.self) }

  /// `Position/partialCloseContract`. The reply has no order id.
  package func decodePartialClose() -> ChangeOutcome { change(PartialCloseCode.self) }

  private func change<Code: ChangeCode>(_: Code.Type) -> ChangeOutcome {
    let envelope: Envelope
    let order: OrderID?
    do throws(VenueError) {
      envelope = try self.envelope()
      order = try Fields(envelope.body, "reply").optionalInteger("orderId").map { OrderID($0) }
    } catch {
      return VenueAnswer.outcome(of: error)
    }
    guard let code = Code(rawValue: envelope.code) else {
      return .unknown(.unlistedCode(envelope.code))
    }
    switch code.meaning {
    case .accepted: return .accepted(order)
    case .gone: return .gone
    case .pending: return .pending
    case .unknown: return .unknown(.unknownErrorCode(envelope.code))
    case .refused(let category):
      return .refused(
        Refusal(
          category: VenueAnswer.category(category, message: envelope.message),
          code: envelope.code, message: envelope.message, order: order))
    }
  }

  /// Only what certainly never reached the venue's order handling counts as refused.
  private static func outcome(of error: VenueError) -> ChangeOutcome {
    switch error {
    case .unauthorized: .refused(Refusal(category: .unauthorized))
    case .transport(.notSent(let reason)):
      .refused(Refusal(category: .notSent, message: reason))
    default: .unknown(.unusableReply(error))
    }
  }

  /// The venue's catch-all code also stands for a closed market; only the text tells (observed).
  private static func category(
    _ category: Refusal.Category, message: String?
  ) -> Refusal.Category {
    guard category == .rejected, let text = message?.lowercased() else { return category }
    let closedMarket = ["outside of trading hours", "not in an active trading status"]
    return closedMarket.contains { text.contains($0) } ? .marketClosed : category
  }
}
