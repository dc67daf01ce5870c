import Foundation
import CPlatform
import Glibc
import ProcessControl
import RiskModel
import Supervision
import Testing

typealias SupervisorEnd = ControlChannel<SupervisorMessage, WorkerMessage>
typealias WorkerEnd = ControlChannel<WorkerMessage, SupervisorMessage>

@Suite struct ControlChannelTests {
  @Test func everyMessageArrivesAsItWasSentInOrder() throws {
    let pair = try ChannelPair()
    let orders: [SupervisorMessage] = [
      .start(settings: "{\"role\":\"gateway\",\"euro\":\"€\"}"), .challenge(nonce: -5),
      .challenge(nonce: .max), .stop,
    ]
    let reports: [WorkerMessage] = [
      .ready, .degraded("no quotes"), .degraded(nil), .linkReplaced(.feed, epoch: 3),
      .linkBroken(.verdict, epoch: 4, reason: "poisoned"),
      .answer(
        nonce: 7,
        WorkerProgress(
          loops: 1, inputs: 2, outputs: 3, backlog: 4, oldestAgeMilliseconds: 5,
          figures: ["positions": 6])),
    ]
    for order in orders { pair.supervisor.send(order) }
    for report in reports { pair.worker.send(report) }
    #expect(
      pair.reactor.run {
        pair.orders.count == orders.count && pair.reports.count == reports.count
      })
    #expect(pair.orders == orders)
    #expect(pair.reports == reports)
  }

  @Test func descriptorsTravelBothEndsOfALink() throws {
    let pair = try ChannelPair()
    let toWorker = try PipePair.make()
    let fromWorker = try PipePair.make()
    pair.supervisor.send(
      .link(.feed, epoch: 9), descriptors: [toWorker.readEnd, fromWorker.writeEnd])
    #expect(!toWorker.readEnd.isOpen && !fromWorker.writeEnd.isOpen, "the sender's are closed")
    #expect(pair.reactor.run { pair.descriptors.count == 2 })
    #expect(pair.orders == [.link(.feed, epoch: 9)])
    let flags = pair.descriptors.map { fcntl($0.number, F_GETFD) }
    #expect(flags == [FD_CLOEXEC, FD_CLOEXEC])

    try write("down", to: toWorker.writeEnd)
    #expect(try text(from: pair.descriptors[0]) == "down")
    try write("up", to: pair.descriptors[1])
    #expect(try text(from: fromWorker.readEnd) == "up")
    pair.descriptors[1].close()
    #expect(
      try eventually { try text(from: fromWorker.readEnd) == nil },
      "nobody else holds the write end")
  }

  @Test(arguments: [ControlPacket.limit, ControlPacket.limit + 1, ControlPacket.largestMessage])
  func aMessageOfAnySizeArrivesWithTheOnesBesideIt(bytes: Int) throws {
    let pair = try ChannelPair()
    let sent = [
      SupervisorMessage.challenge(nonce: 1), Self.start(bytes: bytes), .challenge(nonce: 2),
    ]
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    for message in sent { pair.supervisor.send(message) }
    #expect(pair.reactor.run { pair.orders.count == sent.count })
    #expect(pair.orders == sent)
    let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(after == before)
  }

  @Test func aMessageThatIsTooLongEndsTheChannel() throws {
    let pair = try ChannelPair()
    pair.supervisor.send(Self.start(bytes: ControlPacket.largestMessage + 1))
    #expect(!pair.supervisor.isOpen)
    #expect(pair.supervisorEnding == nil, "told by the loop, not from inside send")
    #expect(pair.reactor.run { pair.supervisorEnding != nil && pair.workerEnding != nil })
    #expect(
      pair.supervisorEnding
        == .failed(
          .packetTooLong(
            bytes: ControlPacket.largestMessage + 1, limit: ControlPacket.largestMessage)))
    #expect(pair.workerEnding == .endOfFile)
  }

  /// A message whose text has that length.
  private static func start(bytes: Int) -> SupervisorMessage {
    let frame = "{\"start\":{\"settings\":\"\"}}".utf8.count
    return .start(settings: String(repeating: "x", count: bytes - frame))
  }

  @Test func whatTheSocketDoesNotTakeWaitsAndLeavesInOrder() throws {
    let pair = try ChannelPair()
    let filler = String(repeating: "x", count: 60_000)
    var sent: [SupervisorMessage] = []
    while pair.supervisor.queuedPackets < 20 {
      sent.append(.start(settings: "\(sent.count) \(filler)"))
      pair.supervisor.send(sent[sent.count - 1])
    }
    #expect(pair.reactor.run { pair.orders.count == sent.count })
    #expect(pair.orders == sent)
    #expect(pair.supervisor.queuedPackets == 0)
    #expect(pair.supervisorEnding == nil)
  }

  @Test func aFullQueueEndsTheChannelAndClosesWhatWaits() throws {
    let reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    var ending: ControlEnding?
    let channel = try SupervisorEnd(ends.supervisor, on: reactor) {
      if case .ended(let how) = $0 { ending = how }
    }
    let filler = String(repeating: "x", count: 60_000)
    while channel.queuedPackets == 0 { channel.send(.start(settings: filler)) }
    var pipes: [PipePair] = []
    while channel.isOpen, pipes.count < 1_000 {
      pipes.append(try PipePair.make())
      channel.send(
        .link(.feed, epoch: 1),
        descriptors: [pipes[pipes.count - 1].readEnd, pipes[pipes.count - 1].writeEnd])
    }
    #expect(pipes.count == SupervisorEnd.outQueueLimit)
    #expect(pipes.allSatisfy { !$0.readEnd.isOpen && !$0.writeEnd.isOpen })
    #expect(reactor.run { ending != nil })
    #expect(ending == .failed(.outQueueFull(limit: SupervisorEnd.outQueueLimit)))
    let late = try PipePair.make()
    channel.send(.link(.feed, epoch: 2), descriptors: [late.readEnd, late.writeEnd])
    #expect(!late.readEnd.isOpen, "dropped after the end")
  }

  @Test func whatWasSentBeforeTheEndIsDelivered() throws {
    let pair = try ChannelPair()
    let nonces = (0..<40).map { Int64($0) }
    for nonce in nonces { pair.supervisor.send(.challenge(nonce: nonce)) }
    pair.supervisor.close()
    #expect(pair.reactor.run { pair.workerEnding != nil })
    #expect(pair.orders == nonces.map { .challenge(nonce: $0) })
    #expect(pair.workerEnding == .endOfFile)
    #expect(!pair.worker.isOpen)
    #expect(pair.supervisorEnding == nil, "who closes is told nothing")
  }

  @Test(arguments: [0, 1, 3])
  func aSenderThatLeavesUnreadMessagesBehindIsStillHeardOut(sends: Int) throws {
    let reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    try write("unread", to: ends.supervisor)
    try write("{\"degraded\":{\"_0\":\"last words\"}}", to: ends.worker)
    ends.worker.close()
    var reports: [WorkerMessage] = []
    var ending: ControlEnding?
    let channel = try SupervisorEnd(ends.supervisor, on: reactor) { event in
      switch event {
      case .message(let report, _): reports.append(report)
      case .ended(let how): ending = how
      }
    }
    // The kernel tells of the reset once, to whoever comes first; the reading goes on.
    for _ in 0..<sends { channel.send(.stop) }
    #expect(channel.isOpen && channel.queuedPackets == 0)
    #expect(reactor.run { ending != nil })
    #expect(reports == [.degraded("last words")])
    #expect(ending == .endOfFile)
  }

  @Test(arguments: [
    "not json", "{}", "{\"stop\":{},\"start\":{}}", "{\"stopp\":{}}", "[]",
    "{\"start\":{\"settings\":7}}", "\u{0}",
  ])
  func whatIsNoMessageEndsTheChannel(text: String) throws {
    let pair = try RawPair()
    try write(text, to: pair.raw)
    #expect(pair.ending() == .failed(.packetUnreadable(bytes: text.utf8.count)))
  }

  @Test func aPacketLongerThanTheLimitIsNotTakenForAMessage() throws {
    let pair = try RawPair()
    let order = "{\"stop\":{}}"
    try write(
      order + String(repeating: " ", count: ControlPacket.limit + 1 - order.utf8.count),
      to: pair.raw)
    #expect(pair.ending() == .failed(.packetTruncated(limit: ControlPacket.limit)))
  }

  @Test func descriptorsThatDoNotBelongToTheMessageEndTheChannel() throws {
    let pair = try RawPair()
    let pipe = try PipePair.make()
    let order = Array("{\"stop\":{}}".utf8)
    let numbers = [pipe.writeEnd.number]
    #expect(platform_packet_send(pair.raw.number, order, order.count, numbers, 1) == 0)
    pipe.writeEnd.close()
    #expect(pair.ending() == .failed(.descriptorCountWrong(expected: 0, received: 1)))
    #expect(
      try eventually { try text(from: pipe.readEnd) == nil }, "the stray descriptor is closed")
  }

  @Test func aLinkWithoutItsDescriptorsEndsTheChannel() throws {
    let pair = try RawPair()
    try write("{\"link\":{\"_0\":\"feed\",\"epoch\":1}}", to: pair.raw)
    #expect(pair.ending() == .failed(.descriptorCountWrong(expected: 2, received: 0)))
  }

  @Test func descriptorsThatCannotBeTakenEndTheChannel() async {
    await #expect(processExitsWith: .success) {
      let pair = try RawPair()
      let pipe = try PipePair.make()
      let order = Array("{\"link\":{\"_0\":\"feed\",\"epoch\":1}}".utf8)
      let numbers = [pipe.readEnd.number, pipe.writeEnd.number]
      #expect(platform_packet_send(pair.raw.number, order, order.count, numbers, 2) == 0)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = 0
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      let ending = pair.ending()
      limit.rlim_cur = limit.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      #expect(ending == .failed(.descriptorsLost))
    }
  }

  @Test func aHandlerMayCloseTheChannel() throws {
    let reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    var events = 0
    var channel: WorkerEnd?
    channel = try WorkerEnd(ends.worker, on: reactor) { _ in
      events += 1
      channel?.close()
      channel = nil
    }
    for _ in 0..<3 { try write("{\"stop\":{}}", to: ends.supervisor) }
    reactor.runTurns(4)
    #expect(events == 1)
    #expect(channel == nil)
    #expect(eventually { platform_packet_send(ends.supervisor.number, "x", 1, nil, 0) == -EPIPE })
  }

  @Test func aMessageWithoutItsDescriptorsIsNotSent() async {
    await #expect(processExitsWith: .failure) {
      let pair = try ChannelPair()
      pair.supervisor.send(.link(.feed, epoch: 1))
    }
  }
}

