import RiskModel
import Supervision
import Testing

/// Whatever happens, in whatever order: what must always hold.
@Suite struct RandomLifeTests {
  @Test(arguments: 1...40)
  func everyOrderOfEventsLeadsToAnOrderlyEnd(seed: UInt64) throws {
    var chance = SplitMix(seed)
    var world = SupervisedWorld()
    world.random = seed
    world.start()
    for step in 0..<400 {
      happen(&world, &chance)
      #expect(world.doubles == 0, "seed \(seed), step \(step)")
      try #require(world.plan.nextDeadline != nil, "seed \(seed), step \(step)")
    }
    let counted = world.events(.death).count { $0.isCounted == true }
    let kept = world.saved.last?.deaths.count ?? 0
    #expect(kept <= counted, "seed \(seed)")
    #expect(world.saved.count == counted, "seed \(seed)")
    _ = world.take()
    world.stop()
    world.pass(45_000)
    #expect(world.take().last == "finished", "seed \(seed)")
    #expect(world.alive.isSubset(of: world.unkillable), "seed \(seed)")
    #expect(world.plan.nextDeadline == nil)
  }

  @Test(arguments: 1...40)
  func faultsThatEndAreFollowedByRecovery(seed: UInt64) {
    var chance = SplitMix(seed)
    var world = SupervisedWorld()
    world.start()
    for _ in 0..<200 { happen(&world, &chance) }
    world.heal()
    world.pass(60_000)
    for worker in WorkerName.critical { world.ready(worker) }
    world.pass(700_000)
    #expect(world.plan.overallState == .running, "seed \(seed)")
    #expect(world.plan.health(at: world.moment.monotonic) == .healthy, "seed \(seed)")
    let links = world.plan.report(at: world.moment).workers.flatMap(\.links)
    #expect(links.allSatisfy { $0.isConfirmed }, "seed \(seed)")
  }

  private func happen(_ world: inout SupervisedWorld, _ chance: inout SplitMix) {
    let worker = WorkerName.critical[chance.below(3)]
    let link = LinkName.allCases[chance.below(2)]
    switch chance.below(16) {
    case 0 where world.alive.contains(worker): world.die(worker, .code(Int32(chance.below(80))))
    case 1 where world.alive.contains(worker):
      world.die(worker, .signal(Int32(1 + chance.below(15))))
    case 2: world.silent.formSymmetricDifference([worker])
    case 3: world.deaf.formSymmetricDifference([worker])
    case 4: world.stubborn.formSymmetricDifference([worker])
    case 5: world.breakLink(link, by: worker)
    case 6: world.failLink(link)
    case 7: world.misspeak(worker)
    case 8: world.closeChannel(worker)
    case 9: _ = world.restart(worker)
    case 10: world.stall(Int64(chance.below(20_000)))
    case 11: world.spawnProblem = world.spawnProblem == nil ? "EAGAIN" : nil
    case 12: world.tell(worker, .degraded(chance.below(2) == 0 ? nil : "hub"))
    case 13:
      world.progress[worker] = WorkerProgress(
        inputs: Int64(chance.below(3)), backlog: Int64(chance.below(3)),
        oldestAgeMilliseconds: Int64(chance.below(3_000)))
    case 14: world.ready(worker)
    default: world.pass(Int64(chance.below(30_000)))
    }
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
private struct SplitMix {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func below(_ limit: UInt64) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % limit)
  }
}
