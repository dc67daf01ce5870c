import PeerProtocol
import RiskModel
import RiskRules
import Supervision

/// What other rules would have done. The JSON form is an interface: keys are only ever added.
struct ReplayRunReport: Equatable, Encodable {
  /// The folder of the rules.
  var rules: String
  var from: String
  var through: String
  var engine = RiskdVersion.engine
  /// Inputs of the journal on these days, and the first and last of them; 0 for none.
  var inputs: Int64 = 0
  var first: Int64 = 0
  var last: Int64 = 0
  /// Breaches that were recorded on these days, by the rules that were in force.
  var recordedBreaches: Int64 = 0
  var days: [Day] = []

  /// One trading day of one account on which these rules would have done something, or that ended.
  struct Day: Equatable, Encodable {
    var date: String
    var account: Int64
    /// The realized result of the day as recorded, in dollars; what these rules would have saved is
    /// not known.
    var realized: String?
    var decisions: [Decision] = []
    /// Times that a lock of these rules was entered against.
    var reentries: Int64 = 0
  }

  struct Decision: Equatable, Encodable {
    var at: String
    var rule: String
    var code: String
    var reason: String
    /// What would have been made true, and until when.
    var action: String
    var until: String
  }

  private enum CodingKeys: String, CodingKey {
    case rules, from, through, engine, inputs, first, last, recordedBreaches, days
  }

  private var standing: [TargetID: Target] = [:]

  init(folder: String, from: CivilDate, through: CivilDate) {
    rules = folder
    self.from = "\(from)"
    self.through = "\(through)"
  }

  mutating func addRecorded(_ ordinal: Int64, _ effects: [Effect]) {
    if inputs == 0 { first = ordinal }
    last = ordinal
    inputs += 1
    for case .breach in effects { recordedBreaches += 1 }
  }

  mutating func add(_ moment: Rehearsal.Moment, _ state: EngineState) {
    for effect in moment.effects {
      switch effect {
      case .adopt(let target), .amend(let target):
        standing[target.id] = target
        if case .stopWanted = target.cause.reason, case .adopt = effect {
          note(target, moment.at, target.cause, state)
        }
      case .breach(let breach):
        guard let target = standing[breach.target] ?? state.targets[breach.target]?.target else {
          continue
        }
        note(
          target, breach.at, Cause(rule: breach.rule, reason: breach.reason), state)
      case .reentry(let account, _, _, _):
        edit(state, account, at: moment.at) { $0.reentries += 1 }
      case .dailyReset(let account, let ended, let realized):
        edit("\(ended)", account) { $0.realized = "\(realized)" }
      default:
        continue
      }
    }
  }

  private mutating func note(
    _ target: Target, _ at: Instant, _ cause: Cause, _ state: EngineState
  ) {
    edit(state, target.account, at: at) { day in
      day.decisions.append(
        Decision(
          at: at.timestamp, rule: cause.rule.key, code: cause.reason.code,
          reason: cause.reason.sentence, action: target.goal.words, until: target.end.words))
    }
  }

  /// The days that are not over have a result so far.
  mutating func finish(_ state: EngineState) {
    for account in state.accounts.values {
      let date = "\(account.ledger.tradingDate)"
      if date >= from, date <= through {
        edit(date, account.id) { $0.realized = "\(account.ledger.realized)" }
      }
    }
    days.sort { ($0.date, $0.account) < ($1.date, $1.account) }
    days.removeAll { $0.date < from }
  }

  private mutating func edit(
    _ state: EngineState, _ account: AccountID, at instant: Instant, _ change: (inout Day) -> Void
  ) {
    let rule = state.accounts[account]?.tradingDay ?? .standard
    edit("\(rule.tradingDate(at: instant))", account, change)
  }

  private mutating func edit(
    _ date: String, _ account: AccountID, _ change: (inout Day) -> Void
  ) {
    let place = days.firstIndex { $0.date == date && $0.account == account.number }
    guard let place else {
      var day = Day(date: date, account: account.number)
      change(&day)
      days.append(day)
      return
    }
    change(&days[place])
  }

  func json() throws -> String {
    String(decoding: try MessageCoder().encode(self), as: UTF8.self) + "\n"
  }

  /// A table for people.
  var text: String {
    var lines = [
      "\(inputs) inputs of \(from) to \(through) under the rules in \(rules)",
      "recorded then: \(recordedBreaches) breaches",
    ]
    for day in days {
      let result = day.realized.map { ", realized \($0)" } ?? ""
      let comebacks = day.reentries > 0 ? ", \(day.reentries) re-entries" : ""
      lines.append("")
      lines.append("\(day.date) account \(day.account)\(result)\(comebacks)")
      if day.decisions.isEmpty { lines.append("  nothing would have been done") }
      for decision in day.decisions {
        lines.append("  \(decision.at)  \(decision.rule): \(decision.reason)")
        lines.append("    \(decision.action), until \(decision.until)")
      }
    }
    lines.append("")
    lines.append(
      "After the first decision of a day the trader might have gone on differently; the record "
        + "keeps its course.")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Goal {
  /// What the goal asks for, for traders.
  var words: String {
    switch self {
    case .flatAccount: "close everything and cancel all orders"
    case .flat(let contract): "close \(contract)"
    case .atMost(let contract, let size): "reduce \(contract) to \(size)"
    case .noNewExposure: "nothing may be added"
    case .cancelled(let order): "cancel order \(order)"
    case .protected(let contract, let stop): "a stop for \(contract) at \(stop.price)"
    }
  }
}

extension TargetEnd {
  var words: String {
    switch self {
    case .episode: "it is done"
    case .at(let instant): instant.timestamp
    case .dailyReset(let date): "the daily reset of \(date)"
    case .permanent: "an administrator ends it"
    case .configuration: "the configuration says otherwise"
    case .tradingRestored: "the venue lets the account trade"
    case .sessionStart: "the next session begins"
    case .evaluationRestored: "the rules can be evaluated"
    }
  }
}
