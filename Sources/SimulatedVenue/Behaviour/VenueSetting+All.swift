extension VenueSetting {
  /// Every setting, in the order in which the README explains them.
  static let all: [VenueSetting] = gateway + restForm + exchange + hub + hubForm

  private static let gateway: [VenueSetting] = [
    .span("replyLatency", \.gateway.replyLatency),
    .span("requestLatency", \.gateway.requestLatency),
    .span("tokenLifetime", \.gateway.tokenLifetime),
    .flag("validateEndsOldToken", \.gateway.validateEndsOldToken),
    .choice("tokenRefusal", \.gateway.tokenRefusal),
    .choice("loginObstacle", \.gateway.loginObstacle),
    .limit("requestLimit", \.gateway.requestLimit),
    .limit("barLimit", \.gateway.barLimit),
    .flag("showsCommissions", \.gateway.showsCommissions),
    .flag("nullMeansUnchanged", \.gateway.nullMeansUnchanged),
    .flag("restIdsAsText", \.gateway.idsAsText),
  ]

  private static let exchange: [VenueSetting] = [
    .span("acceptanceDelay", \.exchange.acceptanceDelay),
    .optionalSpan("cancellationDelay", \.exchange.cancellationDelay, none: .string("never")),
    .optionalNumber("liquidityPerStep", \.exchange.liquidityPerStep, in: 1...1_000_000),
    .choice("marketRemainder", \.exchange.marketRemainder),
    .number("stopSlippageTicks", \.exchange.stopSlippageTicks, in: 0...1_000),
    .optionalSpan("exitsCancelledAfterClose", \.exchange.exitsCancelledAfterClose),
    .optionalSpan("exitsCancelledAfterPartialClose", \.exchange.exitsCancelledAfterPartialClose),
    .optionalSpan("exitsResizedAfterPartialClose", \.exchange.exitsResizedAfterPartialClose),
    .flag("cancellingLegCancelsSibling", \.exchange.cancellingLegCancelsSibling),
    .flag("reversalReportsFlat", \.exchange.reversalReportsFlat),
    .placeCode("closedMarketCode", \.exchange.closedMarketCode),
    .flag("closedMarketAllowsCancel", \.exchange.closedMarketAllowsCancel),
    .placeCode("lockedAccountCode", \.exchange.lockedAccountCode),
    .flag("lockedAccountAllowsClose", \.exchange.lockedAccountAllowsClose),
    .optionalMoney("minimumBalance", \.exchange.minimumBalance),
    .optionalNumber("maximumPosition", \.exchange.maximumPosition, in: 0...1_000_000),
  ]

  private static let hub: [VenueSetting] = [
    .choice("hubPayload", \.hub.payload),
    .flag("hubWritesNulls", \.hub.writesNulls),
    .flag("hubIdsAsText", \.hub.idsAsText),
    .choice("hubGrouping", \.hub.grouping),
    .flag("hubSendsSnapshots", \.hub.sendsSnapshots),
    .choice("hubEventOrder", \.hub.eventOrder),
    .flag("hubAllowsOneConnection", \.hub.allowsOneConnection),
    .choice("hubTokenExpiry", \.hub.tokenExpiry),
    .span("hubKeepAlive", \.hub.keepAlive),
    .span("hubClientTimeout", \.hub.clientTimeout),
    .span("hubHandshakeTimeout", \.hub.handshakeTimeout),
    .size("hubMaximumRecordSize", \.hub.maximumRecordSize, in: 64...(1 << 20)),
    .size("hubMaximumBacklog", \.hub.maximumBacklog, in: 1_024...(1 << 30)),
  ]

  private static let restForm: [VenueSetting] = [
    .choice("restDecimals", \.gateway.form.decimals),
    .digits("restTimestampDigits", \.gateway.form.timestampDigits),
    .choice("restTimestampOffset", \.gateway.form.timestampOffset),
    .flag("restHidesUpdateTimestamps", \.gateway.form.hidesUpdateTimestamps),
    .flag("restAddsUnknownMembers", \.gateway.form.addsUnknownMembers),
  ]

  private static let hubForm: [VenueSetting] = [
    .choice("hubDecimals", \.hub.form.decimals),
    .digits("hubTimestampDigits", \.hub.form.timestampDigits),
    .choice("hubTimestampOffset", \.hub.form.timestampOffset),
    .flag("hubHidesUpdateTimestamps", \.hub.form.hidesUpdateTimestamps),
    .flag("hubAddsUnknownMembers", \.hub.form.addsUnknownMembers),
  ]
}

extension DocumentMembers {
  /// Reads whatever settings are among the members.
  mutating func settings() throws -> VenueSettings {
    var settings = VenueSettings()
    for setting in VenueSetting.all {
      let change = try optional(setting.name) { node in
        VenueSettings.Change(
          name: setting.name, value: node.value, apply: try setting.read(node))
      }
      if let change { settings.changes.append(change) }
    }
    return settings
  }
}

extension VenueBehaviour {
  /// Every setting with its present value.
  var document: JSONValue {
    .object(VenueSetting.all.map { JSONMember($0.name, $0.value(self)) })
  }
}
