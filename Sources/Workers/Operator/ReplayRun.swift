package import ControlPlane
import FoundationEssentials
import PeerProtocol
import ProcessControl
package import RiskModel
import RiskRules
import Settings
import Store

/// `riskctl replay run`: what other rules would have done on days that are in the journal.
///
/// The database is only read, and riskd may be running. A day whose beginning is not in the journal
/// any more is begun at the oldest checkpoint.
package struct ReplayRun {
  private let root: String
  private let folder: String
  private let from: CivilDate
  private let through: CivilDate

  /// The folder holds the rules that are tried; see `SettingsLoader.rules(in:root:environment:)`.
  /// `from` is the first trading day and `through` the last.
  package init(root: String, folder: String, from: CivilDate, through: CivilDate) {
    self.root = root
    self.folder = folder
    self.from = from
    self.through = through
  }

  /// 0 with the report, 2 when the rules or the journal cannot be used.
  package func outcome(asJSON: Bool) -> CommandOutcome {
    guard from <= through else {
      return CommandOutcome(.environment, complaint: "riskctl: \(from) is after \(through)\n")
    }
    let environment = ProcessInfo.processInfo.environment
    switch SettingsLoader.rules(in: folder, root: root, environment: environment) {
    case .rejected(let problems):
      return CommandOutcome(
        .environment,
        complaint: problems.map { "\($0)\n" }.joined()
          + "riskctl: the rules in \(folder) cannot be used\n")
    case .accepted(let configuration, _):
      do {
        let store = try Store.open(
          path: JournalReplay.databasePath(root), readOnly: true, inspection: .none,
          now: SystemClock().now())
        let report = try report(on: store, configuration)
        guard report.inputs > 0 else {
          return CommandOutcome(
            .environment,
            complaint: "riskctl: the journal has nothing of \(from) to \(through)\n")
        }
        return CommandOutcome(.yes, output: asJSON ? try report.json() : report.text)
      } catch {
        return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
      }
    }
  }

  func report(
    on store: Store, _ configuration: [AccountID: RiskConfiguration]
  ) throws -> ReplayRunReport {
    let coder = MessageCoder()
    let day = TradingDayRule.standard
    let begin =
      configuration.values.map { $0.tradingDay.start(of: from) }.min()
      ?? day.start(of: from)
    let end =
      configuration.values.map { $0.tradingDay.end(of: through) }.max()
      ?? day.end(of: through)
    var report = ReplayRunReport(folder: folder, from: from, through: through)
    var (rehearsal, cursor) = try start(store, coder, configuration, before: begin)
    while let row = try cursor.next(), row.at < end {
      let input = try StoreJournal.input(of: row, coder)
      let recorded = try row.effects.map { try coder.decode([Effect].self, from: $0) } ?? []
      var current =
        rehearsal ?? Rehearsal(configuration, from: nil, at: row.at)
      let moments = current.take(input, at: row.at, decisions: recorded)
      rehearsal = current
      for moment in moments where moment.at >= begin && moment.at < end {
        report.add(moment, current.engine.state)
      }
      if row.at >= begin { report.addRecorded(row.ordinal, recorded) }
    }
    if let rehearsal { report.finish(rehearsal.engine.state) }
    return report
  }

  /// Where the record is taken up: the newest checkpoint before the first day, else the beginning of
  /// the journal, else the oldest checkpoint.
  private func start(
    _ store: Store, _ coder: MessageCoder, _ configuration: [AccountID: RiskConfiguration],
    before begin: Instant
  ) throws -> (Rehearsal?, JournalCursor) {
    let checkpoints = try store.checkpoints()
    var journal = store.readJournal(from: 0)
    let first = try journal.next()?.ordinal
    let usable = checkpoints.filter { checkpoint in
      first.map { checkpoint.ordinal + 1 >= $0 } ?? true
    }
    let early = usable.first { $0.at <= begin }
    guard let chosen = early ?? (first == 1 ? nil : usable.last) else {
      return (nil, store.readJournal(from: 0))
    }
    let state = try coder.decode(EngineState.self, from: chosen.state)
    return (
      Rehearsal(configuration, from: state, at: chosen.at),
      store.readJournal(from: chosen.ordinal + 1)
    )
  }
}
