import PeerProtocol
import RiskModel
import VenueAPI

/// One reading of an account by queries, all sent after its start.
struct AccountRead {
  enum Scope: Int, Comparable {
    /// Positions and working orders, compared with what the hub told.
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
  let startedAt: Instant
  private let configured: ConfiguredAccount
  private var pages = OrderPages()
  private var account: Account?
  private(set) var positions: [Position]?
  private(set) var orders: [Order]?
  private var trades: [Trade]?
  /// More events arrived than are kept, so the merge would lose some.
  var isSpoiled = false

  init(number: Int64, scope: Scope, configured: ConfiguredAccount, startedAt: Instant) {
    self.number = number
    self.scope = scope
    self.configured = configured
    self.startedAt = startedAt
  }

  func firstRequests(tradesSince dayStart: Instant) -> [(Part, VenueRequest)] {
    var requests: [(Part, VenueRequest)] = [
      (.positions, .positionSearchOpen(configured.id)),
      (.orders, orderRequest(offset: 0)),
    ]
    if scope == .full {
      requests.insert((.account, .accountSearch(onlyActive: false)), at: 0)
      requests.append((.trades, .tradeSearch(configured.id, from: dayStart, to: nil)))
    }
    return requests
  }

  private func orderRequest(offset: Int) -> VenueRequest {
    .orderQuery(configured.id, statuses: OrderStatus.working, offset: offset)
  }

  mutating func answered(_ part: Part, _ answer: VenueAnswer) -> Step {
    switch part {
    case .account:
      switch answer.decodeAccounts() {
      case .failure(let error): return .failed(error)
      case .success(let listing):
        switch AccountVerdict(configured, in: listing) {
        case .matches(let account): self.account = account
        case .unprotectable(let reason): return .unprotectable(reason)
        }
      }
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

  var isComplete: Bool {
    positions != nil && orders != nil && (scope == .check || snapshot != nil)
  }

  /// `nil` until every part is there, and of a check.
  var snapshot: AccountSnapshot? {
    guard let account, let positions, let orders, let trades else { return nil }
    return AccountSnapshot(
      account: account, positions: positions, workingOrders: orders, trades: trades,
      startedAt: startedAt)
  }
}

/// Whether a configured account is the venue's.
enum AccountVerdict: Equatable {
  case matches(Account)
  case unprotectable(String)

  init(_ configured: ConfiguredAccount, in listing: [Account]) {
    let rows = listing.filter { $0.id == configured.id }
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
        "it is configured as \(configured.platformName) and the platform calls it \(account.name)")
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
