import Enforcement
import EnforcerRole
import ProcessControl
import RiskModel
import VenueAPI
import VenueREST

/// The enforcer's venue: its own connections, its own token where need be.
///
/// A request that the venue refused with 401 certainly did nothing; it is sent again with another
/// token, that of the store and then one of the enforcer's own. Nothing else that changes the venue
/// is ever repeated here.
final class EnforcementDesk: EnforcementVenue {
  /// A request of the role that is not answered yet.
  private struct Errand {
    var request: EnforcementRequest
    var id: RequestID
    var deadline: MonotonicInstant
    var sentAt: Instant
    var startedAt: MonotonicInstant
    var refusals = 0
  }

  private static let mostRefusals = 2

  weak var role: EnforcerRole?
  /// Called after the role has handled an answer, so that what it queued leaves at once.
  var flush: () -> Void = {}

  private let pace: EnforcementPace
  private let session: EnforcementSession
  private let reactor: Reactor
  private var accountNames: [AccountID: String]
  private var waiting: [Errand] = []

  init(
    pace: EnforcementPace, session: EnforcementSession, reactor: Reactor,
    accountNames: [AccountID: String]
  ) {
    self.pace = pace
    self.session = session
    self.reactor = reactor
    self.accountNames = accountNames
    session.found = { [weak self] in self?.tokenFound($0) }
    session.failed = { [weak self] in self?.tokenFailed($0) }
  }

  func start() {
    session.start()
  }

  /// Why nothing can be asked of the venue, for people; `nil` when all is well.
  var trouble: String? { session.token == nil ? session.trouble : nil }

  /// The evaluator protects accounts that the configuration does not list any more while a lockout
  /// stands on them; their names come with what it knows of them.
  func learn(_ account: Account) {
    if accountNames[account.id] == nil { accountNames[account.id] = account.name }
  }

  func send(_ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant) {
    let errand = Errand(
      request: request, id: id, deadline: deadline, sentAt: reactor.clock.now(),
      startedAt: reactor.clock.monotonicNow())
    guard let token = session.token else {
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
    case .placeStop(let account, let contract, let side, let size, let price, let tag):
      let stop = OrderPlacement(
        account: account, contract: contract, type: .stop, side: side, size: size,
        stopPrice: price, customTag: tag)
      ask(.orderPlace(stop), errand, token) { .init($0.decodePlace()) }
    case .modifyStop(let account, let order, let price):
      ask(.orderModify(account, order, OrderChange(stopPrice: price)), errand, token) {
        .init($0.decodeModify())
      }
    }
  }

  private func ask(
    _ request: VenueRequest, _ errand: Errand, _ token: VenueToken,
    _ outcome: @escaping (VenueAPI.VenueAnswer) -> RequestOutcome
  ) {
    pace.send(request, token: token, deadline: errand.deadline) {
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
    pace.send(request, token: token, deadline: errand.deadline) {
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
    session.refuse(used)
    guard errand.refusals < Self.mostRefusals else { return false }
    var again = errand
    again.refusals += 1
    if let token = session.token { perform(again, token) } else { wait(again) }
    return true
  }

  private func wait(_ errand: Errand) {
    waiting.append(errand)
    reactor.schedule(at: errand.deadline) { [weak self] in self?.expire(errand.id) }
    session.need()
  }

  private func expire(_ id: RequestID) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    conclude(waiting.remove(at: index), notSent: session.trouble ?? "no token before the deadline")
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
  private func tokenFound(_ token: VenueToken) {
    let errands = waiting
    waiting = []
    for errand in errands { perform(errand, token) }
  }

  private func tokenFailed(_ reason: String) {
    let errands = waiting
    waiting = []
    for errand in errands { conclude(errand, notSent: reason) }
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
