import Glibc
import ProcessControl
import RiskModel
import Testing

@Suite struct ReactorTests {
  @Test func aTurnServesDescriptorsThenTimersThenWork() throws {
    let reactor = try Reactor()
    let pipe = try readyPipe()
    var order: [String] = []
    reactor.enqueue { order.append("work 1") }
    reactor.enqueue { order.append("work 2") }
    reactor.schedule(after: .zero) { order.append("timer") }
    try reactor.watch(pipe.readEnd.number, readable: true) { _ in
      order.append("descriptor")
      reactor.unwatch(pipe.readEnd.number)
    }
    reactor.runTurns(1)
    #expect(order == ["descriptor", "timer", "work 1", "work 2"])
    #expect(reactor.loops == 2)
  }

  @Test func aDescriptorThatIsAlwaysReadyStarvesNobody() throws {
    let reactor = try Reactor()
    let pipe = try readyPipe()
    var calls = 0
    var worked = 0
    try reactor.watch(pipe.readEnd.number, readable: true) { _ in calls += 1 }
    for _ in 0..<100 { reactor.enqueue { worked += 1 } }
    var ticked = false
    reactor.schedule(after: .milliseconds(2)) { ticked = true }
    #expect(reactor.run { worked == 100 && ticked })
    #expect(Int64(calls) <= reactor.loops, "once a turn")
    reactor.unwatch(pipe.readEnd.number)
  }

  @Test func aLongMailboxDelaysDescriptorsAndTimersByOneShareOnly() throws {
    let reactor = try Reactor()
    let pipe = try readyPipe()
    var worked = 0
    var workedWhenRead = -1
    var workedWhenTimed = -1
    for _ in 0..<1_000 { reactor.enqueue { worked += 1 } }
    reactor.runTurns(0)
    #expect(worked == 0, "a stop by a timer comes before the work of its turn")
    try reactor.watch(pipe.readEnd.number, readable: true) { _ in
      workedWhenRead = worked
      reactor.unwatch(pipe.readEnd.number)
      reactor.schedule(after: .zero) { workedWhenTimed = worked }
    }
    #expect(reactor.run { worked == 1_000 })
    #expect(workedWhenRead <= Reactor.workPerTurn)
    #expect(workedWhenTimed <= 2 * Reactor.workPerTurn)
  }

  @Test func workThatBegetsWorkWaitsForTheNextTurn() throws {
    let reactor = try Reactor()
    var generations = 0
    func beget() {
      generations += 1
      reactor.enqueue(beget)
    }
    reactor.enqueue(beget)
    reactor.runTurns(10)
    #expect(generations == 10)
  }

