import Yams

extension Section {
  /// A value with a default for the key's absence.
  func value<Value>(
    _ key: String, _ form: ValueForm<Value>, default standard: Value
  ) -> Reading<Value> {
    let reading = optional(key, form)
    if !reading.isPresent {
      findings.effective.recordStandard(ValueText.of(standard, form), of: reading.place)
    }
    return reading.map { $0 ?? standard }
  }

  /// A value that may be absent.
  func optional<Value>(_ key: String, _ form: ValueForm<Value>) -> Reading<Value?> {
    let reading = unrecorded(key, form)
    if let value = reading.value {
      findings.effective.record(ValueText.of(value, form), of: reading.place, from: reading.place)
    } else if !reading.isPresent {
      findings.effective.recordStandard("not set", of: reading.place)
    }
    return reading
  }

  /// A value that may be absent, of a key that nobody asks for.
  private func unrecorded<Value>(
    _ key: String, _ form: ValueForm<Value>
  ) -> Reading<Value?> {
    guard let entry = entry(key) else {
      return Reading(value: nil, place: place.child(key), isSound: true, isPresent: false)
    }
    let value = check(entry, form)
    return Reading(value: value, place: entry.place, isSound: value != nil, isPresent: true)
  }

  /// A value that must be there, unless `isRequired` says otherwise.
  func required<Value>(
    _ key: String, _ form: ValueForm<Value>, if isRequired: Bool = true
  ) -> Reading<Value?> {
    var reading = optional(key, form)
    if isRequired, !reading.isPresent {
      findings.problem(reading.place, "is missing", "write \(form.right)")
      reading.isSound = false
    }
    return reading
  }

  /// A list of values of one form.
  func list<Value>(
    _ key: String, of form: ValueForm<Value>, default standard: [Value]
  ) -> Reading<[Value]> {
    guard let entry = entry(key) else {
      findings.effective.recordStandard(listed(standard, form), of: place.child(key))
      return Reading(value: standard, place: place.child(key), isSound: true, isPresent: false)
    }
    guard let elements = elements(of: entry, "values") else {
      return Reading(value: standard, place: entry.place, isSound: false, isPresent: true)
    }
    let values = elements.compactMap { check($0, form) }
    let isSound = values.count == elements.count
    if isSound {
      findings.effective.record(listed(values, form), of: entry.place, from: entry.place)
    }
    return Reading(
      value: isSound ? values : standard, place: entry.place, isSound: isSound, isPresent: true)
  }

  private func listed<Value>(_ values: [Value], _ form: ValueForm<Value>) -> String {
    "[" + values.map { ValueText.of($0, form) }.joined(separator: ", ") + "]"
  }

  /// The value of an entry, or `nil` with a problem.
  func read<Value>(_ entry: Entry, _ form: ValueForm<Value>) -> Value? {
    let value = check(entry, form)
    if let value {
      findings.effective.record(ValueText.of(value, form), of: entry.place, from: entry.place)
    }
    return value
  }

  private func check<Value>(_ entry: Entry, _ form: ValueForm<Value>) -> Value? {
    if case .scalar(let scalar) = entry.node, !scalar.isNull,
      let value = form.read(ScalarText(text: scalar.string, isQuoted: scalar.isQuoted))
    {
      return value
    }
    findings.problem(
      entry.place, form.isPrivate ? "cannot be read" : "is \(Section.kind(of: entry.node))",
      "write \(form.right)")
    return nil
  }

  /// A key of other versions of the product: checked, and without effect here.
  @discardableResult
  func ignored<Value>(
    _ key: String, _ form: ValueForm<Value>, because reason: String = ""
  ) -> Reading<Value?> {
    let reading = unrecorded(key, form)
    if reading.isPresent { noteIgnored(key, reason) }
    return reading
  }

  func ignoredList<Value>(_ key: String, of form: ValueForm<Value>, because reason: String = "") {
    guard let entry = entry(key) else { return }
    for element in elements(of: entry, "values") ?? [] { _ = check(element, form) }
    noteIgnored(key, reason)
  }

  /// A value that riskd does not go by; who writes the standard one loses nothing.
  func inert<Value: Equatable>(
    _ reading: Reading<Value>, unless standard: Value, _ reason: String
  ) {
    guard reading.isSound, reading.value != standard else { return }
    findings.notice(reading.place, "has no effect: \(reason)")
  }

  /// The name under which a key stands here that the wider family calls by another one too. Both at
  /// once are a problem.
  func spelling(_ key: String, or others: String...) -> String {
    var found = entry(key) == nil ? nil : key
    for other in others {
      guard let place = entry(other)?.place else { continue }
      if let found {
        findings.problem(
          place, "is another name of \(key), and \(found) is there as well", "keep one of the two")
      } else {
        findings.notice(place, "is read as \(key)")
        found = other
      }
    }
    return found ?? key
  }

  /// A key that is refused wherever it stands, with the way to say the same thing.
  func refused(_ key: String, _ suggestion: String) {
    guard let entry = entry(key) else { return }
    findings.problem(entry.place, "is not a key of riskd", suggestion)
  }

  /// A switch of which only one position exists.
  func fixed(_ key: String, _ position: Bool, because reason: String) {
    let reading = unrecorded(key, .boolean)
    guard let value = reading.value, value != position else { return }
    findings.problem(reading.place, "is \(value), but \(reason)", "write \(position)")
  }

  /// Reports, at the first of two values, a relation that does not hold between them; a value that
  /// is wrong already is left alone.
  func expect<First, Second>(
    _ first: Reading<First>, _ second: Reading<Second>, _ holds: (First, Second) -> Bool,
    _ message: String, _ suggestion: String
  ) {
    guard first.isSound, second.isSound, !holds(first.value, second.value) else { return }
    findings.problem(first.place, message, suggestion)
  }

  func noteIgnored(_ key: String, _ reason: String) {
    let line = entry(key)?.place.line
    findings.notice(
      place.child(key, line: line),
      "is accepted and has no effect" + (reason.isEmpty ? "" : ": \(reason)"))
  }
}
