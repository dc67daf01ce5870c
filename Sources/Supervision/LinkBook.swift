import RiskModel

/// State machine: the transports of the links between the workers.
///
/// A transport is never used twice: whenever an end starts, and whenever an end says that it broke,
/// both ends get a fresh one with the next epoch.
struct LinkBook: Equatable, Sendable {
  /// What to do about a transport of which an end says that it broke.
  enum BrokenAction: Equatable {
    /// It has been replaced already, or will be when the other end is there again.
    case ignore
    case renew
    /// The other end sends what is of no use; a fresh transport would not help.
    case restart(sender: WorkerName)
  }

  enum TimeAction: Equatable {
    case renew(LinkName)
    case restartUnconfirmed(WorkerName, LinkName)
  }

  private struct Link: Equatable {
    var epoch: Int64 = 0
    /// Whether both ends have been handed the transport of `epoch`.
    var isOpen = false
    /// The ends that have not yet said that they use it.
    var unconfirmed: Set<WorkerName> = []
    /// When those of them that are ready must have said so.
    var deadlines: [WorkerName: MonotonicInstant] = [:]
    /// When each end said, within the last minute, that the transport broke.
    var breaks: [WorkerName: [MonotonicInstant]] = [:]
    /// When to try again, after the transport could not be made.
    var retryAt: MonotonicInstant?

    mutating func settle(_ worker: WorkerName) {
      unconfirmed.remove(worker)
      deadlines[worker] = nil
    }

    mutating func close() {
      isOpen = false
      unconfirmed = []
      deadlines = [:]
      retryAt = nil
    }
  }

  private var links: [LinkName: Link] = Dictionary(
    uniqueKeysWithValues: LinkName.allCases.map { ($0, Link()) })

  func epoch(of link: LinkName) -> Int64 { links[link]?.epoch ?? 0 }

  func isConfirmed(_ link: LinkName) -> Bool {
    guard let state = links[link] else { return false }
    return state.isOpen && state.unconfirmed.isEmpty
  }

  /// A fresh transport goes to both ends. An end that is ready must confirm it by its deadline; one
  /// that is still starting has none.
  mutating func renew(_ link: LinkName, deadline: (WorkerName) -> MonotonicInstant?) -> Int64 {
    let (first, second) = link.ends
    return update(link) { state in
      state.epoch += 1
      state.isOpen = true
      state.retryAt = nil
      state.unconfirmed = [first, second]
      state.deadlines = [:]
      state.deadlines[first] = deadline(first)
      state.deadlines[second] = deadline(second)
      return state.epoch
    }
  }

  mutating func confirmed(_ link: LinkName, epoch: Int64, by worker: WorkerName) {
    update(link) { state in
      if state.epoch == epoch { state.settle(worker) }
    }
  }

  mutating func broken(
    _ link: LinkName, epoch: Int64, by reporter: WorkerName, at moment: MonotonicInstant,
    limitPerMinute: Int
  ) -> BrokenAction {
    update(link) { state in
      guard state.isOpen, state.epoch == epoch else { return .ignore }
      let earlier = state.breaks[reporter] ?? []
      let recent = earlier.filter { moment - $0 < .seconds(60) } + [moment]
      state.breaks[reporter] = recent
      guard recent.count > limitPerMinute, let sender = link.neighbour(of: reporter) else {
        return .renew
      }
      state.close()
      return .restart(sender: sender)
    }
  }

  /// The transport could not be made or handed over.
  mutating func notMade(_ link: LinkName, epoch: Int64, retryAt: MonotonicInstant) {
    update(link) { state in
      guard state.isOpen, state.epoch == epoch else { return }
      state.close()
      state.retryAt = retryAt
    }
  }

  mutating func becameReady(_ worker: WorkerName, confirmBy deadline: MonotonicInstant) {
    for link in LinkName.allCases {
      update(link) { state in
        if state.unconfirmed.contains(worker) { state.deadlines[worker] = deadline }
      }
    }
  }

  /// The process of this end is gone or going; what it broke dies with it.
  mutating func ended(_ worker: WorkerName) {
    for link in LinkName.allCases where link.neighbour(of: worker) != nil {
      update(link) { state in
        state.close()
        state.breaks = [:]
      }
    }
  }

  mutating func timePassed(at moment: MonotonicInstant) -> [TimeAction] {
    LinkName.allCases.flatMap { link in
      update(link) { state -> [TimeAction] in
        if let retryAt = state.retryAt, moment >= retryAt {
          state.retryAt = nil
          return [.renew(link)]
        }
        let late = WorkerName.allCases.filter { worker in
          state.deadlines[worker].map { moment >= $0 } ?? false
        }
        for worker in late { state.settle(worker) }
        return late.map { .restartUnconfirmed($0, link) }
      }
    }
  }

  var nextDeadline: MonotonicInstant? {
    links.values.flatMap { state in
      Array(state.deadlines.values) + [state.retryAt].compactMap(\.self)
    }.min()
  }

  mutating func postpone(by span: TimeSpan) {
    for link in LinkName.allCases {
      update(link) { state in
        state.retryAt = state.retryAt.map { $0 + span }
        state.deadlines = state.deadlines.mapValues { $0 + span }
      }
    }
  }

  @discardableResult
  private mutating func update<Result>(
    _ link: LinkName, _ body: (inout Link) -> Result
  ) -> Result {
    body(&links[link, default: Link()])
  }
}

extension LinkName {
  /// The other end; `nil` when the worker is no end of this link.
  func neighbour(of worker: WorkerName) -> WorkerName? {
    let (first, second) = ends
    if worker == first { return second }
    if worker == second { return first }
    return nil
  }
}
