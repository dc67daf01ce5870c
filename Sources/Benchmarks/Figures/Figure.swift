/// One measured number beside what it is held against.
package struct Figure: Equatable, Sendable, Codable {
  /// What it is called in JSON and with `--only`: `reaction.p99`.
  package var name: String
  /// The same for people.
  package var title: String
  package var unit: FigureUnit
  /// `nil` when it could not be measured; `detail` then says why.
  package var value: Double?
  /// What the specification asks for.
  package var must: Double?
  /// What the design aims at.
  package var aim: Double?
  /// What this machine itself takes, measured in the same run.
  package var floor: Double?
  /// What the floor is made of.
  package var floorName: String?
  package var verdict: Verdict
  /// How it was measured, or why it was not.
  package var detail: String?

  /// How many times the floor the value is.
  package var ratio: Double? {
    guard let value, let floor, floor > 0 else { return nil }
    return value / floor
  }

  /// A number held against its budget.
  package init(
    _ budget: Budget, value: Double?, floor: Floor? = nil, detail: String? = nil
  ) {
    name = budget.name
    title = budget.title
    unit = budget.unit
    self.value = value
    must = budget.must
    aim = budget.aim
    self.floor = floor?.value
    floorName = floor?.name
    verdict = value.map(budget.verdict) ?? .unmeasured
    self.detail = detail
  }

  package struct Floor: Equatable, Sendable {
    package var value: Double
    package var name: String

    package init(value: Double, name: String) {
      self.value = value
      self.name = name
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    title = try container.decode(String.self, forKey: .title)
    unit = try container.decode(FigureUnit.self, forKey: .unit)
    value = try container.decodeIfPresent(Double.self, forKey: .value)
    must = try container.decodeIfPresent(Double.self, forKey: .must)
    aim = try container.decodeIfPresent(Double.self, forKey: .aim)
    floor = try container.decodeIfPresent(Double.self, forKey: .floor)
    floorName = try container.decodeIfPresent(String.self, forKey: .floorName)
    verdict = try container.decode(Verdict.self, forKey: .verdict)
    detail = try container.decodeIfPresent(String.self, forKey: .detail)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(title, forKey: .title)
    try container.encode(unit, forKey: .unit)
    try container.encodeIfPresent(value, forKey: .value)
    try container.encodeIfPresent(must, forKey: .must)
    try container.encodeIfPresent(aim, forKey: .aim)
    try container.encodeIfPresent(floor, forKey: .floor)
    try container.encodeIfPresent(floorName, forKey: .floorName)
    try container.encodeIfPresent(ratio, forKey: .ratio)
    try container.encode(verdict, forKey: .verdict)
    try container.encodeIfPresent(detail, forKey: .detail)
  }

  private enum CodingKeys: String, CodingKey {
    case name, title, unit, value, must, aim, floor, floorName, ratio, verdict, detail
  }
}

/// In what a figure is counted.
package enum FigureUnit: String, Sendable, Codable {
  case nanoseconds = "ns"
  case perSecond = "1/s"
  case bytes
  case count
  /// Of one processor, 1 being all of it.
  case share
}

/// How a figure stands to its budget.
package enum Verdict: String, Sendable, Codable {
  /// As good as the design aims at, or better.
  case aim
  /// What the specification asks for holds; the aim, if there is one, is not reached.
  case must
  /// The specification asks for more.
  case missed
  /// The aim is not reached, and nothing else is asked for.
  case short
  /// Nothing is asked for.
  case free
  case unmeasured
}
