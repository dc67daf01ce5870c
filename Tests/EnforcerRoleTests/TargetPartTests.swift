import Enforcement
import PeerProtocol
import RiskModel
import Testing

@testable import EnforcerRole

/// More targets than fit a frame come in parts, and count as one set.
@Suite struct TargetPartTests {
  @Test func `nothing counts before the last part`() {
    let bench = RoleBench()
    let targets = (1...3).map { bench.target(.flatAccount, id: Int64($0)) }
    bench.begin()
    #expect(bench.role.figures["open_targets"] == 0)
    bench.role.received(.targetsAhead([targets[0]]))
    bench.role.received(.targetsAhead([targets[1]]))
    #expect(bench.role.figures["open_targets"] == 0)
    bench.role.received(.targets(revision: 2, [targets[2]]))
    #expect(bench.role.figures["open_targets"] == 3)
    // The next set has parts of its own.
    bench.role.received(.targets(revision: 3, [targets[2]]))
    #expect(bench.role.figures["open_targets"] == 1)
  }

  @Test func `a transport that breaks takes no part with it`() {
    let bench = RoleBench()
    bench.begin()
    bench.role.received(.targetsAhead([bench.target(.flatAccount, id: 1)]))
    bench.role.linkChanged(isUp: false)
    bench.role.linkChanged(isUp: true)
    bench.role.received(.targets(revision: 2, [bench.target(.flatAccount, id: 2)]))
    #expect(bench.role.figures["open_targets"] == 2)
  }

  @Test func `who begins to tell everything begins anew`() {
    let bench = RoleBench()
    bench.begin()
    bench.role.received(.targetsAhead([bench.target(.flatAccount, id: 1)]))
    bench.role.received(.accounts([account]))
    bench.role.received(.targets(revision: 2, [bench.target(.flatAccount, id: 2)]))
    #expect(bench.role.figures["open_targets"] == 1)
  }

  @Test func `a part that is missing ends nothing that it may have named`() {
    let bench = RoleBench()
    bench.begin()
    bench.role.received(.targets(revision: 2, [bench.target(.flatAccount, id: 1)]))
    bench.role.missed()
    bench.role.received(.targets(revision: 3, [bench.target(.flatAccount, id: 2)]))
    #expect(bench.role.figures["open_targets"] == 2)
    bench.role.received(.accounts([account]))
    bench.role.received(.targets(revision: 4, [bench.target(.flatAccount, id: 2)]))
    #expect(bench.role.figures["open_targets"] == 1)
  }
}
