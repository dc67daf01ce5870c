import CPlatform

/// Signals as events of a reactor instead of interruptions.
///
/// Made before the process has a second thread: the signals are blocked in the calling thread and in
/// threads that it starts later; any other thread would take their default action.
package final class SignalSource {
  package struct Arrival: Equatable, Sendable {
    package var number: Int32
    /// The process that sent the signal; `nil` when it was the kernel.
    package var sender: Int32?
  }

  private let signals: Descriptor
  private let reactor: Reactor

  package init(
    _ numbers: [Int32], on reactor: Reactor, handler: @escaping (Arrival) -> Void
  ) throws(ProcessControlError) {
    self.reactor = reactor
    let signals = Descriptor(
      owning: try checked(platform_signals_open(numbers, Int32(numbers.count)), "signalfd"))
    self.signals = signals
    try reactor.watch(signals.number, readable: true) { _ in
      var signal = platform_signal()
      while signals.isOpen, platform_signals_read(signals.number, &signal) > 0 {
        handler(Arrival(number: signal.number, sender: signal.sender > 0 ? signal.sender : nil))
      }
    }
  }

  deinit { close() }

  /// Ends the delivery. The signals stay blocked.
  package func close() {
    guard signals.isOpen else { return }
    reactor.unwatch(signals.number)
    signals.close()
  }

  /// Keeps the signals until a source is made for them, in the calling thread and in threads that
  /// it starts later. For a process that has threads before it has a reactor.
  package static func hold(_ numbers: [Int32]) throws(ProcessControlError) {
    try checked(platform_signals_hold(numbers, Int32(numbers.count)), "pthread_sigmask")
  }

  /// From now on the signal does nothing, in this process and in programs that it executes.
  package static func ignore(_ number: Int32) throws(ProcessControlError) {
    try checked(platform_signal_ignore(number), "sigaction")
  }
}
