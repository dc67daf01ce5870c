import RiskModel
import RiskRules

/// The text of one value, and whether it stands in quotes.
struct ScalarText {
  var text: String
  var isQuoted = false
}

/// What a value must look like, with the words that tell a person so.
struct ValueForm<Value> {
  /// Follows "write ", as in "a whole number from 1 to 10000".
  var right: String
  var read: (ScalarText) -> Value?
  /// A value that may hold something private is never repeated in a message.
  var isPrivate = false

  func map<Other>(_ transform: @escaping (Value) -> Other?) -> ValueForm<Other> {
    ValueForm<Other>(
      right: right, read: { scalar in read(scalar).flatMap(transform) }, isPrivate: isPrivate)
  }

  func saying(_ right: String) -> ValueForm<Value> {
    var copy = self
    copy.right = right
    return copy
  }
}

extension ValueForm where Value == Bool {
  static var boolean: ValueForm {
    ValueForm(
      right: "true or false",
      read: { scalar in
        guard !scalar.isQuoted else { return nil }
        switch scalar.text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
      })
  }
}

extension ValueForm where Value == Int64 {
  static func integer(_ range: ClosedRange<Int64>, unit: String = "") -> ValueForm {
    let of = unit.isEmpty ? "" : " of \(unit)"
    return ValueForm(
      right: "a whole number\(of) from \(range.lowerBound) to \(range.upperBound)",
      read: { scalar in
        guard let number = wholeNumber(scalar), range.contains(number) else { return nil }
        return number
      })
  }

  /// Plain decimal notation: no leading zero (which old YAML reads as octal), no separators.
  private static func wholeNumber(_ scalar: ScalarText) -> Int64? {
    guard !scalar.isQuoted else { return nil }
    let digits = scalar.text.hasPrefix("-") ? scalar.text.dropFirst() : scalar.text[...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      !digits.hasPrefix("0") || digits == "0"
    else { return nil }
    return Int64(scalar.text)
  }
}

extension ValueForm where Value == TimeSpan {
  static func milliseconds(_ range: ClosedRange<Int64>) -> ValueForm {
    ValueForm<Int64>.integer(range, unit: "milliseconds").map { .milliseconds($0) }
  }

  static func seconds(_ range: ClosedRange<Int64>) -> ValueForm {
    ValueForm<Int64>.integer(range, unit: "seconds").map { .seconds($0) }
  }
}

extension ValueForm where Value == PerMille {
  /// A decimal number with at most three digits after the point.
  static func decimal(_ range: ClosedRange<Int64>) -> ValueForm {
    ValueForm(
      right: "a number from \(PerMille(range.lowerBound)) to \(PerMille(range.upperBound)) "
        + "with at most three decimals",
      read: { scalar in
        guard !scalar.isQuoted, let number = ExactDecimal(scalar.text)?.scaledExactly(by: 3),
          range.contains(number)
        else { return nil }
        return PerMille(number)
      })
  }
}

extension ValueForm where Value == Money {
  /// The largest amount that a rule may name; far from the range in which totals could overflow.
  private static let largest = Money(dollars: 100_000_000)

  /// A loss, with either sign; kept as a positive amount.
  static var lossLimit: ValueForm {
    ValueForm(
      right: "an amount in dollars other than 0, such as 500.00",
      read: { scalar in
        guard let amount = exact(scalar), amount != .zero, amount.magnitude <= largest else {
          return nil
        }
        return amount.magnitude
      })
  }

  static var profitTarget: ValueForm {
    ValueForm(
      right: "an amount in dollars above 0, such as 1000.00",
      read: { scalar in
        guard let amount = exact(scalar), amount > .zero, amount <= largest else { return nil }
        return amount
      })
  }

  private static func exact(_ scalar: ScalarText) -> Money? {
    guard !scalar.isQuoted else { return nil }
    return ExactDecimal(scalar.text).flatMap(Money.init(exactly:))
  }
}

extension ValueForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  static func oneOf(_ type: Value.Type = Value.self) -> ValueForm {
    ValueForm(
      right: alternatives(Value.allCases.map(\.rawValue)), read: { Value(rawValue: $0.text) })
  }
}

extension ValueForm where Value == String {
  /// One of a few words.
  static func word(_ words: String...) -> ValueForm {
    ValueForm(right: alternatives(words), read: { words.contains($0.text) ? $0.text : nil })
  }

  /// Printable text of one line.
  static func text(_ what: String, most: Int = 256) -> ValueForm {
    ValueForm(
      right: "\(what), at most \(most) printable characters",
      read: { scalar in
        let isPrintable = scalar.text.unicodeScalars.allSatisfy { character in
          switch character.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            false
          default: true
          }
        }
        guard isPrintable, scalar.text.contains(where: { !$0.isWhitespace }),
          scalar.text.unicodeScalars.count <= most
        else { return nil }
        return scalar.text
      })
  }
}

extension ValueForm where Value == TimeOfDay {
  static var timeOfDay: ValueForm {
    ValueForm(
      right: "a time of day such as \"17:00\"", read: { TimeOfDay($0.text) })
  }
}

extension ValueForm where Value == TimeZoneRule {
  static var zone: ValueForm {
    ValueForm(
      right: alternatives(TimeZoneRule.supported.map(\.identifier)),
      read: { TimeZoneRule.named($0.text) })
  }
}

extension ValueForm where Value == VenueEndpoint {
  static func url(_ schemes: [VenueEndpoint.Scheme], such example: String) -> ValueForm {
    ValueForm(
      right: "a URL without user, query and fragment, such as \(example)",
      read: { scalar in
        guard let url = VenueEndpoint(scalar.text), schemes.contains(url.scheme) else { return nil }
        return url
      }, isPrivate: true)
  }
}

func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// A value as a message repeats it: short, on one line, in quotes.
func quoted(_ text: String) -> String {
  let most = 60
  let shown = text.unicodeScalars.prefix(most).map { character in
    switch character.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: "?"
    default: String(character)
    }
  }
  return "\"\(shown.joined())\(text.unicodeScalars.count > most ? "…" : "")\""
}