  @Test func moreReadyDescriptorsThanOneTurnReportsAreAllServed() throws {
    let reactor = try Reactor()
    let pipes = try (0..<150).map { _ in try readyPipe() }
    var seen = Set<Int>()
    for (index, pipe) in pipes.enumerated() {
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in seen.insert(index) }
    }
    reactor.runTurns(8)
    #expect(seen.count == 150)
    for pipe in pipes { reactor.unwatch(pipe.readEnd.number) }
  }

  @Test func aReusedNumberDoesNotGetTheEventsOfItsPredecessor() throws {
    let reactor = try Reactor()
    let pipes = [try readyPipe(), try readyPipe()]
    let fresh = try PipePair.make()
    var reused: Int32?
    var heard = 0
    for (index, pipe) in pipes.enumerated() {
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in
        let other = pipes[1 - index].readEnd.number
        reactor.unwatch(pipe.readEnd.number)
        reactor.unwatch(other)
        // Closes the old file and gives its number to the new one in one step.
        #expect(dup2(fresh.readEnd.number, other) == other)
        reused = other
        #expect(throws: Never.self) {
          try reactor.watch(other, readable: true) { _ in heard += 1 }
        }
      }
    }
    reactor.runTurns(5)
    #expect(heard == 0, "the new pipe is empty")
    try write("x", to: fresh.writeEnd)
    #expect(reactor.run { heard > 0 })
    reactor.unwatch(try #require(reused))
  }

  @Test func handlersMayUnwatchThemselvesAndEachOther() throws {
    let reactor = try Reactor()
    let pipes = [try readyPipe(), try readyPipe()]
    var calls = 0
    for pipe in pipes {
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in
        calls += 1
        for pipe in pipes { reactor.unwatch(pipe.readEnd.number) }
      }
    }
    reactor.runTurns(3)
    #expect(calls == 1)
  }

  @Test func interestsAreReportedAsAskedFor() throws {
    let reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    let number = ends.worker.number
    var last: Reactor.Readiness?
    try reactor.watch(number, writable: true) { last = $0 }
    reactor.runTurns(2)
    #expect(last == Reactor.Readiness(isReadable: false, isWritable: true, isBroken: false))

    reactor.update(number, readable: true, writable: false)
    last = nil
    reactor.runTurns(2)
    #expect(last == nil, "nothing to read")

    try write("x", to: ends.supervisor)
    reactor.runTurns(2)
    #expect(last == Reactor.Readiness(isReadable: true, isWritable: false, isBroken: false))

    reactor.update(number, readable: true, writable: true)
    reactor.runTurns(2)
    #expect(last == Reactor.Readiness(isReadable: true, isWritable: true, isBroken: false))
    reactor.unwatch(number)
  }

  @Test func theEndOfAPipeIsReadable() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    pipe.writeEnd.close()
    var last: Reactor.Readiness?
    try reactor.watch(pipe.readEnd.number, readable: true) { last = $0 }
    #expect(reactor.run { last != nil })
    #expect(last == Reactor.Readiness(isReadable: true, isWritable: false, isBroken: true))
    reactor.unwatch(pipe.readEnd.number)
  }

  @Test func aPipeWithoutReadersIsWritableAndBroken() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    pipe.readEnd.close()
    var last: Reactor.Readiness?
    try reactor.watch(pipe.writeEnd.number, writable: true) { last = $0 }
    #expect(reactor.run { last != nil })
    #expect(last == Reactor.Readiness(isReadable: false, isWritable: true, isBroken: true))
    reactor.unwatch(pipe.writeEnd.number)
  }

  @Test func aRestingWatchDoesNotSpinWhenTheOtherSideGoes() throws {
    let reactor = try Reactor()
    let pipe = try PipePair.make()
    var calls = 0
    try reactor.watch(pipe.readEnd.number) { _ in calls += 1 }
    pipe.writeEnd.close()
    reactor.schedule(after: .milliseconds(20)) { reactor.stop() }
    reactor.run()
    #expect(calls == 0)
    #expect(reactor.loops < 10, "turns while nothing happened")

    reactor.update(pipe.readEnd.number, readable: true, writable: false)
    #expect(reactor.run { calls > 0 })
    reactor.update(pipe.readEnd.number, readable: false, writable: false)
    calls = 0
    reactor.runTurns(3)
    #expect(calls == 0)
    reactor.unwatch(pipe.readEnd.number)
    reactor.unwatch(pipe.readEnd.number)
  }

  @Test func nothingRunsAfterStopAndWhatWaitsStillWaits() throws {
    let reactor = try Reactor()
    let pipes = [try readyPipe(), try readyPipe()]
    var ran: [String] = []
    for pipe in pipes {
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in
        ran.append("descriptor")
        reactor.unwatch(pipe.readEnd.number)
        reactor.stop()
      }
    }
    reactor.schedule(after: .zero) {
      ran.append("timer")
      reactor.stop()
    }
    reactor.schedule(after: .zero) {
      ran.append("timer")
      reactor.stop()
    }
    reactor.enqueue {
      ran.append("work")
      reactor.stop()
    }
    for expected in ["descriptor", "descriptor", "timer", "timer", "work"] {
      ran = []
      reactor.run()
      #expect(ran == [expected])
    }
  }

  @Test func aRegularFileCannotBeWatched() throws {
    let reactor = try Reactor()
    let file = Descriptor(owning: open("/etc/passwd", O_RDONLY | O_CLOEXEC))
    #expect(throws: ProcessControlError.systemCall(name: "epoll_ctl", code: EPERM)) {
      try reactor.watch(file.number, readable: true) { _ in }
    }
    reactor.unwatch(file.number)
  }

  @Test func misuseStopsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let reactor = try Reactor()
      let pipe = try PipePair.make()
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in }
      try reactor.watch(pipe.readEnd.number, readable: true) { _ in }
    }
    await #expect(processExitsWith: .failure) {
      let reactor = try Reactor()
      let pipe = try PipePair.make()
      let number = pipe.readEnd.number
      try reactor.watch(number, readable: true) { _ in }
      pipe.readEnd.close()
      reactor.unwatch(number)
    }
    await #expect(processExitsWith: .failure) {
      try Reactor().update(0, readable: true, writable: false)
    }
    await #expect(processExitsWith: .failure) {
      let reactor = try Reactor()
      reactor.enqueue { reactor.run() }
      reactor.run()
    }
  }
}

private func readyPipe() throws -> PipePair {
  let pipe = try PipePair.make()
  try write("x", to: pipe.writeEnd)
  return pipe
}
