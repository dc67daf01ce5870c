import RiskModel
@testable import Supervision
import Testing

@Suite struct MemoryKillTests {
  @Test func aSIGKILLWithARisenCountIsOutOfMemory() {
    var world = SupervisedWorld()
    world.startReady()
    world.memoryKills = 1
    world.die(.evaluator)
    world.pass(10_000)
    world.die(.evaluator)
    #expect(
      world.events(.death).map(\.cause) == [
        "out of memory (ended by the kernel)", "signal 9 (SIGKILL)",
      ])
    #expect(world.events(.death).map(\.isCounted) == [true, true])
    #expect(world.saved.last?.deaths.map(\.cause) == [.outOfMemory, .signal(9)])
  }

  @Test func twoDeathsShareARiseOfTwo() {
    var world = SupervisedWorld()
    world.startReady()
    world.memoryKills = 2
    world.die(.evaluator)
    world.die(.gateway)
    world.die(.enforcer)
    #expect(
      world.events(.death).map(\.cause) == [
        "out of memory (ended by the kernel)", "out of memory (ended by the kernel)",
        "signal 9 (SIGKILL)",
      ])
  }

  @Test func anOldRiseWasAboutAnotherProcess() {
    var world = SupervisedWorld()
    world.startReady()
    world.memoryKills = 1
    world.die(.evaluator, .code(1))
    world.pass(2_000)
    world.die(.gateway)
    #expect(world.events(.death).map(\.cause) == ["exit 1", "signal 9 (SIGKILL)"])
  }

  @Test func ourOwnSIGKILLIsNotTheKernels() {
    var world = SupervisedWorld()
    world.startReady()
    world.stubborn = [.gateway]
    world.memoryKills = 1
    _ = world.restart(.gateway)
    world.pass(20_000)
    #expect(world.events(.death).map(\.cause) == ["restart asked for (because)"])
    #expect(world.events(.death).map(\.isCounted) == [false])
  }

  @Test(arguments: [(Int64?.none, Int64?.some(9)), (9, nil), (nil, nil), (9, 9), (9, 3)])
  func whatIsNotKnownSaysNothing(before: Int64?, after: Int64?) {
    var kills = MemoryKills(count: before)
    kills.looked(after, at: MonotonicInstant(nanos: 0))
    let isOurs = kills.claim()
    #expect(!isOurs)
  }
}
