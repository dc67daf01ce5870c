import FoundationEssentials
package import RiskModel

/// What a line of riskd's log adds to the story.
///
/// The lines are those of `logging.format: json`: one object each, with `level`, `worker` and
/// `message`, and what belongs to the message under keys of its own.
package enum LogNews: Equatable, Sendable {
  case adopted(Decision)
  /// A rule fired; its target was adopted in the line before.
  case breach(AccountID, RuleID, sentence: String, target: String)
  case reentry(AccountID, ContractID, target: String, count: Int)
  case step(Step)
  case proven(target: String, requests: Int, milliseconds: Int64)
  case failing(target: String, passes: Int, problem: String)
  /// Whether a hub is heard, by its name: `user` or `market`.
  case hub(String, isHeard: Bool)
  case workerStopped(String, cause: String)
  case workerReady(String, pid: Int32?)
  /// Something that riskd itself calls an error.
  case trouble(worker: String, String)
  /// Nothing for the story.
  case other

  /// A target, as the log writes it.
  package struct Decision: Equatable, Sendable {
    package var target: String
    package var account: AccountID
    package var goal: DecidedGoal
    package var until: String

    package init(target: String, account: AccountID, goal: DecidedGoal, until: String) {
      self.target = target
      self.account = account
      self.goal = goal
      self.until = until
    }
  }

  /// One request of the enforcer that changes the venue.
  package struct Step: Equatable, Sendable {
    package var target: String
    package var account: AccountID
    /// `close CON.F.US.MNQ.Z26`
    package var action: String
    /// `accepted`, or what else came of it.
    package var outcome: String
    /// From the gateway's reading of the event to the socket, where that is known.
    package var reactionMicroseconds: Int64?

    package init(
      target: String, account: AccountID, action: String, outcome: String,
      reactionMicroseconds: Int64?
    ) {
      self.target = target
      self.account = account
      self.action = action
      self.outcome = outcome
      self.reactionMicroseconds = reactionMicroseconds
    }
  }

  /// - Returns: `nil` for what is no line of a JSON log: riskd writes plain text before it knows its
  ///   configuration.
  package init?(line: some Sequence<UInt8>) {
    guard let fields = try? JSONDecoder().decode(LogFields.self, from: Data(line)) else {
      return nil
    }
    self = fields.news ?? fields.remainder
  }
}

/// The members of a log line that matter here; all values are texts.
private struct LogFields: Decodable {
  var level: String
  var worker: String
  var message: String
  var account: String?
  var action: String?
  var cause: String?
  var contract: String?
  var count: String?
  var event: String?
  var goal: String?
  var hub: String?
  var ms: String?
  var outcome: String?
  var passes: String?
  var problem: String?
  var reactionUs: String?
  var reason: String?
  var requests: String?
  var rule: String?
  var target: String?
  var until: String?
  /// The worker that the supervisor speaks of, and its process.
  var worker_: String?
  var worker_pid: String?

  /// `nil` when the line is none of those that the story needs, or lacks what it should have.
  var news: LogNews? {
    switch message {
    case "Target adopted": adopted
    case "Enforcement step": step
    case "Target proven at the venue": proven
    case "Exposure came back while it is locked out": reentry
    case "The target is not reached yet; it is tried again": failing
    case "Hub delivers": hub.map { .hub($0, isHeard: true) }
    case "Hub is silent": hub.map { .hub($0, isHeard: false) }
    default: reason == nil ? ofSupervisor : breach
    }
  }

  var remainder: LogNews {
    level == "ERROR" ? .trouble(worker: worker, message) : .other
  }

  private var accountID: AccountID? { account.flatMap { Int64($0) }.map { AccountID($0) } }

  private var breach: LogNews? {
    guard let accountID, let target, let rule = rule.flatMap(RuleID.init(rawValue:)) else {
      return nil
    }
    return .breach(accountID, rule, sentence: message, target: target)
  }

  private var adopted: LogNews? {
    guard let accountID, let target, let goal, let until else { return nil }
    return .adopted(
      LogNews.Decision(
        target: target, account: accountID, goal: DecidedGoal(goal), until: until))
  }

  private var step: LogNews? {
    guard let accountID, let target, let action, let outcome else { return nil }
    return .step(
      LogNews.Step(
        target: target, account: accountID, action: action, outcome: outcome,
        reactionMicroseconds: reactionUs.flatMap { Int64($0) }))
  }

  private var proven: LogNews? {
    guard let target, let requests = requests.flatMap({ Int($0) }),
      let ms = ms.flatMap({ Int64($0) })
    else { return nil }
    return .proven(target: target, requests: requests, milliseconds: ms)
  }

  private var reentry: LogNews? {
    guard let accountID, let contract, let target, let count = count.flatMap({ Int($0) }) else {
      return nil
    }
    return .reentry(accountID, ContractID(contract), target: target, count: count)
  }

  private var failing: LogNews? {
    guard let target, let problem, let passes = passes.flatMap({ Int($0) }) else { return nil }
    return .failing(target: target, passes: passes, problem: problem)
  }

  private var ofSupervisor: LogNews? {
    guard let name = worker_ else { return nil }
    switch event {
    case "death": return .workerStopped(name, cause: cause ?? message)
    case "workerReady": return .workerReady(name, pid: worker_pid.flatMap { Int32($0) })
    default: return nil
    }
  }
}
