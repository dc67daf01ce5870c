import Enforcement
import EnforcerRole
import Logging
import ProcessControl
import RiskModel
import VenueAPI
import VenueREST

/// The enforcer's venue: its own connections, its own token.
///
/// A request that the venue refused with 401 certainly did nothing; it is sent once more with a
/// fresh token. Nothing else that changes the venue is ever repeated here.
final class EnforcementDesk: EnforcementVenue {
  /// A request of the role that is not answered yet.
  private struct Errand {
    var request: EnforcementRequest
    var id: RequestID
    var deadline: MonotonicInstant
    var sentAt: Instant
    var startedAt: MonotonicInstant
    var isSecondTry = false
  }

  /// The longest that a sign-in takes; an errand's own deadline may be shorter.
  private static let signInTimeout = TimeSpan.seconds(5)
  private static let renewalCheck = TimeSpan.seconds(60)

  weak var role: EnforcerRole?
  /// Called after the role has handled an answer, so that what it queued leaves at once.
  var flush: () -> Void = {}

  private let venue: VenueConnections
  private let reactor: Reactor
  private let key: SignInKey
  private var accountNames: [AccountID: String]
  private let renewalLead: TimeSpan
  private let logger: Logger
  private var token: VenueToken?
  private var isSigningIn = false
  private var waiting: [Errand] = []

  init(
    venue: VenueConnections, reactor: Reactor, key: SignInKey,
    accountNames: [AccountID: String], renewalLead: TimeSpan, logger: Logger
  ) {
    self.venue = venue
    self.reactor = reactor
    self.key = key
    self.accountNames = accountNames
    self.renewalLead = renewalLead
    self.logger = logger
  }

  /// Signs in ahead of the first need, and again before the token ends.
  func start() {
    signIn()
    checkLater()
  }

  /// The evaluator protects accounts that the configuration does not list any more while a lockout
  /// stands on them; their names come with what it knows of them.
  func learn(_ account: Account) {
    if accountNames[account.id] == nil { accountNames[account.id] = account.name }
  }

  func send(_ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant) {
    let errand = Errand(
      request: request, id: id, deadline: deadline, sentAt: reactor.clock.now(),
      startedAt: reactor.clock.monotonicNow())
    guard let token else {
      wait(errand)
      return
    }
    perform(errand, token)
  }

  private func perform(_ errand: Errand, _ token: VenueToken) {
    switch errand.request {
    case .readWorkingOrders(let account):
      readOrders(of: account, offset: 0, OrderPages(), errand, token)
    case .readPositions(let account):
      ask(.positionSearchOpen(account), errand, token) { answer in
        switch answer.decodePositions(of: account) {
        case .success(let positions): .positions(positions)
        case .failure(let error): .failed(error.description)
        }
      }
    case .readAccounts:
      ask(.accountSearch(onlyActive: true), errand, token) { [accountNames] answer in
        switch answer.decodeAccounts() {
        case .success(let accounts):
          .accounts(accounts.filter { accountNames[$0.id] == $0.name }.map(\.id))
        case .failure(let error): .failed(error.description)
        }
      }
    case .cancel(let account, let order):
      ask(.orderCancel(account, order), errand, token) { .init($0.decodeCancel()) }
    case .close(let account, let contract):
      ask(.positionClose(account, contract), errand, token) { .init($0.decodeClose()) }
    case .partialClose(let account, let contract, let size):
      ask(.positionPartialClose(account, contract, size: size), errand, token) {
        .init($0.decodePartialClose())
      }
    case .modifySize(let account, let order, let size):
      ask(.orderModify(account, order, OrderChange(size: size)), errand, token) {
        .init($0.decodeModify())
      }
    }
  }

  private func ask(
    _ request: VenueRequest, _ errand: Errand, _ token: VenueToken,
    _ outcome: @escaping (VenueAPI.VenueAnswer) -> RequestOutcome
  ) {
    venue.send(request, token: token, deadline: errand.deadline, priority: .enforcement) {
      [weak self] answer, report in
      guard let self, !self.isUnauthorized(answer, errand, token) else { return }
      self.conclude(errand, outcome(answer), report.bytesHandedToSocketAt)
    }
  }

