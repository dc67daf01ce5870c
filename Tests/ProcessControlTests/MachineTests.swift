import Glibc
import ProcessControl
import RiskModel
import Testing

/// Clocks, privileges, peers and signals of the machine that the tests run on.
@Suite struct MachineTests {
  @Test func theClocksAreTheMachines() throws {
    let clock = SystemClock()
    let before = clock.monotonicNow()
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    let now = clock.now()
    #expect(now >= Instant(secondsSinceEpoch: Int64(wall.tv_sec)))
    #expect(now - Instant(secondsSinceEpoch: Int64(wall.tv_sec)) < .seconds(60))
    #expect(clock.monotonicNow() >= before)
    #expect(clock.nanosSinceBoot() >= before.nanos)
    #expect(clock.nanosSinceBoot() <= clock.nanosSinceBoot())
  }

  @Test func theBootHasAName() throws {
    let identity = try SystemClock.bootIdentity()
    #expect(identity.utf8.count == 36)
    let other = try ScriptResult.of("cat /proc/sys/kernel/random/boot_id")
    #expect(other.lines == [identity])
  }

  @Test func privilegesOnceGivenUpAreGoneForChildrenToo() async {
    await #expect(processExitsWith: .success) {
      #expect(try ScriptResult.of("grep NoNewPrivs /proc/self/status").lines == ["NoNewPrivs:\t0"])
      try Privileges.forbidGainingMore()
      #expect(try ScriptResult.of("grep NoNewPrivs /proc/self/status").lines == ["NoNewPrivs:\t1"])
    }
  }

  @Test func dumpsAreForbidden() async {
    await #expect(processExitsWith: .success) {
      typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
      let getDumpable: Int32 = 3
      let address = try #require(dlsym(nil, "prctl"))
      let prctl = unsafeBitCast(address, to: Prctl.self)
      #expect(prctl(getDumpable, 0, 0, 0, 0) == 1)
      try Privileges.forbidDumps()
      #expect(prctl(getDumpable, 0, 0, 0, 0) == 0)
    }
  }

  @Test func theGroupsOfAPeerAreKnown() async throws {
    try #require(geteuid() == 0 || !isContinuousIntegration, "needs root")
    guard geteuid() == 0 else { return }
    await #expect(processExitsWith: .success) {
      let groups = (0..<40).map { gid_t(4_200 + $0) }
      #expect(setgroups(groups.count, groups) == 0)
      let ends = try ControlPacket.makeEnds()
      let peer = try PeerCredentials.ofPeer(on: ends.supervisor)
      #expect(peer.groups.sorted() == groups)
      #expect(setgroups(0, nil) == 0)
      let others = try ControlPacket.makeEnds()
      #expect(try PeerCredentials.ofPeer(on: others.worker).groups == [])
    }
  }

  @Test func thePeerOfASocketIsKnown() throws {
    let ends = try ControlPacket.makeEnds()
    let peer = try PeerCredentials.ofPeer(on: ends.worker)
    #expect(
      peer
        == PeerCredentials(
          pid: getpid(), user: geteuid(), group: getegid(), groups: peer.groups))
    #expect(peer.groups.count == Int(getgroups(0, nil)))
    let pipe = try PipePair.make()
    #expect(
      throws: ProcessControlError.systemCall(name: "getsockopt(SO_PEERCRED)", code: ENOTSOCK)
    ) {
      _ = try PeerCredentials.ofPeer(on: pipe.readEnd)
    }
  }

  @Test func signalsArriveAsEvents() throws {
    let reactor = try Reactor()
    var arrivals: [SignalSource.Arrival] = []
    let source = try SignalSource([SIGUSR1, SIGHUP], on: reactor) { arrivals.append($0) }
    raise(SIGUSR1)
    raise(SIGHUP)
    #expect(reactor.run { arrivals.count == 2 })
    #expect(Set(arrivals.map(\.number)) == [SIGUSR1, SIGHUP])
    #expect(arrivals.allSatisfy { $0.sender == getpid() })
    source.close()
    source.close()
    raise(SIGUSR1)
    reactor.runTurns(3)
    #expect(arrivals.count == 2, "still blocked, no longer told")
    let again = try SignalSource([SIGUSR1], on: reactor) { arrivals.append($0) }
    #expect(reactor.run { arrivals.count == 3 })
    withExtendedLifetime(again) {}
  }

  @Test func aHandlerMayCloseItsSource() throws {
    let reactor = try Reactor()
    var arrivals = 0
    var source: SignalSource?
    source = try SignalSource([SIGUSR1, SIGUSR2], on: reactor) { _ in
      arrivals += 1
      source?.close()
    }
    raise(SIGUSR1)
    raise(SIGUSR2)
    reactor.runTurns(4)
    #expect(arrivals == 1)
    source = try SignalSource([SIGUSR1, SIGUSR2], on: reactor) { _ in arrivals += 1 }
    #expect(reactor.run { arrivals == 2 })
    source = nil
  }

  @Test func anImpossibleSignalIsAnError() throws {
    let reactor = try Reactor()
    #expect(throws: ProcessControlError.systemCall(name: "signalfd", code: EINVAL)) {
      _ = try SignalSource([1_000], on: reactor) { _ in }
    }
    #expect(throws: ProcessControlError.systemCall(name: "sigaction", code: EINVAL)) {
      try SignalSource.ignore(SIGKILL)
    }
  }
}

private var isContinuousIntegration: Bool {
  getenv("CI").map { String(cString: $0) } == "true"
}
