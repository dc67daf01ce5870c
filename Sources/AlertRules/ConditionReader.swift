import RiskModel

/// Reads the text of a condition from left to right.
struct ConditionReader {
  private let characters: [Character]
  private var index = 0

  init(_ text: String) {
    characters = Array(text)
  }

  mutating func metric() throws(AlertSyntaxError) -> MetricName {
    skipBlanks()
    let start = index
    let name = take { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard !name.isEmpty else { throw error(.nameExpected, at: start) }
    guard let metric = MetricName(rawValue: name) else {
      throw error(.unknownMetric(name), at: start)
    }
    return metric
  }

  mutating func comparison(
    with metric: MetricName
  ) throws(AlertSyntaxError) -> AlertCondition.Comparison {
    skipBlanks()
    let start = index
    // The longest first: ">=" begins with ">".
    for comparison in AlertCondition.Comparison.allCases
    where characters[start...].starts(with: comparison.rawValue) {
      index += comparison.rawValue.count
      if metric.isText, comparison != .equal, comparison != .unequal {
        throw error(.textNotOrdered, at: start)
      }
      return comparison
    }
    throw error(.comparisonExpected, at: start)
  }

  mutating func value(of metric: MetricName) throws(AlertSyntaxError) -> MetricValue {
    skipBlanks()
    let start = index
    guard let first = current else { throw error(.valueExpected, at: start) }
    let value: MetricValue
    if first == "'" || first == "\"" {
      index += 1
      let text = take { $0 != first }
      guard current == first else { throw error(.textUnclosed, at: start) }
      index += 1
      value = .text(text)
    } else {
      let digits = take { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
      guard let number = ExactDecimal(digits)?.scaledExactly(by: 6) else {
        throw error(.valueExpected, at: start)
      }
      value = .number(MetricNumber(millionths: number))
    }
    if case .text = value, !metric.isText { throw error(.valueOfWrongKind(metric), at: start) }
    if case .number = value, metric.isText { throw error(.valueOfWrongKind(metric), at: start) }
    return value
  }

  /// `for` or `in`; `nil` at the end.
  mutating func word() throws(AlertSyntaxError) -> (String, position: Int)? {
    skipBlanks()
    guard index < characters.count else { return nil }
    let start = index
    let word = take { $0.isLetter }
    guard word == "for" || word == "in" else { throw error(.wordExpected, at: start) }
    return (word, start + 1)
  }

  mutating func span() throws(AlertSyntaxError) -> TimeSpan {
    skipBlanks()
    let start = index
    let digits = take { $0.isASCII && $0.isNumber }
    let unit = take { $0.isLetter }
    let seconds: [String: Int64] = ["s": 1, "m": 60, "h": 3_600]
    // A day is what is remembered.
    guard let number = Int64(digits), number > 0, let scale = seconds[unit],
      number <= 86_400 / scale
    else { throw error(.spanExpected, at: start) }
    return .seconds(number * scale)
  }

  private var current: Character? { index < characters.count ? characters[index] : nil }

  private mutating func skipBlanks() {
    while current == " " || current == "\t" { index += 1 }
  }

  private mutating func take(while condition: (Character) -> Bool) -> String {
    let start = index
    while let character = current, condition(character) { index += 1 }
    return String(characters[start..<index])
  }

  private func error(_ problem: AlertSyntaxError.Problem, at index: Int) -> AlertSyntaxError {
    AlertSyntaxError(problem: problem, position: index + 1)
  }
}
