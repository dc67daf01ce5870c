import HubProtocol
import RiskModel

/// One record as it travels.
func record(_ json: String) -> [UInt8] { Array(json.utf8) + [0x1E] }

func seconds(_ count: Int64) -> MonotonicInstant { MonotonicInstant(nanos: count * 1_000_000_000) }

let handshake = record(#"{"protocol":"json","version":1}"#)
let ping = record(#"{"type":6}"#)
let first = HubAttempt(number: 1)

/// A connection that has done its handshake at second 0.
func connected(limits: HubLimits = HubLimits()) -> HubConnection {
  var connection = HubConnection(limits: limits)
  _ = connection.connect()
  _ = connection.transportOpened(first, at: seconds(0))
  _ = connection.received(record("{}"), first, at: seconds(0))
  return connection
}

/// The texts of the payloads that were delivered.
func payloads(_ actions: [HubAction]) -> [String] {
  actions.compactMap {
    guard case .deliver(_, let arguments, _) = $0 else { return nil }
    return String(decoding: arguments, as: UTF8.self)
  }
}

/// SplitMix64.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
