import RiskModel
package import SimulatedVenue
package import Supervision

/// What befalls riskd while it soaks.
package enum Disturbance: Equatable, Sendable {
  case restart(WorkerName)
  case kill(WorkerName)
  /// The connection ends, is reset, or falls silent.
  case hub(VenueHub, HubEffect)

  package var text: String {
    switch self {
    case .restart(let worker): "restart of the \(worker.rawValue)"
    case .kill(let worker): "kill -9 of the \(worker.rawValue)"
    case .hub(let hub, let effect): "\(hub.rawValue) hub: \(effect.word)"
    }
  }

  /// One of all, each as likely.
  package static func drawn(from generator: inout some RandomNumberGenerator) -> Disturbance {
    let all =
      WorkerName.allCases.map(Disturbance.restart) + WorkerName.allCases.map(Disturbance.kill)
      + VenueHub.allCases.flatMap { hub in
        [HubEffect.cut, .reset, .stall].map { Disturbance.hub(hub, $0) }
      }
    guard let one = all.randomElement(using: &generator) else {
      preconditionFailure("Invariant: there are disturbances")
    }
    return one
  }
}

/// A sequence that its seed decides: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
