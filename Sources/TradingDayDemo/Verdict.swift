import RiskModel

/// What became of the evaluator in the chapter that kills it.
package enum EvaluatorKill: Equatable, Sendable {
  /// No close had come by then, or the evaluator could not be found.
  case missed
  /// The closes had been carried out already.
  case tooLate
  case inTheMiddle
}

/// Whether the day went as it had to.
package enum Verdict {
  /// Everything that is missing or wrong, for people; empty when the day went as it had to.
  ///
  /// `kill` is `nil` when none was tried; `isEvaluatorBack` tells whether the evaluator was ready
  /// again after it.
  package static func findings(
    chapters: [Chapter], book: IncidentBook, evidence: VenueEvidence, kill: EvaluatorKill?,
    isEvaluatorBack: Bool
  ) -> [String] {
    var findings = chapters.flatMap { self.findings(in: $0, book) }
    for incident in book.incidents where !chapters.contains(where: { $0 == incident.chapter }) {
      findings.append("outside of every chapter: \(incident.cause)")
    }
    if chapters.contains(where: \.killsEvaluator) {
      switch kill {
      case .missed, nil: findings.append("the evaluator was not killed")
      case .tooLate: findings.append("the evaluator was killed when the closes were done already")
      case .inTheMiddle: break
      }
      if !isEvaluatorBack { findings.append("the evaluator did not come back") }
    }
    findings += evidence.leftovers
    findings += evidence.doubledEffects
    if evidence.ordersPlaced > 0 {
      findings.append("riskd placed \(Wording.counted(evidence.ordersPlaced, "order"))")
    }
    return findings
  }

  private static func findings(in chapter: Chapter, _ book: IncidentBook) -> [String] {
    let incidents = book.incidents(of: chapter)
    let expected = incidents.filter { $0.meets(chapter.expectation) }
    let place = "chapter \(chapter.rawValue): \(chapter.expectation)"
    var findings: [String] = []
    if expected.isEmpty {
      findings.append("\(place) was not seen")
    } else if expected.count > 1 {
      findings.append("\(place) was seen \(expected.count) times instead of once")
    }
    for incident in incidents where !incident.meets(chapter.expectation) {
      findings.append("chapter \(chapter.rawValue): not expected: \(incident.cause)")
    }
    for incident in incidents {
      switch incident.proof?.isConfirmed {
      case nil where incident.proof == nil:
        findings.append("chapter \(chapter.rawValue): \(incident.cause) was not proven")
      case nil:
        findings.append("chapter \(chapter.rawValue): the venue cannot confirm the proof")
      case false?:
        findings.append(
          "chapter \(chapter.rawValue): riskd calls it proven, the venue shows something else")
      case true?:
        break
      }
    }
    return findings
  }
}

extension Incident.Cause: CustomStringConvertible {
  package var description: String {
    switch self {
    case .breach(let rule): "\(rule.rawValue) \(rule.key)"
    case .reentry(let contract): "\(Wording.symbol(contract)) is back while locked out"
    case .found: "exposure found while locked out"
    }
  }
}
