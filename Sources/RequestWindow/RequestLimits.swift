package import RiskModel

/// Which of the venue's two budgets a request counts in.
package enum RequestBudget: CaseIterable, Sendable {
  /// Everything but bars: 200 requests in 60 s (documented).
  case general
  /// Bars: 50 requests in 30 s (documented).
  case history
}

/// Who wants to send.
package enum RequestParty: Sendable {
  /// What enforcement changes: may use the whole window.
  case enforcement
  /// What enforcement reads: leaves a ninth of the window to what it changes.
  case look
  /// Leaves the reserve to enforcement, and half of its own share after an HTTP 429.
  case others
  /// What can wait: leaves a tenth of the others' share to what cannot, such as signing in.
  case routine
}

/// What the window says to one request.
package enum RequestAdmission: Equatable, Sendable {
  /// The request is counted and leaves now.
  case granted
  /// Nothing was counted; ask again after this time.
  case wait(TimeSpan)
}

/// How many requests may leave in any window of time. Requests that wait are late by a little;
/// requests above the venue's limit are refused, so a tenth of it stays unused.
package struct RequestLimits: Equatable, Sendable {
  package struct Window: Equatable, Sendable {
    package var requests: Int
    package var length: TimeSpan

    package init(requests: Int, length: TimeSpan) {
      self.requests = requests
      self.length = length
    }
  }

  /// The share of the venue's limit that is used, in hundredths.
  static let usedShare = 90
  /// The share of the general window that only enforcement may use: 60 of 180.
  static let reserveDivisor = 3
  /// The share of the general window that the reads of enforcement leave: 20 of 180.
  static let changesDivisor = 9
  /// The share of the general window that a busy account leaves to other accounts: 30 of 180.
  static let accountsDivisor = 6
  /// An account is busy in which more was closed than this share of the general window, 15 of 180,
  /// and not all at once, as by a single flatten of many contracts.
  static let busyDivisor = 12
  /// What takes longer than this share of the window's length, 3 of 60 s, is not all at once.
  static let burstDivisor: Int64 = 20
  /// The share of the others' requests that is not for what can wait.
  static let urgentDivisor = 10
  /// How long the others send half as much after the venue refused a request with 429.
  package static let penalty = TimeSpan.seconds(60)

  package var general: Window
  package var history: Window

  /// - Parameters: the venue's own limits; nine tenths of them are used.
  package init(general: Window, history: Window) {
    self.general = RequestLimits.used(general, .general)
    self.history = RequestLimits.used(history, .history)
  }

  private static func used(_ window: Window, _ budget: RequestBudget) -> Window {
    let requests = min(max(1, window.requests * usedShare / 100), RequestRing.slots(budget))
    return Window(requests: requests, length: window.length)
  }

  package subscript(budget: RequestBudget) -> Window {
    switch budget {
    case .general: general
    case .history: history
    }
  }

  /// How many general requests the others have in a minute, in the long run.
  package var othersPerMinute: Int64 {
    let share = Int64(most(.general, for: .others, isPenalized: false))
    return max(1, share * TimeSpan.seconds(60).nanos / max(1, general.length.nanos))
  }

  /// Whether an account is entered again and again: so many closes by enforcement are in the window,
  /// the first of them so long ago.
  package func isBusy(closes: Int, over span: TimeSpan) -> Bool {
    closes > general.requests / RequestLimits.busyDivisor
      && span.nanos > general.length.nanos / RequestLimits.burstDivisor
  }

  /// The least time between two changes and between two reads of a busy account, while so many
  /// places are free: together they need no more than those in a window's length. So the window is
  /// not used up, and a close waits for seconds, not for a minute. At most 2 s, so that a read still
  /// leaves before it has waited too long.
  package func spacing(free places: Int) -> TimeSpan {
    let places = max(1, general.requests / 3, places)
    return TimeSpan(nanos: 2 * general.length.nanos / Int64(places))
  }

  /// How many requests, of everybody, may be in the window when this party sends another.
  func most(
    _ budget: RequestBudget, for party: RequestParty, ofBusyAccount isBusy: Bool = false,
    isPenalized: Bool
  ) -> Int {
    let whole = self[budget].requests
    switch party {
    case .enforcement, .look:
      let changes = party == .look ? whole / RequestLimits.changesDivisor : 0
      let accounts = isBusy ? whole / RequestLimits.accountsDivisor : 0
      return max(1, whole - changes - accounts)
    case .others, .routine:
      let reserve = budget == .general ? whole / RequestLimits.reserveDivisor : 0
      let all = max(1, whole - reserve)
      let share = isPenalized ? max(1, all / 2) : all
      return party == .others ? share : max(1, share - share / RequestLimits.urgentDivisor)
    }
  }
}
