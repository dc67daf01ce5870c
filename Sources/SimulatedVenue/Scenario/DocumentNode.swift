import RiskModel

/// One value of a document that people write, with its place, so that a complaint names it.
struct DocumentNode {
  var context: DocumentContext
  let value: JSONValue
  /// `steps[3].side`; empty for the whole document.
  let path: String

  func failure(_ problem: String) -> SimulatedVenueError {
    .wrongDocument(source: context.source, path: path, problem: problem)
  }

  private func expected(_ what: String) -> SimulatedVenueError {
    failure("expected \(what), found \(value.kind)")
  }

  func text() throws -> String {
    guard let text = value.text, !text.isEmpty else { throw expected("a text") }
    return text
  }

  func boolean() throws -> Bool {
    guard let value = value.boolean else { throw expected("true or false") }
    return value
  }

  func integer(
    in range: ClosedRange<Int64> = 0...Int64(Int32.max)
  ) throws -> Int64 {
    guard let number = value.integer, range.contains(number) else {
      throw failure(
        "expected a whole number from \(range.lowerBound) to \(range.upperBound), found"
          + " \(value.jsonText)")
    }
    return number
  }

  /// A span of time, written in milliseconds; at most a week.
  func milliseconds() throws -> TimeSpan {
    let week: Int64 = 7 * 24 * 3_600_000
    guard let number = value.integer, (0...week).contains(number) else {
      throw failure("expected milliseconds, a whole number up to \(week), found \(value.jsonText)")
    }
    return .milliseconds(number)
  }

  func decimal() throws -> ExactDecimal {
    guard let decimal = value.decimal else { throw expected("a number") }
    return decimal
  }

  func money() throws -> Money {
    guard let money = Money(exactly: try decimal()) else {
      throw failure("expected dollars with at most 6 decimal places, found \(value.jsonText)")
    }
    return money
  }

  /// A price of the contract, on its tick.
  func price(of contract: ContractID) throws -> Price {
    guard let price = Price(exactly: try decimal()), let listed = context.contracts[contract],
      listed.isOnTick(price)
    else {
      let tick = context.contracts[contract]?.specification.tickSize.description ?? "?"
      throw failure("expected a price in steps of \(tick), found \(value.jsonText)")
    }
    return price
  }

  func contract() throws -> ContractID {
    let name = try text()
    guard let contract = context.contract(named: name) else {
      let names = context.contracts.values.filter(\.isActive).map(\.id.root.text).sorted()
      throw failure(
        "there is no contract \(name); expected one of \(names.joined(separator: ", ")) or a"
          + " contract id")
    }
    return contract
  }

  func account() throws -> AccountID {
    let account = AccountID(try integer())
    guard context.accounts.contains(account) else {
      let known = context.accounts.sorted().map(\.description).joined(separator: ", ")
      throw failure("there is no account \(account); expected one of \(known)")
    }
    return account
  }

  func choice<Value: RawRepresentable<String> & CaseIterable>(
    _: Value.Type = Value.self
  ) throws -> Value {
    try choice(Dictionary(uniqueKeysWithValues: Value.allCases.map { ($0.rawValue, $0) }))
  }

  func choice<Value>(_ values: [String: Value]) throws -> Value {
    guard let text = value.text, let choice = values[text] else {
      throw failure(
        "expected one of \(values.keys.sorted().joined(separator: ", ")), found \(value.jsonText)")
    }
    return choice
  }

  func list<Value>(
    _ read: (DocumentNode) throws -> Value
  ) throws -> [Value] {
    guard let elements = value.elements else { throw expected("a list") }
    var values: [Value] = []
    for (index, element) in elements.enumerated() {
      let node = DocumentNode(context: context, value: element, path: "\(path)[\(index)]")
      values.append(try read(node))
    }
    return values
  }

  /// Reads the members of an object; a member that `read` does not ask for is an error.
  func object<Value>(
    _ read: (inout DocumentMembers) throws -> Value
  ) throws -> Value {
    guard case .object(let members) = value else { throw expected("an object") }
    var reader = DocumentMembers(node: self, members: members)
    let value = try read(&reader)
    try reader.refuseUnknown()
    return value
  }
}

/// The members of an object of a document.
struct DocumentMembers {
  /// The object; its context may grow while it is read.
  var node: DocumentNode
  private let members: [JSONMember]
  private var askedFor: [String] = []

  init(node: DocumentNode, members: [JSONMember]) {
    self.node = node
    self.members = members
  }

  mutating func optional<Value>(
    _ name: String, _ read: (DocumentNode) throws -> Value
  ) throws -> Value? {
    askedFor.append(name)
    guard let member = members.first(where: { $0.name == name }) else { return nil }
    return try read(child(member))
  }

  mutating func required<Value>(
    _ name: String, _ read: (DocumentNode) throws -> Value
  ) throws -> Value {
    guard let value = try optional(name, read) else {
      throw node.failure("the key `\(name)` is missing")
    }
    return value
  }

  private func child(_ member: JSONMember) -> DocumentNode {
    let path = node.path.isEmpty ? member.name : "\(node.path).\(member.name)"
    return DocumentNode(context: node.context, value: member.value, path: path)
  }

  func refuseUnknown() throws {
    guard let unknown = members.first(where: { !askedFor.contains($0.name) }) else { return }
    throw child(unknown).failure(
      "unknown key; known here: \(askedFor.sorted().joined(separator: ", "))")
  }
}

/// What a document may refer to.
struct DocumentContext {
  /// The file's name, or what else the document came from.
  var source: String
  var contracts: [ContractID: ListedContract]
  var accounts: Set<AccountID>

  init(source: String, exchange: SimulatedExchange) {
    self.source = source
    contracts = exchange.contracts
    accounts = Set(exchange.accountIDs)
  }

  func contract(named name: String) -> ContractID? {
    let id = ContractID(name)
    if contracts[id] != nil { return id }
    let root = SymbolRoot(name)
    return contracts.values.first { $0.id.root == root && $0.isActive }?.id
  }
}
