import Dispatch
package import RiskModel
import Synchronization

/// Appends to the audit log from a thread of its own, so that whoever decides never waits for it.
///
/// What cannot be written is dropped and counted; the count is the next record that can be.
package final class AuditRecorder: Sendable {
  package struct Figures: Equatable, Sendable {
    package var written: Int64 = 0
    package var lost: Int64 = 0
    /// Why the last attempt failed; `nil` when it did not.
    package var problem: String?
  }

  private struct State {
    var waiting = 0
    var figures = Figures()
    var head: AuditHead?
    /// Lost since the last record that says so.
    var unsaid: Int64 = 0
  }

  /// Entries that may wait.
  package static let capacity = 10_000

  package let log: AuditLog
  private let who: String
  private let background = DispatchQueue(label: "audit.log")
  private let state = Mutex(State())
  private let changed: @Sendable (Figures) -> Void

  /// `changed` is called on the recorder's thread when writing fails, and when it works again.
  package init(
    _ log: AuditLog, who: String, changed: @escaping @Sendable (Figures) -> Void = { _ in }
  ) {
    self.log = log
    self.who = who
    self.changed = changed
  }

  package var figures: Figures { state.withLock { $0.figures } }
  /// The end of the chain behind the last record of this recorder that is on the disk; `nil` before
  /// it. Who remembers it elsewhere must not remember what a power cut takes back.
  package var head: AuditHead? { state.withLock { $0.head } }

  /// Takes entries on; returns at once.
  package func record(_ entries: [AuditEntry]) {
    guard !entries.isEmpty else { return }
    let isTaken = state.withLock { state in
      guard state.waiting + entries.count <= Self.capacity else {
        state.figures.lost += Int64(entries.count)
        state.unsaid += Int64(entries.count)
        return false
      }
      state.waiting += entries.count
      return true
    }
    guard isTaken else { return }
    background.async { self.write(entries) }
  }

  /// Waits until what was taken on is written, for a bounded time.
  ///
  /// - Returns: Whether it is.
  @discardableResult
  package func finish(within limit: TimeSpan) -> Bool {
    let done = DispatchSemaphore(value: 0)
    background.async { done.signal() }
    return done.wait(timeout: .now() + .milliseconds(Int(limit.milliseconds))) == .success
  }

  private func write(_ entries: [AuditEntry]) {
    let unsaid = state.withLock { $0.unsaid }
    var all = entries
    if unsaid > 0 {
      all.insert(
        AuditEntry(
          at: entries[0].at, who: who, what: "records.lost", detail: ["count": "\(unsaid)"]),
        at: 0)
    }
    var problem: String?
    var written: AuditHead?
    var durable: AuditHead?
    do throws(AuditError) {
      written = try log.append(all, patience: .seconds(1))
      try log.synchronise()
      durable = written
    } catch {
      problem = error.description
    }
    let (figures, hasChanged) = state.withLock { state in
      let hasChanged = (state.figures.problem == nil) != (problem == nil)
      state.waiting -= entries.count
      state.figures.problem = problem
      state.head = durable ?? state.head
      if written != nil {
        state.figures.written += Int64(all.count)
        state.unsaid -= unsaid
      } else {
        state.figures.lost += Int64(entries.count)
        state.unsaid += Int64(entries.count)
      }
      return (state.figures, hasChanged)
    }
    if hasChanged { changed(figures) }
  }
}
