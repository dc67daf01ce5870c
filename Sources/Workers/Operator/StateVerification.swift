package import ControlPlane
import FoundationEssentials
import Glibc
import Logging
import PeerProtocol
import ProcessControl
package import RiskModel
import RiskRules
import Settings
import Store
import Supervision
import VenueAPI

/// `riskctl state verify`: what the journal holds against what the venue lists.
///
/// Both go on while this looks: a difference counts that is still there after three looks.
package struct StateVerification {
  private static let looks = 3

  private let root: String
  private let pause: TimeSpan

  package init(root: String, pause: TimeSpan = .seconds(2)) {
    self.root = root
    self.pause = pause
  }

  /// 0 when every enabled account is the same on both sides, 1 with every difference, 2 when the
  /// journal or the venue cannot be read.
  package func outcome(asJSON: Bool) -> CommandOutcome {
    switch SettingsLoader.load(root: root, environment: ProcessInfo.processInfo.environment) {
    case .rejected:
      return CommandOutcome(
        .environment,
        complaint: "riskctl: the configuration is not usable; see riskctl config validate\n")
    case .accepted(let settings, let credentials, _):
      do {
        let report = try report(settings, credentials)
        return CommandOutcome(
          report.isSame ? .yes : .no,
          output: asJSON
            ? String(decoding: try MessageCoder().encode(report), as: UTF8.self) + "\n"
            : report.text)
      } catch {
        return CommandOutcome(.environment, complaint: "riskctl: \(error)\n")
      }
    }
  }

  func report(_ settings: RiskdSettings, _ credentials: VenueCredentials) throws -> StateReport {
    let venue = try VenueInquiry(root: root, settings: settings, credentials: credentials)
    defer { venue.close() }
    let token = try session(venue)
    var look = 1
    while true {
      let lists = try settings.enabledAccounts.map { try list($0.id, venue, token) }
      let report = try compared(lists)
      if report.isSame || look == Self.looks { return report }
      look += 1
      usleep(UInt32(clamping: pause.nanos / 1_000))
    }
  }

  /// What the venue lists of one account.
  struct VenueList {
    var account: AccountID
    var positions: [Position]
    var orders: [Order]
  }

  private func session(_ venue: VenueInquiry) throws -> VenueToken {
    if let token = venue.storedToken(),
      case .success = venue.answer(to: .accountSearch(onlyActive: false), token: token)
        .decodeAccounts()
    {
      return token
    }
    switch venue.signIn() {
    case .token(let token): return token
    case .credentialsRefused(let code): throw StateProblem.signInRefused("\(code)")
    case .failed(let error): throw error
    }
  }

  private func list(
    _ account: AccountID, _ venue: VenueInquiry, _ token: VenueToken
  ) throws -> VenueList {
    let positions = try venue.answer(to: .positionSearchOpen(account), token: token)
      .decodePositions(of: account).get()
    var pages = OrderPages()
    var offset = 0
    while true {
      let page = try venue.answer(
        to: .orderQuery(account, statuses: OrderStatus.working, offset: offset), token: token
      ).decodeOrderPage(of: account).get()
      switch pages.pageReceived(page) {
      case .request(let next): offset = next
      case .complete(let orders):
        return VenueList(account: account, positions: positions, orders: orders)
      case .failed(let error): throw error
      }
    }
  }

  private func compared(_ lists: [VenueList]) throws -> StateReport {
    let clock = SystemClock()
    let store = try Store.open(
      path: JournalReplay.databasePath(root), readOnly: true, inspection: .none, now: clock.now())
    let logger = Logger(label: "riskctl") { _ in SwiftLogNoOpLogHandler() }
    let state = try EngineRecovery(store, logger: logger).engine.state
    try store.close()
    return StateReport(
      at: clock.now().timestamp, ordinal: state.ordinal,
      accounts: lists.map { StateReport.Account($0, held: state.accounts[$0.account]) })
  }
}

/// Why nothing could be compared.
enum StateProblem: Error, Equatable, CustomStringConvertible {
  case signInRefused(String)

  var description: String {
    switch self {
    case .signInRefused(let code): "the venue refuses user or key (\(code))"
    }
  }
}
