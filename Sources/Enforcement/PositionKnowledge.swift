import RiskModel

/// The venue's row of one position.
struct PositionRow: Equatable, Sendable {
  /// Negative is short.
  var signedSize: Int64
  /// The venue's number of the row; 0 where it is not known.
  var number: Int64
  var openedAt: Instant

  var size: Int64 { abs(signedSize) }

  init(signedSize: Int64, number: Int64, openedAt: Instant) {
    self.signedSize = signedSize
    self.number = number
    self.openedAt = openedAt
  }

  init(_ position: Position) {
    self.init(
      signedSize: position.signedSize, number: position.id, openedAt: position.openedAt)
  }

  /// As much as is said of it; of its size only the sign counts.
  init(_ episode: PositionEpisode) {
    self.init(
      signedSize: episode.side.sign, number: episode.position, openedAt: episode.openedAt)
  }

  static let flat = PositionRow(
    signedSize: 0, number: 0, openedAt: Instant(nanosSinceEpoch: 0))
}

/// What is known of one position.
struct PositionSight: Equatable, Sendable {
  var row: PositionRow
  var evidence: Evidence
  /// Where the size was last learned to be another one.
  var changedAt: Ordinal
  /// The size that events and snapshots spoke of last.
  var toldSize: Int64?
  /// Since when our own reads say something else than `toldSize`.
  var differsSince: MonotonicInstant?
  /// When the latest position was opened that a read of ours showed here, by the venue's clock.
  var shownOpening: Instant?
}

/// A position was spoken of; it need not have changed.
struct PositionChange: Equatable, Sendable {
  var contract: ContractID
  /// The signed size; `nil` when nothing was known.
  var before: Int64?
  var row: PositionRow
  var evidence: Evidence
  /// Our own reads have differed from what we were told for long enough.
  var isSurprising = false

  var after: Int64 { row.signedSize }
}

/// The positions of one account, as far as they are known.
struct PositionKnowledge: Sendable {
  private(set) var sights = SortedMap<ContractID, PositionSight>()
  /// A complete list was seen; a contract that was never spoken of is flat.
  private(set) var isComplete = false
  /// A snapshot has told everything that is held.
  private(set) var wasToldAll = false
  /// The last complete list.
  private var list: Evidence?
  private let limit: Int
  /// How long reads may differ from what was told before that is a surprise.
  private let patience: TimeSpan

  init(limit: Int, patience: TimeSpan) {
    self.limit = limit
    self.patience = patience
  }

  /// Negative is short; `nil` is unknown, which is not flat.
  func signedSize(of contract: ContractID) -> Int64? {
    sights[contract]?.row.signedSize ?? (isComplete ? 0 : nil)
  }

  /// By what the size in a contract is known; `nil` where it is not.
  func evidence(of contract: ContractID) -> Evidence? { sights[contract]?.evidence ?? list }

  /// Contracts held, all together.
  var openSize: Int64 { sights.values.reduce(0) { $0 + $1.row.size } }

  var openContracts: [ContractID] {
    zip(sights.keys, sights.values).filter { $1.row.signedSize != 0 }.map(\.0)
  }

  mutating func learn(_ position: Position, evidence: Evidence) -> PositionChange? {
    learn(PositionRow(position), in: position.contract, evidence: evidence)
  }

  /// There is no position in the contract.
  mutating func learnFlat(_ contract: ContractID, evidence: Evidence) -> PositionChange? {
    var row = sights[contract]?.row ?? .flat
    row.signedSize = 0
    return learn(row, in: contract, evidence: evidence)
  }

  /// Takes a complete list; contracts that are not in it are flat. Of those, the ones that were
  /// known or are `watched` are spoken of.
  mutating func replace(
    with positions: [Position], watching watched: [ContractID], evidence: Evidence
  ) -> [PositionChange] {
    let listed = PositionKnowledge.rows(positions)
    let missing = Set(sights.keys + watched).sorted().filter { !listed.contains($0) }
    let changes =
      listed.compactMap { learn($1, in: $0, evidence: evidence) }
      + missing.compactMap { learnFlat($0, evidence: evidence) }
    isComplete = true
    if list?.outlives(evidence) != true { list = evidence }
    if case .snapshot = evidence.origin { wasToldAll = true }
    return changes
  }

  /// The rows by contract. The venue keeps one row per contract; should there be more, they add up.
  static func rows(_ positions: [Position]) -> SortedMap<ContractID, PositionRow> {
    var rows = SortedMap<ContractID, PositionRow>()
    for position in positions {
      if rows.update(position.contract, { $0.signedSize += position.signedSize }) == nil {
        rows[position.contract] = PositionRow(position)
      }
    }
    return rows
  }

  private mutating func learn(
    _ row: PositionRow, in contract: ContractID, evidence: Evidence
  ) -> PositionChange? {
    let known = sights[contract]
    if let known, known.evidence.outlives(evidence) {
      let isContradicted = !evidence.wasAsked && known.row.signedSize != row.signedSize
      if isContradicted { _ = sights.update(contract) { $0.evidence.isDoubtful = true } }
      return nil
    }
    var evidence = evidence
    var shownOpening = known?.shownOpening
    if case .read = evidence.origin, row.signedSize != 0 {
      shownOpening = max(shownOpening ?? row.openedAt, row.openedAt)
    }
    // News from before the position that a read has shown since says nothing of that one.
    if case .event = evidence.origin, let shownOpening, evidence.venueTime < shownOpening {
      evidence.isDoubtful = true
    }
    let before = known?.row.signedSize ?? (isComplete ? 0 : nil)
    let since = before == row.signedSize ? known?.changedAt ?? list?.learned : nil
    var sight = PositionSight(
      row: row, evidence: evidence, changedAt: since ?? evidence.learned,
      toldSize: known?.toldSize ?? (wasToldAll ? 0 : nil), differsSince: known?.differsSince,
      shownOpening: shownOpening)
    let isSurprising = compare(&sight)
    makeRoom(for: contract)
    sights[contract] = sight
    return PositionChange(
      contract: contract, before: before, row: row, evidence: evidence,
      isSurprising: isSurprising)
  }

  /// Compares what was read with what was told; true once per lasting difference.
  private func compare(_ sight: inout PositionSight) -> Bool {
    guard case .read = sight.evidence.origin else {
      if !sight.evidence.wasAsked {
        sight.toldSize = sight.row.signedSize
        sight.differsSince = nil
      }
      return false
    }
    guard let told = sight.toldSize, told != sight.row.signedSize else {
      sight.differsSince = nil
      return false
    }
    guard let since = sight.differsSince else {
      sight.differsSince = sight.evidence.moment
      return false
    }
    guard sight.evidence.moment - since >= patience else { return false }
    sight.toldSize = sight.row.signedSize
    sight.differsSince = nil
    return true
  }

  private mutating func makeRoom(for contract: ContractID) {
    guard sights.count >= limit, !sights.contains(contract),
      let flat = sights.first(where: { $1.row.signedSize == 0 })
    else { return }
    sights[flat.0] = nil
  }
}
