import PeerProtocol
import RiskModel
import VenueAPI

/// One reading of an account by queries, all sent after its start.
struct AccountRead {
  enum Scope: Int, Comparable {
    /// Positions, working orders and the latest executions, compared with what the hub told.
    case check
    /// Everything, for a snapshot.
    case full

    static func < (lhs: Scope, rhs: Scope) -> Bool { lhs.rawValue < rhs.rawValue }
  }

  enum Part: String, Equatable {
    case account
    case positions
    case orders
    case trades
  }

  /// What to do after an answer.
  enum Step: Equatable {
    case wait
    case request(VenueRequest)
    case complete
    case failed(VenueError)
    case unprotectable(String)
  }

  let number: Int64
  let scope: Scope
  let cause: ReadCause
  let startedAt: Instant
  /// Events that were recorded before the first request.
  let recordedAtStart: Int
  private let configured: ConfiguredAccount
  private var pages = OrderPages()
  private var account: Account?
  private(set) var positions: [Position]?
  private(set) var orders: [Order]?
  private(set) var trades: [Trade]?
  /// Times that positions and executions were asked for again.
  private(set) var repeats = 0
  /// Events that were recorded before the positions were asked for the last time.
  private(set) var recordedBefore = 0
  /// An event that could have moved a position came since they were asked for.
  var isOvertaken = false
  /// More events arrived than are kept, so the merge would lose some.
  var isSpoiled = false

  init(
    number: Int64, scope: Scope, cause: ReadCause, configured: ConfiguredAccount,
    startedAt: Instant, recorded: Int = 0
  ) {
    self.number = number
    self.scope = scope
    self.cause = cause
    recordedAtStart = recorded
    recordedBefore = recorded
    self.configured = configured
    self.startedAt = startedAt
  }

  func firstRequests(tradesSince start: Instant) -> [(Part, VenueRequest)] {
    var requests: [(Part, VenueRequest)] = [
      (.positions, .positionSearchOpen(configured.id)),
      (.orders, orderRequest(offset: 0)),
      (.trades, .tradeSearch(configured.id, from: start, to: nil)),
    ]
    // What is held and what works first: enforcement goes by them.
    if scope == .full { requests.append((.account, .accountSearch(onlyActive: false))) }
    return requests
  }

  /// Positions carry no time of change: where one may have moved while they were asked for, they
  /// are asked for again, with the executions that explain them.
  mutating func repeatRequests(
    tradesSince start: Instant, recorded: Int
  ) -> [(Part, VenueRequest)] {
    repeats += 1
    recordedBefore = recorded
    isOvertaken = false
    positions = nil
    trades = nil
    return [
      (.positions, .positionSearchOpen(configured.id)),
      (.trades, .tradeSearch(configured.id, from: start, to: nil)),
    ]
  }

  private func orderRequest(offset: Int) -> VenueRequest {
    .orderQuery(configured.id, statuses: OrderStatus.working, offset: offset)
  }

  mutating func answered(_ part: Part, _ answer: VenueAnswer) -> Step {
    switch part {
    case .account:
      return listed(answer.decodeAccounts().map(AccountListing.init))
    case .positions:
      switch answer.decodePositions(of: configured.id) {
      case .failure(let error): return .failed(error)
      case .success(let positions): self.positions = positions
      }
    case .orders:
      switch answer.decodeOrderPage(of: configured.id).map({ pages.pageReceived($0) }) {
      case .failure(let error), .success(.failed(let error)): return .failed(error)
      case .success(.request(let offset)): return .request(orderRequest(offset: offset))
      case .success(.complete(let orders)): self.orders = orders
      }
    case .trades:
      switch answer.decodeTrades(of: configured.id) {
      case .failure(let error): return .failed(error)
      case .success(let trades): self.trades = trades
      }
    }
    return isComplete ? .complete : .wait
  }

  mutating func listed(_ listing: Result<AccountListing, VenueError>) -> Step {
    switch listing {
    case .failure(let error): return .failed(error)
    case .success(let listing):
      switch AccountVerdict(configured, in: listing) {
      case .matches(let account): self.account = account
      case .unprotectable(let reason): return .unprotectable(reason)
      }
    }
    return isComplete ? .complete : .wait
  }

  var isComplete: Bool {
    positions != nil && orders != nil && trades != nil && (scope == .check || account != nil)
  }

  /// `nil` until every part is there, and of a check.
  var snapshot: AccountSnapshot? {
    guard let account, let positions, let orders, let trades else { return nil }
    return AccountSnapshot(
      account: account, positions: positions, workingOrders: orders, trades: trades,
      startedAt: startedAt)
  }
}

/// The venue's list of accounts, which many reads look something up in.
struct AccountListing: Equatable, Sendable {
  private let rowsByAccount: [AccountID: [Account]]

  init(_ accounts: [Account]) {
    rowsByAccount = Dictionary(grouping: accounts, by: \.id)
  }

  func rows(of account: AccountID) -> [Account] { rowsByAccount[account] ?? [] }
}

/// Whether a configured account is the venue's.
enum AccountVerdict: Equatable {
  case matches(Account)
  case unprotectable(String)

  init(_ configured: ConfiguredAccount, in listing: [Account]) {
    self.init(configured, in: AccountListing(listing))
  }

  init(_ configured: ConfiguredAccount, in listing: AccountListing) {
    let rows = listing.rows(of: configured.id)
    guard let account = rows.first else {
      self = .unprotectable("the venue does not list it for this user")
      return
    }
    guard rows.allSatisfy({ $0 == account }) else {
      self = .unprotectable("the venue lists it twice with different data")
      return
    }
    guard account.name == configured.platformName else {
      self = .unprotectable(
        "the platform calls it otherwise; riskctl config validate --online shows how"
      )
      return
    }
    guard account.isSimulated else {
      // The venue's refusals: "Live accounts not supported" (documented).
      self = .unprotectable("the venue refuses cancel and close for live funded accounts")
      return
    }
    self = .matches(account)
  }
}
