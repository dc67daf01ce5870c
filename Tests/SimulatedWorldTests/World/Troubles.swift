import PeerProtocol
import RiskModel
import RiskTestKit
import SimulatedVenue

/// What goes wrong by itself, at moments that the seed chooses.
final class Troubles {
  private unowned let world: World
  private var isOver = false

  init(_ world: World) {
    self.world = world
  }

  func start() {
    let faults = world.options.faults
    again(faults.deathEvery) { $0.machine.kill($0.random.pick(WorkerName.allCases)) }
    again(faults.powerCutEvery) { $0.machine.cutPower() }
    again(faults.hubCutEvery) { $0.hubs.cut($0.random.pick([.user, .market])) }
    again(faults.hubStallEvery) { $0.hubs.stall($0.random.pick([.user, .market])) }
    again(faults.linkCutEvery) { $0.machine.cutLink(isFeed: $0.random.chance(50)) }
    again(faults.diskFullEvery) { $0.machine.fillDisk(for: $0.span(100...4_000)) }
    again(faults.clockJumpEvery) { world in
      world.clock.jump = .seconds(world.random.pick([-3_600, -30, 0, 30, 3_600]))
      world.note("somebody sets the clock \(world.clock.jump.milliseconds / 1_000) s ahead")
    }
    again(faults.marketCloseEvery) { [weak self] in self?.closeMarket($0) }
  }

  /// What had been broken is mended.
  func stop() {
    isOver = true
    world.hubs.mend()
    world.machine.mend()
    for contract in world.options.contracts { open(contract) }
  }

  private func again(_ seconds: Int?, _ body: @escaping (World) -> Void) {
    guard let seconds else { return }
    world.agenda.after(world.span(1...(seconds * 2_000))) { [weak self] in
      guard let self, !isOver else { return }
      body(world)
      again(seconds, body)
    }
  }

  private func closeMarket(_ world: World) {
    let contract = world.random.pick(world.options.contracts)
    world.note("the market in \(contract) closes")
    world.venue.act { try? $0.setOpen(contract, false) }
    world.agenda.after(world.span(500...6_000)) { [weak self] in self?.open(contract) }
  }

  private func open(_ contract: ContractID) {
    guard world.venue.exchange.markets[contract]?.isOpen == false else { return }
    world.note("the market in \(contract) opens")
    world.venue.act { try? $0.setOpen(contract, true) }
  }
}
