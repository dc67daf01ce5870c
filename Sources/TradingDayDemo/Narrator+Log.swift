package import RiskModel

// What riskd says of itself.
extension Narrator {
  /// Tells what a line of riskd's log adds; `isConfirmed` tells whether the venue is as a proven
  /// goal wants it.
  package mutating func tell(
    _ news: LogNews, at: MonotonicInstant,
    isConfirmed: (LogNews.Decision) -> Bool? = { _ in nil }
  ) -> [StoryLine] {
    book.take(news, isConfirmed: isConfirmed)
    switch news {
    case .breach(let account, let rule, let sentence, let target):
      let told = "\(rule.rawValue) \(rule.key)\(on(account)): \(Wording.plain(sentence))"
      return [StoryLine(at, .rule, told)] + decision(target, at: at)
    case .reentry(let account, let contract, _, let count):
      let told = "\(Wording.symbol(contract)) is back\(on(account)) although it has to stay flat"
      return [StoryLine(at, .rule, "\(told): re-entry \(count)")]
    case .step(let step) where step.outcome != "accepted":
      let outcome = step.outcome == "refused: gone" ? "nothing was left of it" : step.outcome
      let told = "\(Wording.plain(step.action))\(on(step.account)): \(outcome)"
      return [StoryLine(at, .riskd, told)]
    case .proven(let target, let requests, let milliseconds):
      return [proof(of: target, requests: requests, milliseconds: milliseconds, at: at)]
    case .failing(_, let passes, let problem):
      let told = "not there yet after \(Wording.counted(passes, "attempt")): "
      return [StoryLine(at, .riskd, told + "\(Wording.plain(problem)); it goes on")]
    case .hub(let name, let isHeard):
      let told = isHeard ? "hears the \(name) hub" : "hears nothing from the \(name) hub"
      return [StoryLine(at, .riskd, told)]
    case .workerStopped(let worker, let cause):
      let told = "the supervisor sees the \(worker) end: \(cause)"
      return [StoryLine(at, .riskd, told, place: at + Self.causeFirst * 2)]
    case .workerReady(let worker, let pid):
      let process = pid.map { " (pid \($0))" } ?? ""
      return [StoryLine(at, .riskd, "the \(worker) is ready\(process)")]
    case .trouble(let worker, let message):
      return [StoryLine(at, .riskd, "the \(worker) reports: \(Wording.plain(message))")]
    case .adopted, .step, .other:
      return []
    }
  }

  private func decision(_ target: String, at: MonotonicInstant) -> [StoryLine] {
    guard let decision = book.decisions[target] else { return [] }
    return [StoryLine(at, .riskd, "decides: \(decision.goal)\(end(of: decision))")]
  }

  private func end(of decision: LogNews.Decision) -> String {
    let reset = "daily reset of "
    switch decision.until {
    case "proven":
      return ""
    case "the configuration changes":
      return ", for as long as the configuration says so"
    case let until where until.hasPrefix(reset):
      let time = TradingDayRule.standard.resetTime
      return "; locked until \(time) Chicago on \(until.dropFirst(reset.count))"
    case let until:
      return ", until \(until)"
    }
  }

  private func proof(
    of target: String, requests: Int, milliseconds: Int64, at: MonotonicInstant
  ) -> StoryLine {
    let incident = book.incidents.last { $0.target == target }
    var text = book.decisions[target].map { "\($0.goal)" } ?? "target \(target)"
    text += on(incident?.account) + ": proven at the venue after \(milliseconds) ms, "
    text += Wording.counted(requests, "request")
    if let reaction = incident?.reactionMicroseconds {
      text += ", the first \(Wording.milliseconds(microseconds: reaction)) after the event"
    }
    return StoryLine(at, .proof, text)
  }
}
