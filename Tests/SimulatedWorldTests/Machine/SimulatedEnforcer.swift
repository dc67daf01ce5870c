import Logging
import PeerProtocol
import RiskModel
import VenueAPI

@testable import Enforcement
@testable import EnforcerRole
@testable import Workers

/// The enforcer's role in a life of its process.
final class SimulatedEnforcer {
  let life: Life
  let link: LinkEnd<VerdictReport, VerdictMessage>
  let role: EnforcerRole
  private let side: EnforcerSide

  init(_ world: World, _ life: Life) {
    self.life = life
    let link = LinkEnd<VerdictReport, VerdictMessage>(
      world, producerEpoch: world.machine.nextProducerEpoch(), committed: nil)
    self.link = link
    let side = EnforcerSide(world, life, link)
    self.side = side
    role = EnforcerRole(
      venue: side, link: side, timer: side, clock: world.clock,
      logger: Logger(label: "enforcer") { _ in SwiftLogNoOpLogHandler() }, fallback: side)
    if let missing = world.broken?.safeguard { role.controller.safeguards.subtract(missing) }
    side.role = role
    link.received = { [unowned self, unowned world, life] message, position in
      guard !life.isOver else { return }
      world.auditor.told(message)
      role.received(message)
      guard !life.isOver else { return }
      link.commit(through: position)
      link.flush()
    }
    link.skipped = { link.commit(through: $0) }
    link.snapshotNeeded = { [life] in if !life.isOver { link.sendSnapshot([]) } }
    link.changed = { [unowned self, life] isUp in
      guard !life.isOver else { return }
      role.linkChanged(isUp: isUp)
      link.flush()
    }
    link.broken = { [unowned world] _ in world.machine.linkBroke(isFeed: false) }
  }

  func start() {
    role.start()
    link.flush()
  }
}

/// Everything that the enforcer's role calls.
private final class EnforcerSide: EnforcementVenue, VerdictLink, EnforcerTimer, OpenTargetsReader {
  private unowned let world: World
  private let life: Life
  private let link: LinkEnd<VerdictReport, VerdictMessage>
  weak var role: EnforcerRole?
  private var timer: Int?

  init(_ world: World, _ life: Life, _ link: LinkEnd<VerdictReport, VerdictMessage>) {
    self.world = world
    self.life = life
    self.link = link
  }

  func send(_ report: VerdictReport) {
    _ = life.call("a report") {
      world.auditor.reported(report)
      if !link.send(report) { link.sendSnapshot([]) }
    }
  }

  func wake(at moment: MonotonicInstant) {
    if let timer { world.agenda.cancel(timer) }
    timer = world.agenda.at(moment) { [weak self] in
      guard let self, !life.isOver else { return }
      timer = nil
      role?.timerFired()
      if !life.isOver { link.flush() }
    }
  }

  func openTargets() throws -> OpenTargets {
    guard !life.isOver else { throw JournalUnreadable() }
    let targets = try world.machine.disk.openTargets()
    return OpenTargets(
      revision: (targets.map(\.id.inputOrdinal).max() ?? 0) * 1_000,
      accounts: world.options.accounts, targets: targets)
  }

  // The venue: what the worker's desk makes of the role's requests.

  func send(_ request: EnforcementRequest, id: RequestID, deadline: MonotonicInstant) {
    let sent = Sent(id: id, at: world.clock.now(), moment: world.clock.monotonicNow())
    _ = life.call("a request") {
      perform(request, sent, deadline)
    }
  }

  private struct Sent {
    var id: RequestID
    var at: Instant
    var moment: MonotonicInstant
  }

  private func perform(
    _ request: EnforcementRequest, _ sent: Sent, _ deadline: MonotonicInstant
  ) {
    func ask(_ request: VenueRequest, _ read: @escaping (VenueAPI.VenueAnswer) -> RequestOutcome) {
      world.network.send(request, of: life, deadline: deadline) { [self] in
        conclude(sent, read($0))
      }
    }
    switch request {
    case .readWorkingOrders(let account):
      readOrders(of: account, offset: 0, OrderPages(), sent, deadline)
    case .readPositions(let account):
      ask(.positionSearchOpen(account)) {
        switch $0.decodePositions(of: account) {
        case .success(let positions): .positions(positions)
        case .failure(let error): .failed("\(error)")
        }
      }
    case .readAccounts:
      ask(.accountSearch(onlyActive: true)) {
        switch $0.decodeAccounts() {
        case .success(let accounts): .accounts(accounts.map(\.id))
        case .failure(let error): .failed("\(error)")
        }
      }
    case .cancel(let account, let order):
      ask(.orderCancel(account, order)) { RequestOutcome($0.decodeCancel()) }
    case .close(let account, let contract):
      ask(.positionClose(account, contract)) { RequestOutcome($0.decodeClose()) }
    case .partialClose(let account, let contract, let size):
      ask(.positionPartialClose(account, contract, size: size)) {
        RequestOutcome($0.decodePartialClose())
      }
    case .modifySize(let account, let order, let size):
      ask(.orderModify(account, order, OrderChange(size: size))) {
        RequestOutcome($0.decodeModify())
      }
    case .placeStop(let account, let contract, let side, let size, let price, let tag):
      let stop = OrderPlacement(
        account: account, contract: contract, type: .stop, side: side, size: size,
        stopPrice: price, customTag: tag)
      ask(.orderPlace(stop)) { RequestOutcome($0.decodePlace()) }
    case .modifyStop(let account, let order, let price):
      ask(.orderModify(account, order, OrderChange(stopPrice: price))) {
        RequestOutcome($0.decodeModify())
      }
    }
  }

  private func readOrders(
    of account: AccountID, offset: Int, _ pages: OrderPages, _ sent: Sent,
    _ deadline: MonotonicInstant
  ) {
    let request = VenueRequest.orderQuery(account, statuses: OrderStatus.working, offset: offset)
    world.network.send(request, of: life, deadline: deadline) { [self] answer in
      var pages = pages
      switch answer.decodeOrderPage(of: account) {
      case .failure(let error): conclude(sent, .failed("\(error)"))
      case .success(let page):
        switch pages.pageReceived(page) {
        case .request(let offset): readOrders(of: account, offset: offset, pages, sent, deadline)
        case .complete(let orders): conclude(sent, .workingOrders(orders))
        case .failed(let error): conclude(sent, .failed("\(error)"))
        }
      }
    }
  }

  private func conclude(_ sent: Sent, _ outcome: RequestOutcome) {
    guard !life.isOver else { return }
    let now = world.clock.monotonicNow()
    role?.answered(
      RoleAnswer(
        id: sent.id, outcome: outcome, sentAt: sent.at, duration: now - sent.moment,
        bytesHandedAt: sent.moment))
    if !life.isOver { link.flush() }
  }
}

extension BrokenGuard {
  /// What is taken out of the enforcer.
  fileprivate var safeguard: Safeguards? {
    switch self {
    case .lockFirst, .durability, .cooldownRule, .frequencyRule, .openLossRule: nil
    case .proofOfFlat: .proofOfFlat
    case .agreement: .settledReductions
    case .closingOrders: .closingOrders
    case .episodeEnd: .episodeEnd
    case .episodesHandedOver: .episodesHandedOver
    case .judgedOrders: .judgedOrders
    }
  }
}