/// Both ends of a control channel on one loop, and what arrived.
private final class ChannelPair {
  let reactor: Reactor
  let supervisor: SupervisorEnd
  let worker: WorkerEnd
  private let received = Received()

  var orders: [SupervisorMessage] { received.orders }
  var reports: [WorkerMessage] { received.reports }
  var descriptors: [Descriptor] { received.descriptors }
  var supervisorEnding: ControlEnding? { received.supervisorEnding }
  var workerEnding: ControlEnding? { received.workerEnding }

  private final class Received {
    var orders: [SupervisorMessage] = []
    var reports: [WorkerMessage] = []
    var descriptors: [Descriptor] = []
    var supervisorEnding: ControlEnding?
    var workerEnding: ControlEnding?
  }

  init() throws {
    reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    supervisor = try SupervisorEnd(ends.supervisor, on: reactor) { [received] event in
      switch event {
      case .message(let report, let descriptors):
        received.reports.append(report)
        received.descriptors += descriptors
      case .ended(let how): received.supervisorEnding = how
      }
    }
    worker = try WorkerEnd(ends.worker, on: reactor) { [received] event in
      switch event {
      case .message(let order, let descriptors):
        received.orders.append(order)
        received.descriptors += descriptors
      case .ended(let how): received.workerEnding = how
      }
    }
  }
}

/// A worker's end, and the bare socket of its supervisor.
private final class RawPair {
  let raw: Descriptor
  private let reactor: Reactor
  private let channel: WorkerEnd
  private let received = Received()

  private final class Received {
    var ending: ControlEnding?
  }

  init() throws {
    reactor = try Reactor()
    let ends = try ControlPacket.makeEnds()
    raw = ends.supervisor
    channel = try WorkerEnd(ends.worker, on: reactor) { [received] event in
      switch event {
      case .message(let order, _): Issue.record("\(order) is no message")
      case .ended(let how): received.ending = how
      }
    }
  }

  /// How the channel ends.
  func ending() -> ControlEnding? {
    _ = reactor.run { self.received.ending != nil }
    return received.ending
  }
}
