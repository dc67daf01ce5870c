import CPlatform
package import RiskModel

/// The one loop of a process: descriptors, timers and the mailbox, on one thread.
///
/// A turn hands on every descriptor that is ready, once each; then runs the timers that are due;
/// then a bounded number of work items. So a descriptor that is always ready delays timers and the
/// mailbox by one call of its handler, and a long mailbox delays descriptors and timers by at most
/// `workPerTurn` items. A timer that a timer or a work item schedules waits for the next turn, as
/// does work beyond that share.
///
/// The mailbox has no limit of its own: whoever fills it is bounded by a window, and `backlog` and
/// `oldestAge` show when that fails.
///
/// Everything here, the initialiser included, is called on one thread; other threads use `inbox`.
package final class Reactor {
  /// Long enough to make the poll cheap beside the work, short enough that sixteen items of a
  /// millisecond each delay a timer by less than one interval of the supervisor's challenges.
  package static let workPerTurn = 16

  private struct Watch {
    /// Told apart from an earlier watch of the same number.
    var generation: UInt32
    var interest: Interest
    var handler: (Readiness) -> Void
  }

  /// The inbox's wakeup: a number that no descriptor has.
  private static let wakeupToken = UInt64.max

  package let clock: any Clock
  /// How the civil time of `clock` goes.
  package let pace: ClockPace
  /// For work from other threads.
  package let inbox: ReactorInbox
  /// Turns since the start.
  package private(set) var loops: Int64 = 0

  private let poll: Descriptor
  private let events: UnsafeMutablePointer<platform_event>
  private var watches: [Int32: Watch] = [:]
  private var lastGeneration: UInt32 = 0
  private var timers = TimerQueue()
  private var mailbox = Mailbox<() -> Void>()
  private var isRunning = false
  private var isStopping = false

  package convenience init(pace: ClockPace = .machine) throws(ProcessControlError) {
    try self.init(clock: SystemClock(pace: pace), pace: pace)
  }

  package init(
    clock: any Clock, pace: ClockPace = .machine
  ) throws(ProcessControlError) {
    self.clock = clock
    self.pace = pace
    let poll = Descriptor(owning: try checked(platform_poll_create(), "epoll_create1"))
    let inbox = try ReactorInbox(clock: clock)
    try checked(
      platform_poll_add(
        poll.number, inbox.wakeup.number, Interest.readable.rawValue, Self.wakeupToken),
      "epoll_ctl")
    self.poll = poll
    self.inbox = inbox
    events = .allocate(capacity: Int(PLATFORM_EVENTS))
  }

  deinit { events.deallocate() }

  /// Calls the handler in every turn in which the descriptor is ready. With neither interest the
  /// watch rests, also if the other side goes.
  ///
  /// The descriptor must be unwatched before it is closed.
  ///
  /// - Throws: `systemCall` for a descriptor that cannot be polled (a regular file).
  package func watch(
    _ descriptor: Int32, readable: Bool = false, writable: Bool = false,
    handler: @escaping (Readiness) -> Void
  ) throws(ProcessControlError) {
    guard watches[descriptor] == nil else {
      preconditionFailure("Invariant: descriptor \(descriptor) is watched once")
    }
    lastGeneration &+= 1
    let watch = Watch(
      generation: lastGeneration, interest: Interest(readable: readable, writable: writable),
      handler: handler)
    if !watch.interest.isEmpty { try checked(add(descriptor, watch), "epoll_ctl") }
    watches[descriptor] = watch
  }

  /// Changes what a watched descriptor is watched for.
  package func update(_ descriptor: Int32, readable: Bool, writable: Bool) {
    guard var watch = watches[descriptor] else {
      preconditionFailure("Invariant: descriptor \(descriptor) is watched")
    }
    let before = watch.interest
    watch.interest = Interest(readable: readable, writable: writable)
    guard watch.interest != before else { return }
    watches[descriptor] = watch
    let result =
      if before.isEmpty {
        add(descriptor, watch)
      } else if watch.interest.isEmpty {
        platform_poll_remove(poll.number, descriptor)
      } else {
        platform_poll_change(
          poll.number, descriptor, watch.interest.rawValue, token(descriptor, watch))
      }
    requireOpen(descriptor, result)
  }

  /// Ends a watch, if there is one. The handler is not called again, also not for readiness that
  /// this turn has found already.
  package func unwatch(_ descriptor: Int32) {
    guard let watch = watches.removeValue(forKey: descriptor), !watch.interest.isEmpty else {
      return
    }
    requireOpen(descriptor, platform_poll_remove(poll.number, descriptor))
  }

  /// Runs the action once, not before the deadline. A deadline that has passed is due at once, but
  /// never inside this call.
  @discardableResult
  package func schedule(
    at deadline: MonotonicInstant, _ action: @escaping () -> Void
  ) -> TimerToken {
    timers.add(deadline, action)
  }

  @discardableResult
  package func schedule(after delay: TimeSpan, _ action: @escaping () -> Void) -> TimerToken {
    schedule(at: clock.monotonicNow() + delay, action)
  }

  /// Runs the action once, when a span of civil time has passed.
  @discardableResult
  package func schedule(
    afterCivil delay: TimeSpan, _ action: @escaping () -> Void
  ) -> TimerToken {
    schedule(after: pace.realSpan(delay), action)
  }

  /// A timer that has run or was cancelled already is none any more; cancelling it does nothing.
  package func cancel(_ token: TimerToken) {
    timers.cancel(token)
  }

  /// Appends work to the mailbox, behind all work that was enqueued or posted before.
  package func enqueue(_ work: @escaping () -> Void) {
    collectPosted()
    mailbox.append(Mailbox.Item(work: work, arrivedAt: clock.monotonicNow()))
  }

  /// Work items that wait, posted ones included.
  package var backlog: Int { mailbox.count + inbox.waiting }

  /// How long the oldest work item has been waiting; zero if none does.
  package var oldestAge: TimeSpan {
    guard let oldest = mailbox.oldestArrival ?? inbox.oldestArrival else { return .zero }
    return clock.monotonicNow() - oldest
  }

  /// Turns until `stop()`. May be called again afterwards; what waits, still waits.
  package func run() {
    precondition(!isRunning, "Condition failed: a loop does not run inside itself")
    precondition(inbox.isOnReactorThread, "Condition failed: a loop stays on its thread")
    isRunning = true
    isStopping = false
    while !isStopping { turn() }
    isRunning = false
  }

  /// Ends `run()`. No further handler, timer or work item runs.
  package func stop() {
    isStopping = true
  }

  private func turn() {
    loops += 1
    let found = platform_poll_wait(poll.number, events, timeout())
    guard found >= 0 else { preconditionFailure("Invariant: epoll waits (error \(-found))") }
    for index in 0..<Int(found) where !isStopping { dispatch(events[index]) }
    for token in timers.due(at: clock.monotonicNow()) {
      if isStopping { timers.putBack(token) } else { timers.take(token)?() }
    }
    collectPosted()
    for _ in 0..<min(mailbox.count, Self.workPerTurn) where !isStopping {
      mailbox.popFirst()?.work()
    }
  }

  /// Nanoseconds, below zero for "until something happens".
  private func timeout() -> Int64 {
    if mailbox.count > 0 { return 0 }
    guard let deadline = timers.nextDeadline() else { return -1 }
    return max(0, (deadline - clock.monotonicNow()).nanos)
  }

  private func dispatch(_ event: platform_event) {
    guard event.token != Self.wakeupToken else {
      _ = platform_wakeup_clear(inbox.wakeup.number)
      return
    }
    let descriptor = Int32(truncatingIfNeeded: event.token)
    guard let watch = watches[descriptor], token(descriptor, watch) == event.token else { return }
    let isBroken =
      Int(event.readiness) & (PLATFORM_HANGUP | PLATFORM_ERROR) != 0
    // A handler that only looks at what it asked for must still meet the end of a stream.
    let ready =
      isBroken
      ? watch.interest
      : Interest(rawValue: event.readiness)
        .intersection(watch.interest)
    guard !ready.isEmpty else { return }
    watch.handler(
      Readiness(
        isReadable: ready.contains(.readable), isWritable: ready.contains(.writable),
        isBroken: isBroken))
  }

  private func collectPosted() {
    for item in inbox.takeAll() {
      mailbox.append(Mailbox.Item(work: item.work, arrivedAt: item.arrivedAt))
    }
  }

  private func add(_ descriptor: Int32, _ watch: Watch) -> Int32 {
    platform_poll_add(
      poll.number, descriptor, watch.interest.rawValue, token(descriptor, watch))
  }

  private func token(_ descriptor: Int32, _ watch: Watch) -> UInt64 {
    UInt64(watch.generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }

  /// A descriptor that was closed under its watch may live on as a duplicate in another process
  /// and would then be reported for ever, to nobody.
  private func requireOpen(_ descriptor: Int32, _ result: Int32) {
    guard result >= 0 else {
      preconditionFailure(
        "Invariant: descriptor \(descriptor) is unwatched before it is closed (error \(-result))")
    }
  }
}
