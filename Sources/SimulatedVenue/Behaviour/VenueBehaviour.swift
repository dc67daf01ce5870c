/// How the simulated venue acts in every respect that can be switched, also while it runs.
package struct VenueBehaviour: Equatable, Sendable {
  package var exchange = ExchangeBehaviour()
  package var gateway = GatewayBehaviour()
  package var hub = HubBehaviour()

  package init() {}

  package init(exchange: ExchangeBehaviour, gateway: GatewayBehaviour, hub: HubBehaviour) {
    self.exchange = exchange
    self.gateway = gateway
    self.hub = hub
  }
}

/// Settings of the venue that a document changes; what it does not name stays as it is.
package struct VenueSettings: Equatable, Sendable {
  /// One setting with its new value.
  struct Change: Equatable, Sendable {
    var name: String
    var value: JSONValue
    var apply: @Sendable (inout VenueBehaviour) -> Void

    static func == (one: Change, other: Change) -> Bool {
      one.name == other.name && one.value == other.value
    }
  }

  var changes: [Change] = []

  package init() {}

  package var isEmpty: Bool { changes.isEmpty }

  package func apply(to behaviour: inout VenueBehaviour) {
    for change in changes { change.apply(&behaviour) }
  }

  /// The behaviour that is everybody's with these settings.
  package var behaviour: VenueBehaviour {
    var behaviour = VenueBehaviour()
    apply(to: &behaviour)
    return behaviour
  }
}
