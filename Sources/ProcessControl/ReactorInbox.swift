import CPlatform
import Glibc
import RiskModel
import Synchronization

/// The entrance to a reactor's mailbox for other threads.
///
/// Work from one thread runs in the order of its posting; work of all threads in the order in which
/// the posts took the lock. The inbox outlives its reactor; what is posted then never runs.
package final class ReactorInbox: Sendable {
  typealias Work = @Sendable () -> Void

  private struct Posted {
    var items: [Mailbox<Work>.Item] = []
  }

  let wakeup: Descriptor
  private let clock: any Clock
  private let posted = Mutex(Posted())
  /// Spares the loop the lock while nothing is posted.
  private let count = Atomic<Int>(0)
  /// The only thread on which the reactor's work runs.
  private let thread: pthread_t

  init(clock: any Clock) throws(ProcessControlError) {
    self.clock = clock
    thread = pthread_self()
    wakeup = Descriptor(owning: try checked(platform_wakeup_create(), "eventfd"))
  }

  /// Appends work to the mailbox and wakes the loop. Never blocks for long, never runs the work
  /// itself, also not on the reactor's own thread.
  package func post(_ work: @escaping @Sendable () -> Void) {
    let item = Mailbox.Item(work: work, arrivedAt: clock.monotonicNow())
    let wasEmpty = posted.withLock { posted in
      posted.items.append(item)
      count.store(posted.items.count, ordering: .releasing)
      return posted.items.count == 1
    }
    if wasEmpty { _ = platform_wakeup_signal(wakeup.number) }
  }

  var isOnReactorThread: Bool { pthread_equal(thread, pthread_self()) != 0 }
  var waiting: Int { count.load(ordering: .acquiring) }
  var oldestArrival: MonotonicInstant? { posted.withLock { $0.items.first?.arrivedAt } }

  /// The wakeup stays signalled if work was posted; clearing it is the loop's business.
  func takeAll() -> [Mailbox<Work>.Item] {
    guard waiting > 0 else { return [] }
    return posted.withLock { posted in
      defer {
        posted.items = []
        count.store(0, ordering: .releasing)
      }
      return posted.items
    }
  }
}

/// A value that belongs to a reactor's thread, carried through other threads so that work which
/// they post can use it. Touching the value elsewhere stops the process.
///
/// It must also be let go on the reactor's thread if the value's deinit is not thread-safe.
package struct ReactorBound<Value>: @unchecked Sendable {
  // Safety: `value` is reachable only through the accessor, which checks the thread.
  private let stored: Value
  private let inbox: ReactorInbox

  package init(_ value: Value, _ inbox: ReactorInbox) {
    precondition(inbox.isOnReactorThread, "Condition failed: the value is of the reactor's thread")
    stored = value
    self.inbox = inbox
  }

  package var value: Value {
    guard inbox.isOnReactorThread else {
      preconditionFailure("Invariant: a value of a reactor is used on the reactor's thread only")
    }
    return stored
  }
}
