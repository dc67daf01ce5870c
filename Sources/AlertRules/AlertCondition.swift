// The language of alert conditions:
//
//   condition  = name comparison value { "for" span | "in" span }
//   comparison = "==" | "!=" | ">=" | "<=" | ">" | "<"
//   value      = number | "'" text "'" | '"' text '"'
//   span       = whole number followed by "s", "m" or "h"
//
// Blanks separate where needed. A name is a metric; a text is compared with == and != alone. `for`:
// it has to hold for so long. `in`: the count of the last so long is meant. Each may stand once.

package import RiskModel

/// When an alert is due.
package struct AlertCondition: Hashable, Sendable {
  package enum Comparison: String, Sendable, Codable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
  }

  package var metric: MetricName
  package var comparison: Comparison
  package var value: MetricValue
  /// It has to hold for this long.
  package var hold: TimeSpan?
  /// What happened within this time is counted.
  package var window: TimeSpan?

  package init(
    metric: MetricName, comparison: Comparison, value: MetricValue, hold: TimeSpan? = nil,
    window: TimeSpan? = nil
  ) {
    self.metric = metric
    self.comparison = comparison
    self.value = value
    self.hold = hold
    self.window = window
  }

  /// Whether a measured value is what the condition warns of; a value of the other kind never is.
  package func holds(for measured: MetricValue) -> Bool {
    switch (measured, value) {
    case (.number(let left), .number(let right)):
      switch comparison {
      case .equal: left == right
      case .unequal: left != right
      case .atLeast: left >= right
      case .atMost: left <= right
      case .above: left > right
      case .below: left < right
      }
    case (.text(let left), .text(let right)):
      switch comparison {
      case .equal: left == right
      case .unequal: left != right
      case .atLeast, .atMost, .above, .below: false
      }
    case (.number, .text), (.text, .number):
      false
    }
  }
}

/// Why a text is no condition.
package struct AlertSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Problem: Hashable, Sendable {
    case nameExpected
    case unknownMetric(String)
    case comparisonExpected
    case valueExpected
    case textUnclosed
    /// A number where the metric is a word, or the other way round.
    case valueOfWrongKind(MetricName)
    /// Words are equal or not.
    case textNotOrdered
    case wordExpected
    case wordTwice(String)
    case spanExpected
    /// `in` with a metric that counts nothing.
    case notCounted(MetricName)
  }

  package var problem: Problem
  /// Of the character at which it shows, from 1.
  package var position: Int

  package var description: String {
    let text =
      switch problem {
      case .nameExpected: "a metric is expected"
      case .unknownMetric(let name): "there is no metric \(name)"
      case .comparisonExpected: "one of ==, !=, >=, <=, > and < is expected"
      case .valueExpected: "a number or a text in quotes is expected"
      case .textUnclosed: "the text has no closing quote"
      case .valueOfWrongKind(let metric):
        "\(metric.rawValue) is a \(metric.isText ? "text" : "number")"
      case .textNotOrdered: "a text is compared with == or !="
      case .wordExpected: "for, in or the end is expected"
      case .wordTwice(let word): "\(word) stands there twice"
      case .spanExpected: "a time such as 60s, 15m or 1h is expected"
      case .notCounted(let metric): "\(metric.rawValue) counts nothing, so in means nothing"
      }
    return "at character \(position): \(text)"
  }
}

extension AlertCondition {
  /// Reads a condition.
  package init(_ text: String) throws(AlertSyntaxError) {
    var reader = ConditionReader(text)
    let metric = try reader.metric()
    let comparison = try reader.comparison(with: metric)
    let value = try reader.value(of: metric)
    self.init(metric: metric, comparison: comparison, value: value)
    while let (word, position) = try reader.word() {
      let isTwice = word == "for" ? hold != nil : window != nil
      if isTwice { throw AlertSyntaxError(problem: .wordTwice(word), position: position) }
      let span = try reader.span()
      if word == "for" {
        hold = span
      } else {
        guard metric.isCount else {
          throw AlertSyntaxError(problem: .notCounted(metric), position: position)
        }
        window = span
      }
    }
  }
}

extension AlertCondition: CustomStringConvertible {
  package var description: String {
    let shown =
      switch value {
      case .number(let number): "\(number)"
      case .text(let text): "'\(text)'"
      }
    var parts = [metric.rawValue, comparison.rawValue, shown]
    if let hold { parts += ["for", Self.text(hold)] }
    if let window { parts += ["in", Self.text(window)] }
    return parts.joined(separator: " ")
  }

  private static func text(_ span: TimeSpan) -> String {
    let seconds = span.milliseconds / 1_000
    if seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}
