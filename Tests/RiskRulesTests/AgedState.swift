import FoundationEssentials
import RiskRules

/// The state of an engine as an earlier release would have stored it.
enum AgedState {
  /// Members that the first version of the state did not have.
  private static let newer = [
    "traces", "tradeFrequencyLimit", "cooldownAfterLoss", "noStopLossGrace", "sessionBlockOutside",
    "authLossGuard", "tradeManagement", "dailyRealizedProfit", "reentryTimes", "alsoFor",
    "venueSeenAt", "execution", "breachResponse", "reading", "commissions",
  ]

  static func recovered(_ state: EngineState) throws -> EngineState {
    let bytes = try JSONEncoder().encode(state)
    let aged = try JSONDecoder().decode(Value.self, from: bytes).without(newer)
    return try JSONDecoder().decode(EngineState.self, from: JSONEncoder().encode(aged))
  }

  private indirect enum Value: Codable {
    case object([String: Value])
    case list([Value])
    case text(String)
    case number(Int64)
    case flag(Bool)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let object = try? container.decode([String: Value].self) {
        self = .object(object)
      } else if let list = try? container.decode([Value].self) {
        self = .list(list)
      } else if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Int64.self) {
        self = .number(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .object(let object): try container.encode(object)
      case .list(let list): try container.encode(list)
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .flag(let flag): try container.encode(flag)
      }
    }

    func without(_ names: [String]) -> Value {
      switch self {
      case .object(let object):
        .object(
          object.filter { !names.contains($0.key) }.mapValues { $0.without(names) })
      case .list(let list): .list(list.map { $0.without(names) })
      case .text, .number, .flag: self
      }
    }
  }
}