  private func readOrders(
    of account: AccountID, offset: Int, _ pages: OrderPages, _ errand: Errand,
    _ token: VenueToken
  ) {
    let request = VenueRequest.orderQuery(account, statuses: OrderStatus.working, offset: offset)
    venue.send(request, token: token, deadline: errand.deadline, priority: .enforcement) {
      [weak self] answer, report in
      guard let self, !self.isUnauthorized(answer, errand, token) else { return }
      var pages = pages
      switch answer.decodeOrderPage(of: account) {
      case .failure(let error):
        self.conclude(errand, .failed(error.description), report.bytesHandedToSocketAt)
      case .success(let page):
        switch pages.pageReceived(page) {
        case .request(let offset):
          self.readOrders(of: account, offset: offset, pages, errand, token)
        case .complete(let orders):
          self.conclude(errand, .workingOrders(orders), report.bytesHandedToSocketAt)
        case .failed(let error):
          self.conclude(errand, .failed(error.description), report.bytesHandedToSocketAt)
        }
      }
    }
  }

  /// Whether the errand waits for a fresh token now.
  private func isUnauthorized(
    _ answer: VenueAPI.VenueAnswer, _ errand: Errand, _ used: VenueToken
  ) -> Bool {
    guard case .reply(let reply) = answer, reply.status == 401 else { return false }
    if token == used { token = nil }
    guard !errand.isSecondTry else { return false }
    var again = errand
    again.isSecondTry = true
    if let token { perform(again, token) } else { wait(again) }
    return true
  }

  private func wait(_ errand: Errand) {
    waiting.append(errand)
    reactor.schedule(at: errand.deadline) { [weak self] in self?.expire(errand.id) }
    signIn()
  }

  private func expire(_ id: RequestID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    conclude(waiting.remove(at: index), notSent: "no token before the deadline")
  }

  private func conclude(_ errand: Errand, notSent reason: String) {
    conclude(
      errand, errand.request.changesTheVenue ? .refused(.notSent) : .failed(reason), nil)
  }

  private func conclude(
    _ errand: Errand, _ outcome: RequestOutcome, _ bytesHandedAt: MonotonicInstant?
  ) {
    role?.answered(
      RoleAnswer(
        id: errand.id, outcome: outcome, sentAt: errand.sentAt,
        duration: reactor.clock.monotonicNow() - errand.startedAt, bytesHandedAt: bytesHandedAt))
    flush()
  }
}

// The token.
extension EnforcementDesk {
  private func signIn() {
    guard !isSigningIn else { return }
    isSigningIn = true
    let deadline = reactor.clock.monotonicNow() + Self.signInTimeout
    venue.send(.loginKey(key), token: nil, deadline: deadline, priority: .enforcement) {
      [weak self] answer, _ in
      self?.signedIn(answer.decodeSignIn())
    }
  }

  private func signedIn(_ outcome: SignInOutcome) {
    isSigningIn = false
    switch outcome {
    case .token(let token):
      self.token = token
      let errands = waiting
      waiting = []
      for errand in errands { perform(errand, token) }
    case .credentialsRefused(let code):
      signInFailed("the venue refuses the key (\(code))")
    case .failed(let error):
      signInFailed(error.description)
    }
  }

  private func signInFailed(_ reason: String) {
    logger.error("The enforcer cannot sign in", metadata: ["problem": "\(reason)"])
    let errands = waiting
    waiting = []
    for errand in errands { conclude(errand, notSent: reason) }
  }

  private func checkLater() {
    reactor.schedule(after: Self.renewalCheck) { [weak self] in
      guard let self else { return }
      let end = self.token?.expiresAt
      let isDue = end.map { self.reactor.clock.now() >= $0 - self.renewalLead } ?? true
      if isDue { self.signIn() }
      self.checkLater()
    }
  }
}

extension RequestOutcome {
  init(_ outcome: ChangeOutcome) {
    switch outcome {
    case .accepted: self = .accepted
    case .gone: self = .gone
    case .pending: self = .pending
    case .unknown(let reason): self = .unknown(reason.description)
    case .refused(let refusal): self = .refused(Enforcement.Refusal(refusal.category))
    }
  }
}

extension Enforcement.Refusal {
  init(_ category: VenueAPI.Refusal.Category) {
    switch category {
    case .marketClosed: self = .marketClosed
    case .contractNotActive: self = .contractNotActive
    case .contractNotFound: self = .contractNotFound
    case .accountRejected, .accountViolation: self = .accountRejected
    case .accountNotFound: self = .accountNotFound
    case .rejected: self = .orderRejected
    case .invalidSize: self = .invalidSize
    case .notSent, .unauthorized: self = .notSent
    case .insufficientFunds: self = .other
    }
  }
}
